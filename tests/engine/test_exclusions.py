"""Exclusions: what does not count, its evidence, and when it begins and ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.calendars import Calendar, elapsed
from sla_engine.evaluate import evaluate
from sla_engine.exclusions import announced_late
from sla_engine.model import Ticket, Verdict
from sla_engine.units import DAY, HOUR, Instant
from tests.engine.desk import CUSTOMER, DONE, WAITING, at, policies, ticket

TERMS = """
policies:
  support:
    match: {project: SUP}
    calendar: CALENDAR
    pause: {status: Waiting for customer}
    targets: {resolution: 8h}
exclusions:
  hand-over:
    kind: maintenance
    when:
      - {rrule: FREQ=DAILY, at: 11:00-12:00, tz: UTC}
      - {from: "2026-11-16T15:30Z", to: "2026-11-16T18:00Z"}
    announced: 5d
  cable-cut:
    kind: force_majeure
    when: {from: "2026-11-16T11:30Z", to: "2026-11-16T13:00Z"}
    approved_by: mona
    reason: carrier outage
  drill:
    kind: test
    when: {from: "2026-11-16T16:00Z", to: "2026-11-16T20:00Z"}
    effect: note
"""
AROUND = policies(TERMS.replace("CALENDAR", "24x7"))
OFFICE = policies(TERMS.replace("CALENDAR", "mon-fri 09:00-17:00 UTC"))
QUARTER = HOUR // 4
MOMENTS = st.integers(0, 3 * 24 * 4).map(lambda number: Instant(at("09:00") + number * QUARTER))
HOLES = [Calendar.from_mapping(text) for text in (
    "mon-sun 11:00-12:00 UTC", "mon 11:30-13:00 UTC", "mon 15:30-18:00 UTC",
)]  # fmt: skip


def judged(now: Instant, story: Ticket | None = None, terms: object = AROUND) -> Verdict:
    return evaluate(terms, story or ticket(), now)[0]  # type: ignore[arg-type]  # policies, by hand


def test_holes_have_names_and_reasons() -> None:
    spans = judged(at("19:00")).spans
    assert [(s.start, s.phase, s.cause, s.reason) for s in spans] == [
        (at("09:00"), "running", "created", "created"),
        (at("11:00"), "paused", "exclusion hand-over", "maintenance hand-over"),
        (at("12:00"), "paused", "exclusion cable-cut", "force majeure: carrier outage"),
        (at("13:00"), "running", "exclusion cable-cut", "force majeure over"),
        (at("15:30"), "paused", "exclusion hand-over", "maintenance hand-over"),
        (at("18:00"), "running", "exclusion hand-over", "maintenance over"),
    ]


@given(MOMENTS, st.sampled_from([AROUND, OFFICE]))
def test_spans_leave_no_gap_and_add_up(now: Instant, terms: object) -> None:
    story = ticket("09:00", ("10:30", CUSTOMER, WAITING), ("11:30", CUSTOMER, {"status": "Open"}))
    verdict = judged(now, story, terms)
    spans = verdict.spans
    assert [s.start for s in spans] == [at("09:00"), *(s.end for s in spans[:-1])]
    assert spans[-1].end == now
    assert sum(s.counted for s in spans) == verdict.elapsed
    assert verdict.phase == spans[-1].phase


@given(MOMENTS)
def test_elapsed_is_what_no_hole_covers(now: Instant) -> None:
    quarters = range(at("09:00"), now, HOUR // 4)
    free = [q for q in quarters if not any(elapsed(h, Instant(q), Instant(q + 1)) for h in HOLES)]
    monday = [q for q in free if q < at("2026-11-17 00:00")]
    later = [q for q in quarters if q >= at("2026-11-17 00:00")]
    counted = len(monday) + sum(not elapsed(HOLES[0], Instant(q), Instant(q + 1)) for q in later)
    assert judged(now).elapsed == counted * HOUR // 4


@given(MOMENTS, st.sampled_from([AROUND, OFFICE]))
def test_nothing_changes_before_it_is_said(now: Instant, terms: object) -> None:
    verdict = judged(now, terms=terms)
    assert verdict.next_at is not None
    assert verdict.next_at > now
    before = judged(Instant(verdict.next_at - 1), terms=terms)
    assert (before.state, before.phase, before.due_at) == (
        verdict.state, verdict.phase, verdict.due_at
    )  # fmt: skip


def test_a_hole_in_which_nobody_works_is_none() -> None:
    spans = judged(at("2026-11-17 10:00"), terms=OFFICE).spans
    assert [(s.start, s.end) for s in spans if s.phase == "paused"] == [
        (at("11:00"), at("12:00")), (at("12:00"), at("13:00")), (at("15:30"), at("18:00"))
    ]  # fmt: skip


def test_a_stop_at_the_edge_of_a_hole_leaves_nothing_of_it() -> None:
    story = ticket("09:00", ("11:00", CUSTOMER, DONE))
    assert [s.phase for s in judged(at("14:00"), story).spans] == ["running"]


@pytest.mark.parametrize(
    ("now", "flags"),
    [("15:00", ()), ("16:30", ()), ("18:00", ("during drill",)), ("19:00", ("during drill",))],
)
def test_what_is_to_be_noted_is_marked_once_it_falls_into_working_time(
    now: str, flags: tuple[str, ...]
) -> None:
    story = ticket("09:00", ("16:00", CUSTOMER, WAITING), ("17:00", CUSTOMER, {"status": "Open"}))
    assert judged(at(now), story).flags == flags


def test_an_announcement_too_late_is_told() -> None:
    hand_over = AROUND.policies[0].exclusions[0]
    assert announced_late(hand_over, at("10:00")) == at("11:00")
    assert announced_late(AROUND.policies[0].exclusions[1], at("10:00")) is None
    first = policies(TERMS.replace("FREQ=DAILY", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=1").replace(
        "CALENDAR", "24x7")).policies[0].exclusions[0]  # fmt: skip
    announced = at("2026-11-26 11:00")
    assert announced_late(first, announced) is None
    assert announced_late(first, Instant(announced + 1)) == announced + 5 * DAY
