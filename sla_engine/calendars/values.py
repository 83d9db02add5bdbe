"""The single values of a calendar as written: zones, dates, lengths, names, hours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeGuard
from zoneinfo import ZoneInfo, available_timezones

from sla_engine.calendars.hours import Week, parse_week, parse_windows, week_by_days
from sla_engine.calendars.mistakes import CalendarError, Fault, Path
from sla_engine.calendars.public_holidays import EPOCH_DAY
from sla_engine.calendars.spans import Windows
from sla_engine.problems import did_you_mean
from sla_engine.units import DAY, Millis, parse_duration

Terms = Mapping[str, object]
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class Mistakes(list[CalendarError]):
    """What was found wrong so far, in the order of reading."""

    def add(self, path: Path, what: str, mend: str = "") -> None:
        """One more."""
        self.append(CalendarError(path, what, mend))

    def kept(self, path: Path, value: object) -> bool:
        """Whether the value is a Fault, which is then kept with its place."""
        if isinstance(value, Fault):
            self.add(path, value.what, value.mend)
        return isinstance(value, Fault)


def is_map(value: object) -> TypeGuard[Terms]:
    """A map as a YAML reader makes it, whose keys are texts."""
    return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)


def check_keys(terms: Terms, known: Iterable[str], path: Path, mistakes: Mistakes) -> None:
    """Names every key that means nothing here."""
    for key in terms:
        if key not in known:
            mend = did_you_mean(key, known) or f"it may be one of {', '.join(known)}"
            mistakes.add((*path, key), f'unknown key "{key}"', mend)


def read_zone(value: object, path: Path, mistakes: Mistakes) -> str | None:
    """An IANA zone's name."""
    if not isinstance(value, str):
        mistakes.add(path, f"{_shown(value)} is no time zone", 'write it like "Europe/Berlin"')
        return None
    try:
        ZoneInfo(value)
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError
        pass
    except KeyError:
        pass
    else:
        return value
    mend = did_you_mean(value, sorted(available_timezones())) or 'write it like "Europe/Berlin"'
    mistakes.add(path, f'no time zone is called "{value}"', mend)
    return None


def read_date(value: object, path: Path, mistakes: Mistakes) -> int | None:
    """A date as days since 1970-01-01."""
    try:
        day = (
            date.fromisoformat(value) if isinstance(value, str) and _DATE.fullmatch(value) else None
        )
    except ValueError:
        day = None
    if day is None:
        mistakes.add(path, f"{_shown(value)} is no date", 'write it like "2026-12-24"')
        return None
    if not 1970 <= day.year < 2200:
        mistakes.add(path, f"{_shown(value)} lies too far away", "calendars know 1970 to 2199")
        return None
    return day.toordinal() - EPOCH_DAY


def read_dates(value: object, path: Path, mistakes: Mistakes) -> tuple[int, ...]:
    """A list of dates, or a map of dates and reasons."""
    if isinstance(value, Mapping):
        places: list[tuple[Path, object]] = [((*path, key), key) for key in value]
    elif isinstance(value, list | tuple):
        places = [((*path, number), item) for number, item in enumerate(value)]
    else:
        places = [(path, value)]
    days = [read_date(item, place, mistakes) for place, item in places]
    return tuple(sorted({day for day in days if day is not None}))


def read_length(value: object, path: Path, mistakes: Mistakes) -> Millis | None:
    """What 1bd is: up to 24 hours of fixed length."""
    length = parse_duration(value) if isinstance(value, str) else None
    if length is None:
        mistakes.add(path, f"{_shown(value)} is no duration", 'write it like "8h" or "7h 30m"')
    elif length.business_days or length.months or length.calendar_days:
        mistakes.add(path, f"{_shown(value)} does not say how many hours", 'write it like "8h"')
    elif not 0 < length.millis <= DAY:
        mistakes.add(path, f"{_shown(value)} is no length of a working day", 'write it like "8h"')
    else:
        return length.millis
    return None


def read_texts(value: object, path: Path, mistakes: Mistakes) -> list[tuple[Path, str]]:
    """One text or a list of texts, each with its place."""
    items = list(enumerate(value)) if isinstance(value, list | tuple) else None
    places = [((*path, number), item) for number, item in items] if items else [(path, value)]
    found = []
    for place, item in places:
        if isinstance(item, str) and item.strip():
            found.append((place, item.strip()))
        else:
            mistakes.add(place, f"{_shown(item)} is no name", "write one name or a list of names")
    return found


def read_week(value: object, path: Path, mistakes: Mistakes) -> Week | None:
    """`hours:` as one text, or as a map from days to the hours of each."""
    if isinstance(value, str):
        week = parse_week(value)
        return None if mistakes.kept(path, week) or isinstance(week, Fault) else week
    if not is_map(value):
        mend = 'write "mon-fri 09:00-17:00", or a map like {mon-thu: 08:00-17:00, fri: 08:00-14:00}'
        mistakes.add(path, f"{_shown(value)} says no hours", mend)
        return None
    return _week_by_days(value, path, mistakes)


def _week_by_days(value: Terms, path: Path, mistakes: Mistakes) -> Week | None:
    seen: dict[str, Windows] = {}
    sound = True
    for days, hours in value.items():
        windows = read_windows(hours, (*path, days), mistakes)
        seen[days] = windows or ()
        week = week_by_days(seen)
        if isinstance(week, Fault):
            mistakes.kept((*path, days), week)
            del seen[days]
        sound = sound and windows is not None and not isinstance(week, Fault)
    week = week_by_days(seen)
    return week if sound and not isinstance(week, Fault) else None


def read_windows(value: object, path: Path, mistakes: Mistakes) -> Windows | None:
    """The hours of one day: a text or a list of texts."""
    parts = value if isinstance(value, list | tuple) else [value]
    texts = [part for part in parts if isinstance(part, str)]
    if len(texts) < len(parts) or not texts:
        mistakes.add(path, f"{_shown(value)} is no window of hours", 'write it like "09:00-17:00"')
        return None
    windows = parse_windows(" ".join(texts))
    return None if mistakes.kept(path, windows) or isinstance(windows, Fault) else windows


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if value is None or value in ([], {}):
        return "an empty value"
    return (
        "a map"
        if isinstance(value, Mapping)
        else "a list"
        if isinstance(value, list)
        else str(value)
    )
