"""Whole days of an iCalendar file (RFC 5545): what `holidays: {ics: …}` closes a calendar on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from sla_engine.calendars.mistakes import Fault
from sla_engine.calendars.public_holidays import EPOCH_DAY
from sla_engine.calendars.recurrence import days_of, unclear

_LAST = date(2200, 1, 1).toordinal() - EPOCH_DAY
_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)")

Line = tuple[int, str]
"""A line of the file with its number; what was folded onto several lines is one again."""


def days_in(text: str) -> tuple[tuple[str, ...], list[tuple[int, Fault]]]:
    """The dates of all events in order, and what cannot be read, by line."""
    days: set[int] = set()
    faults: list[tuple[int, Fault]] = []
    lines = list(_unfolded(text))
    if not any(line.upper() == "BEGIN:VCALENDAR" for _, line in lines):
        mend = "it begins with BEGIN:VCALENDAR; export the calendar once more"
        return (), [(1, Fault("this is not an iCalendar file", mend))]
    for number, event in _events(lines):
        found = _days_of(event)
        if isinstance(found, Fault):
            faults.append((number, found))
        else:
            days.update(found)
    return tuple(date.fromordinal(day + EPOCH_DAY).isoformat() for day in sorted(days)), faults


def _unfolded(text: str) -> Iterator[Line]:
    number, whole = 0, ""
    for at, line in enumerate(text.splitlines(), start=1):
        if line[:1] in (" ", "\t"):
            whole += line[1:]
        else:
            if whole:
                yield number, whole
            number, whole = at, line.rstrip()
    if whole:
        yield number, whole


def _events(lines: list[Line]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The properties of each event, by name without parameters, and the line of its beginning."""
    begun, event = 0, dict[str, str]()
    for number, line in lines:
        name, _, value = line.partition(":")
        if line.upper() == "BEGIN:VEVENT":
            begun, event = number, {}
        elif line.upper() == "END:VEVENT" and begun:
            yield begun, event
            begun = 0
        elif begun:
            event.setdefault(name.partition(";")[0].upper(), value)


def _days_of(event: Mapping[str, str]) -> list[int] | Fault:
    """The days of one event; its end is exclusive."""
    if event.get("STATUS", "").upper() == "CANCELLED":
        return []
    first = _day(event.get("DTSTART", ""))
    if first is None:
        said = f'"{event["SUMMARY"]}"' if "SUMMARY" in event else "an event"
        return Fault(f"{said} is no whole day", "hours of a day stand under special")
    end = _day(event.get("DTEND", "")) or first + 1
    if not first < end <= first + 366:
        return Fault("an event ends before it begins, or lasts for years", "mend its DTEND")
    starts = [first]
    if rule := event.get("RRULE"):
        if fault := unclear(rule, since=True):
            return Fault(fault.what, "list its days one by one")
        starts = days_of(rule, first, first, _LAST)
    return [start + ahead for start in starts for ahead in range(end - first)]


def _day(value: str) -> int | None:
    found = _DAY.fullmatch(value)
    try:
        return date(*map(int, found.groups())).toordinal() - EPOCH_DAY if found else None
    except ValueError:
        return None
