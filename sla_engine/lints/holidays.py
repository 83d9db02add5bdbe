"""Holidays that end with this year: next January everybody would be at work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sla_engine.calendars.public_holidays import EPOCH_DAY, holidays_of
from sla_engine.calendars.spans import Minus, Opening, Weekly
from sla_engine.lints.subject import Subject, found
from sla_engine.problems import Problem

FROM_MONTH = 10
"""Earlier in the year nobody has written those of the next."""


def holidays_missing(subject: Subject) -> Iterator[Problem]:
    """From October on, a warning for each calendar with holidays this year and none in the next."""
    year = subject.today.year
    if subject.today.month < FROM_MONTH:
        return
    for name, node, where in subject.entries("calendars"):
        calendar = subject.policies.calendars.get(name)
        if calendar is None:
            continue
        opening = calendar.versions[-1].opening
        if _days(opening, year) and not _days(opening, year + 1):
            last = date.fromordinal(max(_days(opening, year)) + EPOCH_DAY)
            what = f'"{name}" has no holiday in {year + 1}; its last is {last}'
            place = node.key_of("holidays") if node.child("holidays") else where
            yield found("warning", "SLA210", place, what, f"add those of {year + 1}, or import")


def _days(opening: Opening, year: int) -> set[int]:
    """The holidays of a year that the calendar itself says."""
    base = opening.base if isinstance(opening, Minus) else opening
    if not isinstance(base, Weekly):
        return set()
    days = set(base.added)
    for imported in base.imports:
        days.update(holidays_of(imported.code, year) if imported.days is None else imported.days)
    first, last = (date(y, 1, 1).toordinal() - EPOCH_DAY for y in (year, year + 1))
    return {day for day in days - set(base.removed) if first <= day < last}
