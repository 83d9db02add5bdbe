"""A ledger adds up, leaves no gap, and names what began every stretch."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.ledger import calendars_of, closed_hours, folded, ledger
from sla_engine.model import Actor, Ticket
from sla_engine.units import DAY, Instant
from tests.reports.desk import (
    ADA,
    KETTLE,
    MISSED,
    NIGHT,
    POLICIES,
    RESOLVED,
    WAITING,
    at,
    judged,
    ticket,
)

CALENDARS = calendars_of(POLICIES)
START = at("02T08:00:00")


@st.composite
def stories(draw: st.DrawFn) -> tuple[Ticket, Instant]:
    """A ticket that waits, is answered, solved and reopened at any time, and when we look at it."""
    acts = []
    when = 0
    for number in range(draw(st.integers(0, 8))):
        when += draw(st.integers(1, 2 * DAY))
        actor = draw(st.sampled_from((ADA, KETTLE)))
        fields = draw(
            st.sampled_from(
                (WAITING, RESOLVED, {"comment": "public"}, {"priority": "P3"}, {"priority": "P1"})
            )
        )
        acts.append((when, actor, f"history {number}", fields))
    made = ticket("SUP-1", "Any", "02T08:00:00")
    events = [
        msgspec.structs.replace(event, at=Instant(START + when), sequence=number)
        for number, (when, actor, source_id, fields) in enumerate(acts)
        for event in ticket(
            "X-1", "", "02T08:00:00", (("02T08:00:00", actor, source_id, fields),)
        ).journal
    ]
    story = msgspec.structs.replace(made, journal=type(made.journal)(events))
    return story, Instant(START + when + draw(st.integers(0, 5 * DAY)))


@given(stories())
def test_a_ledger_adds_up_and_has_no_gaps(story: tuple[Ticket, Instant]) -> None:
    found, now = story
    for verdict in judged(found, now):
        rows = ledger(found, verdict, CALENDARS)
        assert sum(row.counted for row in rows) == verdict.elapsed
        assert rows[-1].total == verdict.elapsed if rows else not verdict.elapsed
        assert all(a.end == b.start for a, b in pairwise(rows))
        assert all(row.counted in (0, row.end - row.start) for row in rows)


@given(stories())
def test_time_over_the_limit_is_what_the_verdict_says(story: tuple[Ticket, Instant]) -> None:
    found, now = story
    for verdict in judged(found, now):
        rows = ledger(found, verdict, CALENDARS)
        over = sum(row.counted for row in rows if row.kind == "over")
        if verdict.breached_at is None:
            assert not over
        elif len({span.limit for span in verdict.spans}) == 1:
            assert over == -(verdict.left or 0)


@given(stories())
def test_folding_keeps_the_sum_and_every_piece_of_evidence(story: tuple[Ticket, Instant]) -> None:
    found, now = story
    for verdict in judged(found, now):
        rows = ledger(found, verdict, CALENDARS)
        short = folded(rows)
        assert sum(row.counted for row in short) == verdict.elapsed
        assert [r.evidence for r in short if r.evidence] == [r.evidence for r in rows if r.evidence]


def test_a_quiet_month_folds_into_a_few_rows() -> None:
    found = ticket("SUP-2", "Quiet", "02T08:00:00")
    verdict = judged(found, at("27T18:00:00"))[1]
    rows = ledger(found, verdict, CALENDARS)
    assert len(rows) > 30
    assert [(row.kind, row.because) for row in folded(rows)] == [
        ("closed", "created"),
        ("running", "opening time"),
        ("over", "past the target of 4 h"),
        ("closed", "calendar de-office"),
        ("over", "opening time of 19 days"),
    ]


def test_without_its_calendar_a_span_stays_whole() -> None:
    verdict = judged(MISSED, at("20T16:05:00"))[1]
    rows = ledger(MISSED, verdict, {})
    assert [row.kind for row in rows] == ["running", "paused", "running", "end"]
    assert sum(row.counted for row in rows) == verdict.elapsed


def test_a_new_target_is_told_where_it_begins() -> None:
    found = ticket(
        "SUP-3",
        "Raised",
        "20T09:00:00",
        (("20T10:00:00", ADA, "history 1", {"priority": "P1"}),),
        priority="P3",
    )
    rows = ledger(found, judged(found, at("20T11:00:00"))[1], CALENDARS)
    assert rows[1].because == "target changed: now target 4 h"
    assert rows[1].evidence == "a.lovelake, history 1"


@pytest.mark.parametrize(("time", "closed"), [("19T16:59:00", False), ("19T17:00:00", True)])
def test_closed_hours_begin_at_closing(time: str, closed: bool) -> None:
    verdict = judged(NIGHT, at(time))[0]
    assert closed_hours(CALENDARS, at(time))(verdict) is closed


def test_who_was_assigned_is_told_by_name() -> None:
    ada = Actor("712020:ada", "Ada Lovelake", "staff")
    acts = (("20T09:05:00", ada, "history 1", {"assignee": ada.id}),)
    found = ticket("SUP-4", "Taken", "20T09:00:00", acts)
    verdict = msgspec.structs.replace(
        judged(found)[0], clock="acknowledge", stopped_at=at("20T09:05:00")
    )
    assert ledger(found, verdict, CALENDARS)[-1].because == "assigned to Ada Lovelake"
