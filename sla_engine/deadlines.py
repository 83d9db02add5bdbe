"""Deadlines instead of lengths: a date that the ticket bears, or "17:00 next business day"."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from sla_engine.calendars import Calendar, stretch
from sla_engine.calendars.calendar import FIRST, LAST
from sla_engine.calendars.zones import offset_at, openings, stretches
from sla_engine.model import Value
from sla_engine.terms import Deadline
from sla_engine.units import DAY, MINUTE, Instant, Millis, from_datetime

DEADLINE = "deadline"
"""The flag of a verdict whose limit is a deadline: as a length it tells people nothing."""

_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_THURSDAY = 3  # 1970-01-01
_A_YEAR = 366


def stated_in(value: Value, zone: str) -> Instant | None:
    """The instant that a date field means: a day is over at its end, in this zone; a time without
    an offset is in UTC, as ServiceNow says it. None where it is empty, no date, or not of the years
    that calendars know."""
    if not isinstance(value, str):
        return None
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            at = _wall_clock(_days(date.fromisoformat(value)) + 1, Millis(0), zone)
        else:
            moment = datetime.fromisoformat(value)
            at = from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
    return at if FIRST < at < LAST else None


def falls_on(deadline: Deadline, calendar: Calendar, start: Instant) -> Instant:
    """The instant of a deadline in words, on the wall clock of the calendar, always after `start`:
    what has passed today falls on the next business day."""
    zone = calendar.zone
    today = (start + offset_at(zone, start)) // DAY
    if deadline.weekday is not None:
        day = today + (deadline.weekday - today - _THURSDAY) % 7
        at = _wall_clock(day, deadline.time, zone)
        return at if at > start else _wall_clock(day + 7, deadline.time, zone)
    if not deadline.days and (at := _wall_clock(today, deadline.time, zone)) > start:
        return at
    return _wall_clock(_business_day(calendar, today, max(deadline.days, 1)), deadline.time, zone)


def words(deadline: Deadline) -> str:
    """`as duedate says`, `17:00 next business day`, `12:00 on a Friday`."""
    if deadline.field:
        return f"as {deadline.field} says"
    if deadline.at is not None:
        return "as granted"
    minutes = deadline.time // MINUTE
    if deadline.weekday is not None:
        day = f"on a {_NAMES[deadline.weekday]}"
    elif deadline.days:
        ahead = f"in {deadline.days} business days"
        day = ahead if deadline.days > 1 else "next business day"
    else:
        day = "today"
    return f"{minutes // 60:02}:{minutes % 60:02} {day}"


def _business_day(calendar: Calendar, today: int, ahead: int) -> int:
    """The day that is so many business days after today; plain days where none comes in a year."""
    day = today
    for _ in range(ahead):
        later = range(day + 1, day + _A_YEAR)
        day = next((one for one in later if _is_business_day(calendar, one)), day + 1)
    return day


def _is_business_day(calendar: Calendar, day: int) -> bool:
    """Whether work begins on this day, or goes on through all of it."""
    start, end = (_wall_clock(one, Millis(0), calendar.zone) for one in (day, day + 1))
    found = stretch(calendar, start)
    if found is not None and found[0] < start and found[1] < end:
        found = stretch(calendar, found[1])  # the night before belongs to the day before
    return found is not None and found[0] < end


def _wall_clock(day: int, time: Millis, zone: str) -> Instant:
    local = day * DAY + time
    return Instant(openings([local], stretches(zone, local - 2 * DAY, local + 2 * DAY))[0])


def _days(day: date) -> int:
    return (day - date(1970, 1, 1)) // timedelta(days=1)
