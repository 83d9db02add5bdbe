"""Laws of the pretended ServiceNow: nothing readable is lost, and history explains the row."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.servicenow.writing import Hand, update
from tests.sandbox.servicenow_client import SECOND, Instance, Row

SORTED = "ORDERBYsys_updated_on^ORDERBYsys_id"
PAGE = 3


def keyset_walk(snow: Instance) -> Iterator[Row]:
    """What a careful reader does: rows after the last one, until a page is empty, then over it.

    An empty page that counts rows hides some; they are stepped over by offset.
    """
    at, last, offset = "", "", 0
    while True:
        same = f"sys_updated_on={at}^sys_id>{last}^NQ" if at else ""
        query = f"{same}sys_updated_on>{at or '2000-01-01 00:00:00'}^{SORTED}"
        rows = snow.rows("incident", query, limit=PAGE, offset=offset, no_count="true")
        yield from rows
        if rows:
            at, last, offset = rows[-1]["sys_updated_on"], rows[-1]["sys_id"], 0
            continue
        total = snow.ask("table/incident", query=query, limit=1).headers["X-Total-Count"]
        offset += PAGE
        if offset >= int(total):
            return


@given(
    seconds=st.lists(st.integers(0, 2), min_size=1, max_size=14),
    hidden=st.sets(st.integers(0, 13)),
)
@settings(max_examples=25, deadline=None)
def test_a_keyset_walk_finds_every_readable_row_once(seconds: list[int], hidden: set[int]) -> None:
    snow = Instance()
    ids = []
    for gap in seconds:
        snow.clock.advance(gap * SECOND)
        ids.append(snow.incident())
    snow.desk.dials.hidden = [ids[i] for i in hidden if i < len(ids)]
    seen = [row["sys_id"] for row in keyset_walk(snow)]
    assert sorted(seen) == sorted(set(ids) - set(snow.desk.dials.hidden))


def test_stopping_at_a_short_page_loses_rows() -> None:
    """The trap itself: were it not there, the law above would prove nothing."""
    snow = Instance()
    ids = [snow.incident() for _ in range(9)]
    snow.desk.dials.hidden = ids[:2]
    assert len(snow.rows("incident", "ORDERBYnumber", limit=PAGE)) == 1


VALUES = {
    "state": ["1", "2", "3", "6", "7"],
    "impact": ["1", "2", "3"],
    "urgency": ["1", "2", "3"],
    "assignment_group": ["", "a" * 32, "b" * 32],
    "u_sla_status": ["", "On track", "Breached"],
}
CHANGE = st.dictionaries(st.sampled_from(sorted(VALUES)), st.integers(0, 4), min_size=1)


@given(steps=st.lists(st.tuples(st.integers(0, 2), CHANGE), max_size=12))
@settings(max_examples=25, deadline=None)
def test_walking_back_through_sys_audit_gives_the_first_values(
    steps: list[tuple[int, dict[str, int]]],
) -> None:
    snow = Instance()
    sys_id = snow.incident()
    first = snow.desk.get("incident", sys_id)
    assert first is not None
    for gap, chosen in steps:
        snow.clock.advance(gap * SECOND)
        picked = {name: VALUES[name][i % len(VALUES[name])] for name, i in chosen.items()}
        update(snow.desk, "incident", sys_id, picked, Hand("bob", snow.clock.now()))
    [row] = snow.rows("incident")
    newest_first = "ORDERBYDESCinternal_checkpoint^ORDERBYDESCsys_id"
    for change in snow.rows("sys_audit", f"documentkey={sys_id}^{newest_first}"):
        assert row[change["fieldname"]] == change["newvalue"]
        row[change["fieldname"]] = change["oldvalue"]
    stamps = {"sys_updated_on", "sys_updated_by", "sys_mod_count"}
    assert {k: v for k, v in row.items() if k not in stamps} == {
        k: v for k, v in first.items() if k not in stamps
    }


@given(steps=st.lists(CHANGE, max_size=8))
@settings(max_examples=25, deadline=None)
def test_checkpoints_rise_with_every_update_even_within_a_second(
    steps: list[dict[str, int]],
) -> None:
    snow = Instance()
    sys_id = snow.incident()
    for chosen in steps:
        picked = {name: VALUES[name][i % len(VALUES[name])] for name, i in chosen.items()}
        update(snow.desk, "incident", sys_id, picked, Hand("bob", snow.clock.now()))
    rows = snow.rows("sys_audit", f"documentkey={sys_id}^ORDERBYinternal_checkpoint^ORDERBYsys_id")
    counts = [int(row["record_checkpoint"]) for row in rows]
    assert counts == sorted(counts)
    assert set(counts) == set(range(1, int(snow.rows("incident")[0]["sys_mod_count"]) + 1))


def test_a_quiet_update_cannot_be_explained_by_history() -> None:
    snow = Instance()
    sys_id = snow.incident()
    hand = Hand("bob", snow.clock.now())
    update(snow.desk, "incident", sys_id, {"state": "6"}, hand, audit=False)
    assert snow.rows("sys_audit") == []
    assert snow.rows("incident")[0]["state"] == "6"


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("", lambda _: True),
        ("state=2^", lambda row: row["state"] == "2"),
        ("state=2^ORstate=3^", lambda row: row["state"] in "23"),
        ("priority=3^NQstate=2^", lambda row: row["priority"] == "3" or row["state"] == "2"),
    ],
)
def test_indexes_find_what_a_plain_look_finds(query: str, matches: Callable[[Row], bool]) -> None:
    """After writes too: pages through the index equal the rows told one by one."""
    snow = Instance()
    ids = [snow.incident() for _ in range(6)]
    for at, sys_id in enumerate(ids):
        snow.rows("incident", SORTED)  # makes the indexes
        snow.clock.advance(at % 2 * SECOND)
        snow.patch(sys_id, state=str(at % 3 + 1), impact=str(at % 3 + 1), urgency="1")
    found = [row["sys_id"] for row in snow.rows("incident", query + SORTED)]
    rows = [row for row in map(dict, snow.desk.rows("incident")) if matches(row)]
    rows.sort(key=lambda row: (row["sys_updated_on"], row["sys_id"]))
    assert found == [row["sys_id"] for row in rows]
    assert found
