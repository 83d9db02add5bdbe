"""The desk's office hours in Berlin: when agents work, and wall-clock times around an anchor."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sandbox.clock import moment_of

BERLIN = ZoneInfo("Europe/Berlin")
SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
SATURDAY = 5
OPENS, CLOSES = "09:00", "17:30"


def berlin(at: int) -> datetime:
    """Berlin's wall-clock time of epoch milliseconds."""
    return moment_of(at).astimezone(BERLIN)


def on_day(at: int, days: int, clock: str) -> int:
    """`clock` ("14:40" or "14:40:07") in Berlin, so many days after the day of `at`.

    In the hour that autumn repeats it is the first.
    """
    day = berlin(at).date() + timedelta(days=days)
    return round(datetime.combine(day, time.fromisoformat(clock), BERLIN).timestamp() * 1000)


def at_work(at: int, minutes: float) -> int:
    """The instant at which an agent who keeps office hours has spent so many minutes after `at`."""
    left = minutes * MINUTE
    while True:
        begin, closes = max(at, on_day(at, 0, OPENS)), on_day(at, 0, CLOSES)
        if berlin(at).weekday() < SATURDAY and begin < closes:
            if left <= closes - begin:
                return begin + round(left)
            left -= closes - begin
        at = on_day(at, 1, "00:00")


def last_clock_change(before: int) -> int:
    """The instant of Berlin's latest change between winter and summer time before another."""
    hour = before // HOUR * HOUR
    while berlin(hour).utcoffset() == berlin(hour - HOUR).utcoffset():
        hour -= HOUR
    return hour
