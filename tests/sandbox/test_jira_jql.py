"""JQL as far as a sync, a board and a person use it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.hours import HOUR, MINUTE
from sandbox.jira.jql_read import JqlError, read_jql
from tests.sandbox.jira_site import DUE, MISSED, STATUS, Json, Site, jira_site


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The desk with SLA fields on five tickets."""
    with jira_site() as running:
        for key, status, minutes in (
            ("SUP-231", "At risk", 38),
            ("SUP-204", "Paused", None),
            ("SUP-240", "On track", 300),
            ("SUP-230", "Breached", -45),
        ):
            due = None if minutes is None else running.clock.now() + minutes * MINUTE
            _write(running, key, {STATUS: {"value": status}}, due)
        _write(running, "SUP-118", {STATUS: {"value": "Missed"}, MISSED: ["resolution"]}, None)
        yield running


def _write(site: Site, key: str, fields: Json, due: int | None) -> None:
    assert site.put(f"issue/{key}", fields=fields).status == 204
    issue = site.desk.find(key)
    assert issue
    issue.fields[DUE] = due


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ('"SLA status" = Breached AND statusCategory != Done', ["SUP-230"]),
        ('"SLA due" <= "2h" AND "SLA status" in ("On track","At risk")', ["SUP-231"]),
        ('"SLA due" is not EMPTY ORDER BY "SLA due"', ["SUP-230", "SUP-231", "SUP-240"]),
        ('"SLA due" is not EMPTY ORDER BY "SLA due" DESC', ["SUP-240", "SUP-231", "SUP-230"]),
        ('"SLA missed" = resolution', ["SUP-118"]),
        ('"SLA missed" is not EMPTY AND resolved >= startOfMonth()', ["SUP-118"]),
        ('"SLA missed" is not EMPTY AND resolved < startOfMonth()', []),
        ('cf[10101] = Paused', ["SUP-204"]),
        ('"sla STATUS" = paused and project = sup', ["SUP-204"]),
        ("key in (SUP-118, SUP-231) ORDER BY key", ["SUP-118", "SUP-231"]),
        ("key = OPS-60", ["SUP-105"]),
        ("id in (10166, 10169) ORDER BY id DESC", ["SUP-231", "SUP-118"]),
        ("key >= SUP-239 AND project = SUP ORDER BY key ASC", ["SUP-239", "SUP-240"]),
        ("status = Open", ["SUP-240"]),
        ("status in (1, 10002) ORDER BY status DESC", ["SUP-204", "SUP-240"]),
        ("statusCategory = 'To Do'", ["SUP-240"]),
        ("summary ~ 'checkout 502'", ["SUP-231"]),
        ("text ~ acquirer", ["SUP-231"]),
        ("labels = sweep-109", ["SUP-137"]),
        ("assignee is EMPTY AND statusCategory != Done", ["SUP-240"]),
        ("project = SUP AND statusCategory != Done AND priority > High", ["SUP-231"]),
        ("NOT (statusCategory = Done OR priority <= High) AND project = SUP", ["SUP-231"]),
        ("created >= -4h ORDER BY created", ["SUP-231", "SUP-240"]),
        ("created >= startOfDay() AND created < now()", ["SUP-240", "SUP-231"]),
        ("resolution = Duplicate", ["SUP-131"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_query_finds(site: Site, jql: str, keys: list[str]) -> None:
    assert site.keys(jql) == keys


def test_and_binds_closer_than_or(site: Site) -> None:
    jql = "key = SUP-118 OR key = SUP-231 AND status = Open"
    assert site.keys(jql) == ["SUP-118"]
    assert site.keys("(key = SUP-118 OR key = SUP-231) AND status = Open") == []


def test_what_is_empty_is_neither_equal_nor_unequal(site: Site) -> None:
    other = site.keys('"SLA status" != Breached')
    assert sorted(other) == ["SUP-118", "SUP-204", "SUP-231", "SUP-240"]
    assert sorted(site.keys('"SLA status" not in (Breached, Missed)')) == [
        "SUP-204", "SUP-231", "SUP-240",
    ]  # fmt: skip


def test_what_is_empty_comes_last_either_way(site: Site) -> None:
    jql = 'key in (SUP-204, SUP-240, SUP-231) ORDER BY "SLA due"'
    assert site.keys(jql)[-1] == site.keys(jql + " DESC")[-1] == "SUP-204"


def test_epoch_milliseconds_are_exact(site: Site) -> None:
    issue = site.desk.find("SUP-137")
    assert issue
    jql = "key = SUP-137 AND updated >= {}"
    assert site.keys(jql.format(issue.updated)) == ["SUP-137"]
    assert site.keys(jql.format(issue.updated + 1)) == []


@pytest.mark.parametrize(
    ("zone", "found"), [("Europe/Berlin", True), ("America/New_York", False), ("Asia/Tokyo", True)]
)
def test_quoted_dates_are_the_account_s(site: Site, zone: str, found: bool) -> None:
    """SUP-240 was created at 10:30 in Berlin."""
    site.desk.dials["time_zone"] = zone
    keys = site.keys('key = SUP-240 AND created >= "2026-11-21 10:30"')
    site.desk.dials["time_zone"] = ""
    assert keys == (["SUP-240"] if found else [])


@pytest.mark.parametrize(
    ("jql", "said"),
    [
        ("project = SUP AND updated >= yesterday", "Date value 'yesterday'"),
        ('updated >= "2026-11-21 10:30:15"', "is invalid. Valid formats include"),
        ("status = Nope", "The value 'Nope' does not exist for the field 'status'."),
        ('"SLA status" = Late', "The value 'Late' does not exist"),
        ("nonsense = 1", "Field 'nonsense' does not exist"),
        ("key = SUP-9999", "An issue with key 'SUP-9999' does not exist"),
        ("status was Open", "Expecting operator but got 'was'"),
        ("project = SUP AND", "ended before it was complete"),
        ("project = SUP)", "but got ')'"),
        ("(project = SUP", "Expecting ')' but got the end"),
        ("project in SUP", "Expecting '(' but got 'SUP'"),
        ("project = = SUP", "Expecting a value but got '='"),
        ("project not SUP", "Expecting 'in' after 'not'"),
        ("project = SUP ORDER key", "Expecting either 'OR' or 'AND' but got 'key'"),
        ("project = 'SUP", "reserved JQL character"),
        ("summary = 1 AND status ~ Open", "operator '~' is not supported by the 'status'"),
        ("summary > a", "operator '>' is not supported by the 'Summary' field"),
        ("status > EMPTY", "does not support EMPTY"),
        ("resolved > soon()", "Unable to find JQL function 'soon()'"),
        ("assignee = membersOf(x)", "Unable to find JQL function"),
        (
            "project = SUP ORDER BY key,id,created,updated,status,priority,summary,labels",
            "JQL can be ordered by at most 7 fields.",
        ),
    ],
    ids=lambda text: text,
)  # fmt: skip
def test_a_query_that_is_none_is_refused_in_words(site: Site, jql: str, said: str) -> None:
    answer = site.search(jql)
    assert answer.status == 400
    assert said in answer.said


def test_current_user_and_users_by_id(site: Site) -> None:
    bob = site.desk.users["bob"].account_id
    assert site.keys(f'assignee = "{bob}" AND key = SUP-118') == ["SUP-118"]
    assert site.keys("assignee = currentUser()") == []


def test_names_of_fields_are_not_unique_and_the_first_is_meant(site: Site) -> None:
    body = {"name": "SLA status", "type": "textfield", "searcherKey": "x"}
    assert site.post("field", **body).status == 201
    assert site.keys('"SLA status" = Breached') == ["SUP-230"]


@given(st.text(max_size=40))
def test_any_text_is_a_query_or_an_error(text: str) -> None:
    with contextlib.suppress(JqlError):
        assert read_jql(text).order is not None


def test_relative_dates_count_from_the_sandbox_s_now(site: Site) -> None:
    site.clock.advance(5 * HOUR)
    found = site.keys("created >= -4h")
    site.clock.advance(-5 * HOUR)
    assert found == []
