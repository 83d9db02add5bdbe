"""Second looks: each sign at its edge, and none where nothing is odd."""

from __future__ import annotations

import pytest

from sla_engine.evaluate import evaluate
from sla_engine.model import Ticket
from sla_engine.second_looks import AHEAD, second_looks
from tests.engine.desk import CUSTOMER, STAFF, at, policies, ticket

DESK = policies("""
policies:
  sla:
    match: {project: SUP}
    calendar: 24x7
    pause: {while: {status: Waiting}, until: requester_replies}
    targets: {resolution: {P1: 100m, P2: 200m, default: none}}
  ola:
    type: ola
    match: {project: SUP}
    calendar: 24x7
    pause: {status: Waiting}
    targets: {resolution: none}
""")
WAITS = {"status": "Waiting"}
SAYS = {"comment": "public"}


def looks(history: Ticket, now: str, policy: str = "sla") -> tuple[str, ...]:
    (verdict,) = (v for v in evaluate(DESK, history, at(now)) if v.policy == policy)
    return second_looks(DESK, history, verdict)


@pytest.mark.parametrize(
    ("steps", "silent"),
    [
        pytest.param([("09:10", STAFF, WAITS)], True, id="nobody said a word"),
        pytest.param([("09:10", STAFF, SAYS | WAITS)], False, id="asked in the same step"),
        pytest.param([("09:05", STAFF, SAYS), ("09:10", STAFF, WAITS)], False, id="asked before"),
        pytest.param([("09:10", STAFF, WAITS), ("09:20", STAFF, SAYS)], False, id="asked after"),
        pytest.param(
            [("09:05", STAFF, {"comment": "internal"}), ("09:10", STAFF, WAITS)],
            True,
            id="a note among ourselves",
        ),
        pytest.param(
            [("09:05", STAFF, SAYS), ("09:07", CUSTOMER, SAYS), ("09:10", STAFF, WAITS)],
            True,
            id="the customer had the last word",
        ),
        pytest.param(
            [
                ("09:05", STAFF, SAYS | WAITS),
                ("09:10", CUSTOMER, SAYS),
                ("09:11", STAFF, {"status": "Open"}),
                ("09:12", STAFF, WAITS),
            ],
            True,
            id="the second pause",
        ),
        pytest.param([], False, id="no pause"),
    ],
)
def test_a_pause_without_a_word_to_the_customer_is_silent(
    steps: list[tuple[str, object, dict[str, str]]], silent: bool
) -> None:
    history = ticket("09:00", *steps, priority="P1")
    assert ("silent_pause" in looks(history, "10:00")) is silent
    assert "silent_pause" not in looks(history, "10:00", "ola")


@pytest.mark.parametrize(
    ("moved", "now", "pending"),
    [
        pytest.param("09:16", "10:00", False, id="a rule moved it on"),
        pytest.param("09:17", "10:00", True, id="moved on too late"),
        pytest.param("", "09:16", False, id="for a minute"),
        pytest.param("", "2026-11-16T09:16:01Z", True, id="for longer"),
    ],
)
def test_a_ticket_that_still_waits_when_the_customer_replied_is_told_of(
    moved: str, now: str, pending: bool
) -> None:
    steps = [("09:05", STAFF, SAYS | WAITS), ("09:15", CUSTOMER, SAYS)]
    steps += [(moved, STAFF, {"status": "Open"})] if moved else []
    history = ticket("09:00", *steps, priority="P1")
    assert ("replied_pending" in looks(history, now)) is pending
    assert "replied_pending" not in looks(history, now, "ola")


@pytest.mark.parametrize(
    ("when", "to", "late"),
    [
        ("10:20", "P2", False),
        ("2026-11-16T10:20:01Z", "P2", True),
        ("10:40", "P2", True),
        ("2026-11-16T10:40:01Z", "P2", False),
        ("10:30", "P3", False),
    ],
    ids=["at four fifths", "after", "at the limit", "breached by then", "no promise is no limit"],
)
def test_a_longer_limit_comes_late_in_the_last_fifth(when: str, to: str, late: bool) -> None:
    history = ticket("09:00", (when, STAFF, {"priority": to}), priority="P1")
    assert ("late_downgrade" in looks(history, "11:00")) is late


def test_a_shorter_limit_is_no_downgrade() -> None:
    history = ticket("09:00", ("12:00", STAFF, {"priority": "P1"}), priority="P2")
    assert looks(history, "12:10") == ()


def test_an_entry_dated_ahead_is_told_of_in_the_present() -> None:
    marked = [(when, STAFF, {"labels": (when,)}) for when in ("09:30", "10:02")]
    history = ticket("09:00", *marked, priority="P1")
    for moment, skewed in ((at("10:00"), False), (at("09:59"), True)):
        (verdict,) = (v for v in evaluate(DESK, history, moment) if v.policy == "sla")
        assert second_looks(DESK, history, verdict, moment) == (("skew",) if skewed else ())
        assert second_looks(DESK, history, verdict) == ()
    assert at("10:00") + AHEAD == at("10:02")
