"""Business time: calendars as people write them, how much of them passes, and until when."""

from __future__ import annotations

from sla_engine.calendars.calendar import (
    Calendar,
    advance,
    elapsed,
    is_open,
    open_intervals,
    opening,
    read_calendar,
    retreat,
    stretch,
)
from sla_engine.calendars.changing import calendar_of, in_zone, is_union, is_zone, without
from sla_engine.calendars.mistakes import CalendarError

__all__ = [
    "Calendar",
    "CalendarError",
    "advance",
    "calendar_of",
    "elapsed",
    "in_zone",
    "is_open",
    "is_union",
    "is_zone",
    "open_intervals",
    "opening",
    "read_calendar",
    "retreat",
    "stretch",
    "without",
]
