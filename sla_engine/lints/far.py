"""Targets that cannot be missed for months: a unit, or the calendar, is hardly what is meant."""

from __future__ import annotations

from collections.abc import Iterator

from sla_engine.calendars import Calendar, advance
from sla_engine.lints.subject import Subject, found
from sla_engine.problems import Problem, Where
from sla_engine.terms import ClockTerms, Target
from sla_engine.units import DAY, to_datetime

FAR = 90 * DAY


def far_breaches(subject: Subject) -> Iterator[Problem]:
    """A warning for each target whose earliest breach, were it to start now, is 90 days away."""
    for policy in subject.policies.policies:
        for terms in policy.clocks:
            for target in terms.targets.leaves():
                where = target.where or subject.said(policy, "targets", terms.name)
                yield from _far(subject, terms, target, where)


def _far(subject: Subject, terms: ClockTerms, target: Target, where: Where) -> Iterator[Problem]:
    limit = target.limit
    if limit is None or limit.calendar_days:
        return  # 120d says itself how long it is
    calendars = terms.calendar.leaves()
    due = {c: advance(c, subject.now, limit.on(c.day)) for c in dict.fromkeys(calendars)}
    far = {c: at for c, at in due.items() if at is None or at - subject.now > FAR}
    if far and len(far) == len(due):
        calendar, at = next(iter(far.items()))
        yield found("warning", "SLA215", where, *_said(terms.name, calendar, at, subject))


def _said(clock: str, calendar: Calendar, at: int | None, subject: Subject) -> tuple[str, str]:
    if at is None:
        what = f'{clock} can never be breached: "{calendar.name}" has no such time left'
    else:
        days = (at - subject.now) // DAY
        what = f"{clock} can be breached after {days} days at the earliest"
    when = "" if at is None else f"started now, it is due on {to_datetime(at):%Y-%m-%d}; "  # type: ignore[arg-type]
    return what, f'{when}compare the length with the hours of "{calendar.name}"'
