"""Opening hours as people write them: `mon-thu 08:00-12:00 13:00-18:00, fri 08:00-14:00`."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from sla_engine.calendars.mistakes import Fault
from sla_engine.calendars.spans import ALL_DAY, Windows
from sla_engine.problems import did_you_mean
from sla_engine.units import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Week = tuple[Windows, ...]
FULL_WEEK: Week = (ALL_DAY,) * 7

_WINDOW = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?-(\d{1,2}):(\d\d)(?::(\d\d))?")
_DAYS = re.compile(r"[a-z]+(?:-[a-z]+)?")


def words(text: str) -> list[str]:
    """The text in pieces, dashes as people paste them made plain."""
    joined = re.sub(r"\s*[-–]\s*", "-", text.lower())
    return [word for word in re.split(r"[\s,]+", joined) if word]


def parse_week(text: str) -> Week | Fault:
    """Hours with the days in front of them, as often as wanted; or `24x7`."""
    if text.strip().lower() == "24x7":
        return FULL_WEEK
    groups: list[tuple[list[str], list[str]]] = []
    for word in words(text):
        if word[0].isdigit():
            if not groups:
                return Fault(f'"{text}" does not say on which days', f'write "mon-fri {word}"')
            groups[-1][1].append(word)
        elif groups and not groups[-1][1]:
            groups[-1][0].append(word)
        else:
            groups.append(([word], []))
    if not groups:
        return Fault("there are no hours", 'write them like "mon-fri 09:00-17:00"')
    return _week_of(groups)


def week_by_days(hours: Mapping[str, Windows]) -> Week | Fault:
    """A week from windows by days: `{mon-thu: ..., "sat,sun": ...}`."""
    week: dict[int, Windows] = {}
    for text, windows in hours.items():
        days = parse_days(words(text))
        if isinstance(days, Fault):
            return days
        for day in days:
            if day in week:
                return Fault(f"{WEEKDAYS[day]} is given twice", "say each day's hours once")
            week[day] = windows
    return tuple(week.get(day, ()) for day in range(7))


def _week_of(groups: Iterable[tuple[list[str], list[str]]]) -> Week | Fault:
    hours: dict[str, Windows] = {}
    for days, texts in groups:
        if not texts:
            return _days_without_hours(days)
        windows = parse_windows(" ".join(texts))
        if isinstance(windows, Fault):
            return windows
        key = " ".join(days)
        if key in hours:
            return Fault(f'"{key}" is given twice', "say each day's hours once")
        hours[key] = windows
    return week_by_days(hours)


def _days_without_hours(days: list[str]) -> Fault:
    known = parse_days(days)
    if isinstance(known, Fault):
        return known
    return Fault(f'"{" ".join(days)}" has no hours', 'write them like "mon-fri 09:00-17:00"')


def parse_days(texts: Iterable[str]) -> list[int] | Fault:
    """Weekdays, Monday 0, from `mon-fri`, `sat`; a range may run over the weekend: `sat-mon`."""
    days: list[int] = []
    for text in texts:
        if not _DAYS.fullmatch(text):
            return Fault(f'"{text}" is no weekday', 'write days like "mon-fri" or "sat,sun"')
        ends = text.split("-")
        for word in ends:
            if word not in WEEKDAYS:
                mend = did_you_mean(word, WEEKDAYS) or "days are mon tue wed thu fri sat sun"
                return Fault(f'"{word}" is no weekday', mend)
        first, last = WEEKDAYS.index(ends[0]), WEEKDAYS.index(ends[-1])
        days += [(first + step) % 7 for step in range((last - first) % 7 + 1)]
    return days


def parse_windows(text: str) -> Windows | Fault:
    """The hours of one day in order; `closed` is none. What ends no later than it starts runs past
    midnight, and windows that touch are one."""
    if text.strip().lower() == "closed":
        return ()
    windows: list[tuple[int, int]] = []
    for word in words(text):
        window = _window(word)
        if isinstance(window, Fault):
            return window
        windows.append(window)
    if not windows:
        return Fault("there are no hours", 'write "09:00-17:00", or "closed"')
    return _joined(sorted(windows))


def _joined(windows: list[tuple[int, int]]) -> Windows | Fault:
    for one, other in pairwise(windows):
        if other[0] < one[1]:
            return Fault(f"{_text(one)} and {_text(other)} overlap", "write one of them shorter")
    edges = [edge for window in windows for edge in window]
    inner = [edge for edge in edges[1:-1] if edges.count(edge) == 1]
    edges = [edges[0], *inner, edges[-1]]
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def _window(word: str) -> tuple[int, int] | Fault:
    match = _WINDOW.fullmatch(word)
    if match is None:
        return Fault(f'"{word}" is no window of hours', 'write it like "09:00-17:00"')
    numbers = [int(number or 0) for number in match.groups()]
    start, end = _millis(numbers[:3]), _millis(numbers[3:])
    if max(numbers[1], numbers[2], numbers[4], numbers[5]) > 59 or start >= DAY or end > DAY:
        return Fault(f'"{word}" has a time that no day has', "a day runs from 00:00 to 24:00")
    return start, end if end > start else int(end + DAY)


def _millis(clock: list[int]) -> int:
    hours, minutes, seconds = clock
    return (hours * 3600 + minutes * 60 + seconds) * 1000


def _text(window: tuple[int, int]) -> str:
    minutes = [edge // 60_000 % 1440 for edge in window]
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in minutes)


def shared_day(week: Week) -> int | None:
    """How long the open weekdays are, if all are as long."""
    lengths = {sum(end - start for start, end in windows) for windows in week if windows}
    return lengths.pop() if len(lengths) == 1 else None
