"""A cap on pauses, where cycles are left, taken up again, reopened and begun anew."""

from __future__ import annotations

from sla_engine.model import Ticket
from sla_engine.units import MINUTE
from tests.engine.desk import DONE, STAFF, WAITING, policies, ticket, told

CAPPED = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    pause: {while: {status: Waiting for customer}, max: 1h}
    reopen: resume
    on_target_change: restart
    clocks:
      held: {by: assignee, start: {assignee: {set: true}}, stop: {status_category: done},
             cycles: sum}
    targets: {resolution: {P1: 4h, default: 8h}, held: 4h}
""")
WORKED = {"status": "In Progress", "status_category": "in_progress"}
WAITS = {**WAITING, "status_category": "in_progress"}


def to(who: str) -> dict[str, str]:
    return {"assignee": who}


def cycles(whole: Ticket, when: str, clock: str) -> list[list[tuple[str, str, int]]]:
    """Of each cycle its spans: phase, reason and minutes counted."""
    return [
        [(span.phase, span.reason, span.counted // MINUTE) for span in verdict.spans]
        for verdict in told(CAPPED, whole, when, clock)
    ]


def test_a_value_that_comes_back_finds_as_much_of_its_cap_as_it_left() -> None:
    whole = ticket(
        "09:00", ("09:30", STAFF, WAITING), ("11:00", STAFF, to("bob")),
        ("11:30", STAFF, to("ada")), ("12:00", STAFF, WORKED), ("12:30", STAFF, WAITING),
        ("13:00", STAFF, to("bob")), assignee="ada",
    )  # fmt: skip
    ada, bob = cycles(whole, "14:00", "held")
    assert ada == [
        ("running", "created", 30), ("paused", "Waiting for customer", 0),
        ("running", "pause cap reached", 30), ("stopped", "elsewhere in between", 0),
        ("running", "started", 90),
    ]  # fmt: skip
    assert bob == [
        ("paused", "Waiting for customer", 0), ("stopped", "elsewhere in between", 0),
        ("paused", "Waiting for customer", 0), ("running", "pause cap reached", 30),
    ]  # fmt: skip


def test_a_new_cycle_for_a_new_target_has_a_cap_of_its_own() -> None:
    whole = ticket(
        "09:00", ("10:00", STAFF, WAITS), ("12:00", STAFF, {"priority": "P1"}),
        ("12:30", STAFF, WORKED),
    )  # fmt: skip
    assert cycles(whole, "13:00", "resolution") == [
        [("running", "created", 60), ("paused", "Waiting for customer", 0),
         ("running", "pause cap reached", 60)],
        [("paused", "Waiting for customer", 0), ("running", "resumed", 30)],
    ]  # fmt: skip


def test_it_rests_anew_where_the_cap_of_the_one_before_was_known_to_be_used_up() -> None:
    whole = ticket(
        "09:00", ("10:00", STAFF, WAITS), ("11:20", STAFF, WORKED), ("11:40", STAFF, WAITS),
        ("12:00", STAFF, {"priority": "P1"}), ("12:30", STAFF, WORKED), ("13:00", STAFF, WAITS),
    )  # fmt: skip
    assert cycles(whole, "14:00", "resolution")[1] == [
        ("paused", "Waiting for customer", 0), ("running", "resumed", 30),
        ("paused", "Waiting for customer", 0), ("running", "pause cap reached", 30),
    ]  # fmt: skip


def test_so_has_one_that_reopens_with_a_new_target() -> None:
    whole = ticket(
        "09:00", ("10:00", STAFF, WAITS), ("11:30", STAFF, DONE),
        ("12:00", STAFF, {**WAITS, "priority": "P1"}), ("12:30", STAFF, WORKED),
    )  # fmt: skip
    assert cycles(whole, "13:00", "resolution")[1:] == [
        [("paused", "Waiting for customer", 0), ("running", "resumed", 30)]
    ]


def test_one_that_reopens_with_the_same_has_the_rest_of_the_cap() -> None:
    whole = ticket(
        "09:00", ("10:00", STAFF, WAITS), ("11:30", STAFF, DONE), ("12:00", STAFF, WORKED),
        ("12:30", STAFF, WAITS),
    )  # fmt: skip
    (only,) = cycles(whole, "13:00", "resolution")
    assert only[2:] == [
        ("running", "pause cap reached", 30), ("stopped", "closed in between", 0),
        ("running", "reopened", 30), ("running", "pause cap reached", 30),
    ]  # fmt: skip
