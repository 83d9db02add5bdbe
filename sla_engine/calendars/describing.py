"""A calendar in one line for people: `Mon–Fri 09–17 Europe/Berlin, holidays DE-BY`."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby

from sla_engine.calendars.hours import FULL_WEEK, WEEKDAYS, Week
from sla_engine.calendars.spans import (
    Minus,
    Once,
    Opening,
    Recurring,
    Union,
    Version,
    Versions,
    Weekly,
    Windows,
)
from sla_engine.calendars.zones import offset_at
from sla_engine.units import DAY

NAMED = 3
"""Days of its own that a line about a calendar names, of each kind; more are counted."""


def described(versions: Versions, *, whole: bool = False) -> str:
    """What holds by the latest version, and since when if there were others. The `whole` of it
    names every day that is not like others, and says what calendars are that have a name."""
    latest = versions[-1]
    text = _opening(latest.opening, whole)
    return text if len(versions) == 1 else f"{text}, since {_date(latest)}"


def _opening(opening: Opening, whole: bool) -> str:
    match opening:
        case Weekly():
            return _weekly(opening, whole)
        case Union(parts):
            return " + ".join(_part(*part, whole) for part in parts)
        case Minus(base, parts):
            without = ", ".join(_part(*part, whole) for part in parts)
            return f"{_opening(base, whole)} without {without}"
        case Once(start, end):
            return " to ".join(f"{_day(at)} {_clock(at % DAY)}" for at in (start, end)) + " UTC"
        case Recurring(zone, rule, windows):
            return f"{rule} {_windows(windows)} {zone}"


def _part(name: str, versions: Versions, whole: bool) -> str:
    if name and not whole:
        return name
    said = described(versions, whole=whole)
    return f"{name} ({said})" if name else said


def _weekly(terms: Weekly, whole: bool) -> str:
    full = terms.week == FULL_WEEK
    place = "" if full and terms.zone == "UTC" else f" {terms.zone}"
    parts = [("24x7" if full else _week(terms.week)) + place]
    if terms.imports:
        parts.append(f"holidays {' '.join(imported.code for imported in terms.imports)}")
    parts += _days("closed", [_day(day * DAY) for day in terms.added], whole)
    parts += _days("not closed", [_day(day * DAY) for day in terms.removed], whole)
    special = [f"{_day(day * DAY)} {_windows(hours) or 'closed'}" for day, hours in terms.special]
    few = whole or len(special) <= NAMED
    parts += special if few else [f"other hours on {len(special)} days"]
    return ", ".join(parts)


def _days(what: str, days: list[str], whole: bool) -> list[str]:
    if not days:
        return []
    named = " and ".join(filter(None, (", ".join(days[:-1]), days[-1])))
    return [f"{what} {named}" if whole or len(days) <= NAMED else f"{what} on {len(days)} days"]


def _week(week: Week) -> str:
    parts = []
    for windows, group in groupby(range(7), key=lambda day: week[day]):
        days = list(group)
        if windows:
            ends = dict.fromkeys((days[0], days[-1]))
            name = "–".join(WEEKDAYS[day].title() for day in ends)
            parts.append(f"{name} {_windows(windows)}")
    return ", ".join(parts) or "closed"


def _windows(windows: Windows) -> str:
    return " ".join(f"{_clock(start)}–{_clock(end)}" for start, end in windows)


def _clock(millis: int) -> str:
    minutes = millis // 60_000
    hours = minutes // 60 if minutes == 1440 else minutes // 60 % 24
    return f"{hours:02}:{minutes % 60:02}" if minutes % 60 else f"{hours:02}"


def _date(version: Version) -> str:
    return _day(version.since + offset_at(version.zone, version.since))


def _day(at: int) -> str:
    """`24 Dec 2026`."""
    return f"{datetime.fromtimestamp(at / 1000, UTC):%-d %b %Y}"
