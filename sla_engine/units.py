"""Instants, durations, and how people write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NewType
from zoneinfo import ZoneInfo

import msgspec

if TYPE_CHECKING:
    Instant = NewType("Instant", int)
    """Milliseconds since 1970-01-01T00:00Z."""

    Millis = NewType("Millis", int)
    """A length of time in milliseconds; never a point in time."""
else:  # a NewType is a call in Python for each of millions of numbers; `int` is one in C
    Instant = Millis = int

SECOND = Millis(1_000)
MINUTE = Millis(60_000)
HOUR = Millis(3_600_000)
DAY = Millis(86_400_000)
CENTURY = Millis(36_525 * DAY)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": Millis(7 * DAY)}
_DURATION = re.compile(r"(?:[0-9]{1,9}(?:bd|mo|[smhdw]) ?)*[0-9]{1,9}(?:bd|mo|[smhdw])")
_PART = re.compile(r"([0-9]+)(bd|mo|[smhdw])")


class Duration(msgspec.Struct, frozen=True, gc=False):
    """A length as a policy states it: fixed time plus business days whose length a calendar knows.

    `calendar_days` tells that a unit of 24 h or more (`d`, `w`) was written: lawful only where a
    day is 24 h. `months` is for windows and reviews alone.
    """

    millis: Millis = Millis(0)
    business_days: int = 0
    months: int = 0
    calendar_days: bool = False

    def on(self, day: Millis) -> Millis:
        """Its length where one business day lasts `day`."""
        return Millis(self.millis + self.business_days * day)


def parse_duration(text: str) -> Duration | None:
    """`90s 15m 4h 3bd 2h30m "1h 30m"` as a Duration; None where the text is no duration, or one of
    more than a century."""
    if not _DURATION.fullmatch(text):
        return None
    millis = days = months = 0
    long_unit = False
    for number, unit in _PART.findall(text):
        if unit == "bd":
            days += int(number)
        elif unit == "mo":
            months += int(number)
        else:
            millis += int(number) * _UNITS[unit]
            long_unit = long_unit or unit in "dw"
    if millis + (days + 31 * months) * DAY > CENTURY:
        return None
    return Duration(Millis(millis), days, months, long_unit)


def from_datetime(moment: datetime) -> Instant:
    """The instant of an aware datetime, cut to the millisecond; ValueError where it is naive."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return Instant((moment - _EPOCH) // _MILLISECOND)


def to_datetime(at: Instant, zone: ZoneInfo | None = None) -> datetime:
    """The aware datetime of an instant, in UTC unless a zone is given."""
    moment = _EPOCH + timedelta(milliseconds=at)
    return moment.astimezone(zone) if zone else moment


def parse_iso(text: str) -> Instant | None:
    """An instant from ISO 8601 with an offset (`Z`, `+0000`, `+01:00`); None where it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else from_datetime(moment)


def to_iso(at: Instant) -> str:
    """`2026-11-21T10:52:00Z`; milliseconds only where they are not zero."""
    moment = to_datetime(at)
    precision = "milliseconds" if at % 1000 else "seconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")
