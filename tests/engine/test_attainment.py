"""What counts in a share, when, and what has no part in it."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.attainment import (
    WEEK,
    Attainment,
    Period,
    Tally,
    attained,
    belongs,
    by_promise,
    by_week,
    entry,
    overall,
    settled_at,
    week_of,
)
from sla_engine.evaluate import evaluate
from sla_engine.model import Ticket, Verdict
from sla_engine.units import DAY, HOUR, Instant, to_datetime
from tests.engine.desk import DONE, STAFF, at, policies, ticket

FOUR_HOURS = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    targets: {resolution: {aim: 2h, limit: 4h}}
""")


def verdict(whole: Ticket, now: str) -> Verdict:
    (found,) = evaluate(FOUR_HOURS, whole, at(now))
    return found


def done(when: str) -> Ticket:
    return ticket("09:00", (when, STAFF, DONE))


CASES = [
    # what happened, looked at when, state, settled
    (done("10:00"), "12:00", "met", "10:00"),
    (done("13:00"), "14:00", "tolerated", "13:00"),  # at the very limit
    (done("2026-11-20 09:00"), "2026-11-21 09:00", "breached", "13:00"),  # not when it stopped
    (ticket("09:00"), "15:00", "breached", "13:00"),  # open, and decided all the same
    (ticket("09:00"), "12:00", "running", None),
]


@pytest.mark.parametrize(("whole", "now", "state", "settled"), CASES)
def test_a_promise_is_settled_once(
    whole: Ticket, now: str, state: str, settled: str | None
) -> None:
    found = verdict(whole, now)
    assert found.state == state
    assert settled_at(found) == (None if settled is None else at(settled))


@pytest.mark.parametrize("until", ["2026-11-17 00:00", "2026-11-30 00:00"])
def test_what_comes_after_a_period_changes_nothing_of_it(until: str) -> None:
    """Finished late, a week on: broken on the Monday, seen from whenever."""
    found = verdict(done("2026-11-23 09:00"), until)
    monday = Period(at("00:00"), at("2026-11-17 00:00"))
    assert belongs(found, monday)
    assert not belongs(found, Period(monday.until, at("2026-11-30 00:00")))


def test_a_period_holds_its_start_and_not_its_end() -> None:
    period = Period(at("10:00"), at("11:00"))
    held = [period.holds(at(when)) for when in ("09:59", "10:00", "10:59", "11:00")]
    assert held == [False, True, True, False]


def test_what_was_settled_before_goes_to_the_first_week() -> None:
    period = Period(at("2026-11-26 12:00"), at("2026-11-30 00:00"))
    assert entry(verdict(done("10:00"), "12:00"), period) == (
        ("p", "resolution"),
        at("2026-11-23 00:00"),
        "met",
    )


@given(st.integers(-(10**12), 4 * 10**12).map(Instant))
def test_weeks_begin_on_mondays_at_midnight(moment: Instant) -> None:
    begins = week_of(moment)
    assert begins <= moment < begins + WEEK
    assert to_datetime(begins).strftime("%a %H:%M:%S.%f") == "Mon 00:00:00.000000"


def test_only_what_is_decided_has_a_part_in_the_share() -> None:
    whole = Counter(
        {"met": 5, "tolerated": 2, "breached": 3, "running": 100, "paused": 100,
         "cancelled": 100, "excused": 100, "none": 100, "no_target": 100, "unknown": 100}
    )  # fmt: skip
    found = attained(whole)  # type: ignore[arg-type]  # its keys are states
    assert (found.met, found.tolerated, found.breached, found.decided) == (7, 2, 3, 10)
    assert found.share == 0.7


def test_nothing_decided_is_no_share() -> None:
    assert Attainment().share is None


def test_a_tally_is_summed_by_promise_week_and_state() -> None:
    first, second = Instant(4 * DAY), Instant(4 * DAY + WEEK)
    one, other = ("p", "resolution"), ("p", "first_response")
    tally: Tally = Counter()
    for promise, week, state, times in (
        (one, first, "met", 3),
        (one, second, "met", 1),
        (one, second, "breached", 1),
        (one, None, "running", 7),
        (other, None, "paused", 1),
    ):
        tally[promise, week, state] += times  # type: ignore[index]  # they are states
    assert by_promise(tally) == {other: Attainment(), one: Attainment(4, 1)}
    assert by_week(tally, one) == {first: Attainment(3), second: Attainment(1, 1)}
    assert by_week(tally, other) == {}
    assert overall(tally) == {"met": 4, "breached": 1, "running": 7, "paused": 1}


def test_an_hour_is_no_week() -> None:
    assert week_of(Instant(4 * DAY + HOUR)) == 4 * DAY
