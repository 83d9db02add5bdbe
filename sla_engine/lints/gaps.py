"""Follow-the-sun: the hours that no desk of a union covers, through the seasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sla_engine.calendars import Calendar, elapsed, open_intervals
from sla_engine.calendars.spans import Minus, Opening, Union, Versions, Weekly
from sla_engine.lints.subject import Subject, found
from sla_engine.problems import Problem
from sla_engine.units import DAY, HOUR, Instant, to_datetime

WEEK = 5 * DAY
"""Monday to Friday, in UTC; weekends are seldom promised."""

_WEEKS = 53
_MONDAY = 4 * DAY  # 1970-01-05

_Season = tuple[timedelta | None, ...]


def union_gaps(subject: Subject) -> Iterator[Problem]:
    """A note for each union over several time zones that leaves weekday hours uncovered."""
    for name, _, where in subject.entries("calendars"):
        calendar = subject.policies.calendars.get(name)
        if calendar is None or len(_zones(calendar.versions)) < 2:
            continue
        weeks = dict(sorted(_fullest(calendar, subject.now).items()))
        if weeks and min(weeks.values()) < WEEK:
            yield found("note", "SLA208", where, *_said(calendar, weeks))


def _said(calendar: Calendar, weeks: Mapping[Instant, int]) -> tuple[str, str]:
    worst = min(weeks, key=lambda week: weeks[week])
    levels = [next(iter(weeks)), *(b for a, b in pairwise(weeks) if weeks[a] != weeks[b])]
    hours = [f"{weeks[week] / HOUR:g}" for week in levels]
    days = [f"{to_datetime(week):%-d %b %Y}" for week in levels]
    later = "".join(f", {more} from {day}" for more, day in zip(hours[1:], days[1:], strict=True))
    whole = f"{hours[0]} of {WEEK // HOUR} weekday hours"
    what = f'"{calendar.name}" covers {whole}{later}'
    gaps = ", ".join(dict.fromkeys(_gaps(calendar, worst)))
    return what, f"nobody works at {gaps} UTC (week of {to_datetime(worst):%-d %b %Y})"


def _gaps(calendar: Calendar, week: Instant) -> Iterator[str]:
    """The closed stretches of a week's days, as times of day."""
    spans = open_intervals(calendar, week, Instant(week + WEEK))
    for (_, closed), (opened, _) in pairwise(spans):
        yield f"{to_datetime(closed):%H:%M}–{to_datetime(opened):%H:%M}"
    if not spans:
        yield "any time"


def _fullest(calendar: Calendar, now: Instant) -> dict[Instant, int]:
    """Of every season of the coming year (a season ends where a zone puts its clocks forward or
    back) the week with the most open time, which is one without holidays."""
    zones = [ZoneInfo(zone) for zone in sorted(_zones(calendar.versions))]
    first = now - (now - _MONDAY) % (7 * DAY)
    best: dict[_Season, tuple[int, Instant]] = {}
    for number in range(_WEEKS):
        week = Instant(first + 7 * DAY * number)
        season = tuple(to_datetime(week, zone).utcoffset() for zone in zones)
        covered = elapsed(calendar, week, Instant(week + WEEK))
        if season not in best or covered > best[season][0]:
            best[season] = (covered, week)
    return {week: covered for covered, week in best.values()}


def _zones(versions: Versions) -> set[str]:
    return set().union(*(_of(version.opening) for version in versions))


def _of(opening: Opening) -> set[str]:
    match opening:
        case Union(parts):
            return set().union(*(_zones(versions) for _, versions in parts))
        case Minus(base):
            return _of(base)
        case Weekly(zone):
            return {zone}
    return set()  # no calendar is written like the rest
