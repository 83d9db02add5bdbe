"""Encoded queries mean what the real server takes them to mean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.servicenow.fields import find_field
from sandbox.servicenow.query import Query, parse
from sandbox.servicenow.state import Desk

VECTORS = json.loads((Path(__file__).parent / "servicenow_vectors.json").read_text("utf-8"))
DESK = Desk()


def read(text: str, zone: str = "UTC") -> Query:
    return parse(text, lambda name: find_field(DESK, "incident", name), zone)


def test_there_are_28_vectors() -> None:
    assert len(VECTORS["match"]) == 28


@pytest.mark.parametrize(("text", "expected"), VECTORS["match"])
def test_another_projects_vectors_hold(text: str, expected: bool) -> None:
    assert read(text).matches(VECTORS["row"]) is expected


ROW = {
    "number": "INC0000001",
    "state": "3",
    "priority": "10",
    "active": "true",
    "short_description": "Mail is late",
    "sys_created_on": "2026-11-16 08:00:00",
    "sys_updated_on": "2026-11-16 09:00:00",
    "opened_at": "2026-11-16 08:00:00",
    "assigned_to": "",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("priorityBETWEEN9@11", True, id="between is by number"),
        pytest.param("priorityBETWEEN10@10", True, id="between includes both ends"),
        pytest.param("priorityIN1,10", True, id="in"),
        pytest.param("stateNOT IN1,2", True, id="not in"),
        pytest.param("short_description*MAIL", True, id="star is like"),
        pytest.param("short_description!*mail", False, id="bang star is not like"),
        pytest.param("short_descriptionNOT LIKEfire", True, id="not like"),
        pytest.param("short_description%late", True, id="percent is ends with"),
        pytest.param("short_description=mail is late", False, id="equality minds case"),
        pytest.param("assigned_toEMPTYSTRING", True, id="empty string"),
        pytest.param("assigned_to=NULL", True, id="NULL is empty"),
        pytest.param("assigned_to!=someone", True, id="nobody is not someone"),
        pytest.param("assigned_to<zzz", False, id="nothing is not less"),
        pytest.param("stateANYTHING", True, id="anything"),
        pytest.param("opened_atSAMEASsys_created_on", True, id="same as"),
        pytest.param("opened_atNSAMEASsys_created_on", False, id="not same as"),
        pytest.param("sys_updated_onGT_FIELDsys_created_on", True, id="more than a field"),
        pytest.param("opened_at>=2026-11-16", True, id="a bare date is its midnight"),
        pytest.param("opened_at<=2026-11-16", False, id="a bare date is not its day"),
        pytest.param("active=1", True, id="one is true"),
        pytest.param("state=1^ORstate=2^ORstate=3", True, id="or chains"),
        pytest.param("state=3^priority=1^ORactive=true", True, id="or binds to the last only"),
        pytest.param("state=1^priority=1^ORactive=true", False, id="and the first still counts"),
        pytest.param("state=1^NQpriority=10^ORDERBYnumber^EQ", True, id="new query, order, end"),
    ],
)
def test_operators(text: str, expected: bool) -> None:
    query = read(text)
    assert query.dropped == ()
    assert query.matches(ROW) is expected


@pytest.mark.parametrize(
    ("text", "dropped", "expected"),
    [
        pytest.param("u_typo=1", ("u_typo=1",), True, id="no such field"),
        pytest.param("stateRESEMBLES3", ("stateRESEMBLES3",), True, id="no such operator"),
        pytest.param("priority=high", ("priority=high",), True, id="no number"),
        pytest.param("opened_at>yesterday", ("opened_at>yesterday",), True, id="no date"),
        pytest.param("assigned_to.nope=1", ("assigned_to.nope=1",), True, id="no such step"),
        pytest.param("state=1^u_typo=1", ("u_typo=1",), False, id="the rest still counts"),
        pytest.param("state=1^ORu_typo=1", ("u_typo=1",), False, id="a lost alternative"),
        pytest.param("u_typo=1^ORstate=3", ("u_typo=1",), True, id="a lost first alternative"),
        pytest.param("ORDERBYu_typo", ("ORDERBYu_typo",), True, id="no such order"),
        pytest.param("STATE=3", ("STATE=3",), True, id="names mind case"),
    ],
)
def test_what_is_wrong_in_a_query_is_left_out(
    text: str, dropped: tuple[str, ...], expected: bool
) -> None:
    query = read(text)
    assert query.dropped == dropped
    assert query.matches(ROW) is expected


@pytest.mark.parametrize(
    ("zone", "expected"), [("UTC", True), ("Europe/Berlin", False), ("America/New_York", False)]
)
def test_generated_dates_are_read_in_the_callers_zone(zone: str, expected: bool) -> None:
    text = "opened_at=javascript:gs.dateGenerate('2026-11-16','08:00:00')"
    assert read(text, zone).matches(ROW) is expected


def test_several_orders_sort_by_the_first_first() -> None:
    query = read("active=true^ORDERBYstate^ORDERBYDESCpriority")
    assert [(sort.field, sort.descending) for sort in query.order] == [
        ("state", False),
        ("priority", True),
    ]
