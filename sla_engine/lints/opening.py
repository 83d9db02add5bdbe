"""Calendars that do not open for a month: every clock on them stands still."""

from __future__ import annotations

from collections.abc import Iterator

from sla_engine.calendars import Calendar, elapsed, opening
from sla_engine.lints.subject import Subject, found
from sla_engine.problems import Problem, Where
from sla_engine.units import DAY, Instant, to_datetime

AHEAD = 30 * DAY


def closed_calendars(subject: Subject) -> Iterator[Problem]:
    """A warning for each calendar without open time in the next 30 days."""
    for calendar, where in _placed(subject):
        end = Instant(subject.now + AHEAD)
        if not calendar.always_open and not elapsed(calendar, subject.now, end):
            what = f'the calendar "{calendar.name}" does not open in the next 30 days'
            mend = f"{_next(calendar, subject.now)}; look at hours, holidays, special and effective"
            yield found("warning", "SLA207", where, what, mend)


def _placed(subject: Subject) -> Iterator[tuple[Calendar, Where]]:
    """Named calendars, and those that policies write in place."""
    named = subject.policies.calendars
    for name, _, where in subject.entries("calendars"):
        if name in named:
            yield named[name], where
    for policy in subject.policies.policies:
        inline = {c for clock in policy.clocks for c in clock.calendar.leaves()}
        for calendar in inline - set(named.values()):
            yield calendar, subject.said(policy, "calendar")


def _next(calendar: Calendar, now: Instant) -> str:
    at = opening(calendar, now)
    return "it never opens again" if at is None else f"it opens on {to_datetime(at):%Y-%m-%d}"
