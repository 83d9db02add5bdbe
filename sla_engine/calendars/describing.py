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


def described(versions: Versions) -> str:
    """What holds by the latest version, and since when if there were others."""
    latest = versions[-1]
    text = _opening(latest.opening)
    return text if len(versions) == 1 else f"{text}, since {_date(latest)}"


def _opening(opening: Opening) -> str:
    match opening:
        case Weekly():
            return _weekly(opening)
        case Union(parts):
            return " + ".join(_part(*part) for part in parts)
        case Minus(base, parts):
            return f"{_opening(base)} without {', '.join(_part(*part) for part in parts)}"
        case Once(start, end):
            return " to ".join(f"{_day(at, 0)} {_clock(at % DAY)}" for at in (start, end)) + " UTC"
        case Recurring(zone, rule, windows):
            return f"{rule} {_windows(windows)} {zone}"


def _part(name: str, versions: Versions) -> str:
    return name or described(versions)


def _weekly(terms: Weekly) -> str:
    full = terms.week == FULL_WEEK
    place = "" if full and terms.zone == "UTC" else f" {terms.zone}"
    text = ("24x7" if full else _week(terms.week)) + place
    if terms.imports:
        text += f", holidays {' '.join(imported.code for imported in terms.imports)}"
    if terms.added:
        text += f", {len(terms.added)} more" if terms.imports else _counted(terms.added, "holiday")
    return text + (_counted(terms.special, "special day") if terms.special else "")


def _counted(days: tuple[object, ...], word: str) -> str:
    return f", {len(days)} {word}" + ("s" if len(days) > 1 else "")


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
    return _day(version.since, offset_at(version.zone, version.since))


def _day(at: int, offset: int) -> str:
    return datetime.fromtimestamp((at + offset) / 1000, UTC).date().isoformat()
