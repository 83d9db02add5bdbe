"""A change without an entry in the history: no verdict, where a policy tells its ends apart."""

from __future__ import annotations

import msgspec
import pytest

from sla_engine.evaluate import compiled, evaluate, hole
from sla_engine.fold import fields_at
from sla_engine.inputs import history_hash
from sla_engine.model import Gap, Ticket, Value
from tests.engine.desk import STAFF, at, policies, ticket

BY_PRIORITY = """
policies:
  desk:
    match: {project: SUP}
    calendar: 24x7
    pause: {status: Waiting}
    targets: {resolution: {P1: 4h, P2: 8h, default: 3bd}}
"""
IN_ONE_WORD = f"fields: {{priority: {{values: {{P1: [Urgent, P1]}}}}}}\n{BY_PRIORITY}"
ACKNOWLEDGED = (
    "policies: {desk: {match: {project: SUP}, calendar: 24x7, targets: {acknowledge: 1h}}}"
)
UPON_CHANGE = """
policies:
  desk:
    match: {project: SUP}
    calendar: 24x7
    clocks: {review: {start: {team: {changed: true}}, stop: {status: Done}}}
    targets: {review: 1h}
"""


def torn(field: str, before: Value, after: Value) -> Ticket:
    whole = ticket("09:00", ("10:00", STAFF, {field: before}))
    return msgspec.structs.replace(whole, gaps=(Gap(field, before, after),))


@pytest.mark.parametrize(
    ("text", "field", "before", "after", "known"),
    [
        pytest.param(BY_PRIORITY, "team", "Network", "Carrier", True, id="nothing reads it"),
        pytest.param(BY_PRIORITY, "priority", "P1", "P2", False, id="another target"),
        pytest.param(BY_PRIORITY, "priority", "P3", "P4", True, id="both have the default"),
        pytest.param(BY_PRIORITY, "priority", "Urgent", "P1", False, id="an unknown word"),
        pytest.param(IN_ONE_WORD, "priority", "Urgent", "P1", True, id="two words for one"),
        pytest.param(BY_PRIORITY, "priority", "P1", None, False, id="it was emptied"),
        pytest.param(BY_PRIORITY, "status", "Waiting", "Open", False, id="a pause"),
        pytest.param(UPON_CHANGE, "team", "a", "b", False, id="the change itself counts"),
        pytest.param(ACKNOWLEDGED, "assignee", None, "ada", False, id="assigned some time"),
        pytest.param(ACKNOWLEDGED, "assignee", "ada", "eda", True, id="an account by another id"),
        pytest.param(BY_PRIORITY, "assignee", None, "ada", True, id="assigning counts nowhere"),
    ],
)
def test_a_gap_allows_no_verdict_where_a_policy_tells_its_ends_apart(
    text: str, field: str, before: Value, after: Value, *, known: bool
) -> None:
    desk, one = policies(text), torn(field, before, after)
    states = {verdict.state for verdict in evaluate(desk, one, at("11:00"))}
    assert (states != {"unknown"}) is known
    assert (hole(desk, one) == "") is known


def test_the_reason_names_the_field_and_both_ends() -> None:
    (verdict,) = evaluate(policies(BY_PRIORITY), torn("priority", "Urgent", "P1"), at("11:00"))
    assert verdict.reason == 'the history does not say when priority went from "Urgent" to "P1"'


def test_a_gap_of_a_member_is_a_hole_of_its_parent() -> None:
    whole = msgspec.structs.replace(ticket(), members=(torn("priority", "P1", "P2"),))
    assert "priority" in hole(policies(BY_PRIORITY), whole)


def test_a_step_of_a_ladder_sees_what_stands_in_the_ticket_now() -> None:
    tables = compiled(policies(BY_PRIORITY))[0]
    assert fields_at(tables, torn("team", "Network", "Carrier"), at("11:00"))["team"] == "Carrier"


def test_a_gap_is_something_that_verdicts_follow_from() -> None:
    gap = torn("team", "a", "b")
    whole = msgspec.structs.replace(gap, gaps=())
    assert history_hash(gap, at("11:00")) != history_hash(whole, at("11:00"))
