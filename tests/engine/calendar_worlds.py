"""Calendars drawn at random around changes of the clock, and the truth about them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from sla_engine.units import MINUTE, Instant, from_datetime, to_datetime

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# A day on which, or in the night to which, the clock of the zone does something.
CHANGES = (
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("Europe/London", "2024-10-27"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"),  # half an hour
    ("Australia/Lord_Howe", "2026-10-04"),
    ("America/Sao_Paulo", "2018-02-18"),  # at midnight
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Havana", "2026-11-01"),  # from 01:00 to 00:00
    ("Africa/Casablanca", "2026-02-15"),
    ("Pacific/Apia", "2011-12-30"),  # a day that never was
    ("Pacific/Kiritimati", "1994-12-31"),  # another one
    ("Asia/Pyongyang", "2015-08-15"),  # once and for all
    ("Antarctica/Troll", "2026-10-25"),  # two hours
    ("Asia/Kolkata", "2026-01-05"),  # nothing at all
)


Hours = list[tuple[int, int]]


class World(NamedTuple):
    """A calendar in words, and the same for the oracle: windows in minutes by weekday and date."""

    terms: dict[str, object]
    zone: str
    week: Mapping[int, Hours]
    holidays: frozenset[date]
    special: Mapping[date, Hours]
    around: Instant


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def text(windows: Hours) -> str:
    spans = [
        f"{clock(start)}-{clock(end if end <= 1440 else end - 1440)}" for start, end in windows
    ]
    return " ".join(spans) or "closed"


@st.composite
def day_windows(draw: st.DrawFn) -> Hours:
    """Up to three windows that do not overlap; the last may run past midnight."""
    minutes = st.integers(0, 95).map(lambda quarter: quarter * 15) | st.integers(0, 1439)
    count = draw(st.integers(0, 3))
    edges = sorted(draw(st.lists(minutes, min_size=2 * count, max_size=2 * count, unique=True)))
    windows = list(zip(edges[::2], edges[1::2], strict=True))
    past = draw(st.integers(0, 1439))
    if windows and past <= (start := windows[-1][0]):
        windows[-1] = (start, 1440 + past)
    return windows


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A calendar whose week holds a change of the clock, with exceptions near it."""
    zone, change = draw(st.sampled_from(CHANGES))
    day = date.fromisoformat(change)
    near = st.integers(-4, 4).map(lambda days: day + timedelta(days))
    kinds = [draw(day_windows()) for _ in range(3)]
    picks = draw(st.lists(st.sampled_from(kinds), min_size=7, max_size=7))
    week = dict(enumerate(picks))
    holidays = draw(st.frozensets(near, max_size=2))
    special = draw(st.dictionaries(near, day_windows(), max_size=2))
    terms: dict[str, object] = {
        "tz": zone,
        "hours": {DAYS[number]: text(windows) for number, windows in week.items()},
        "day": "8h",
        "holidays": {"add": [str(off) for off in sorted(holidays)]},
        "special": {str(key): text(windows) for key, windows in special.items()},
    }
    noon = from_datetime(
        to_datetime(Instant(0)).replace(year=day.year, month=day.month, day=day.day)
    )
    return World(terms, zone, week, holidays, special, noon)


class Truth:
    """Whether each minute of some days around the change is open, looked up on the wall clock."""

    def __init__(self, world: World, days: int = 4) -> None:
        self.first = world.around - days * 1440 * MINUTE
        self.minutes = 2 * days * 1440
        ats = [Instant(self.first + number * MINUTE) for number in range(self.minutes)]
        zone = ZoneInfo(world.zone)
        walls = [_wall(at, zone) for at in ats]
        self._so_far = list(accumulate(walls, max))
        self._from_now = list(accumulate(reversed(walls), min))[::-1]
        opened = [False] * self.minutes
        for number in range(-1, 2 * days + 1):
            day = to_datetime(Instant(self.first)).date() + timedelta(days=number)
            for start, end in _windows(world, day):
                midnight = day.toordinal() * 1440
                # The wall clock first at `start`, and for the last time before `end`.
                low = bisect_left(self._so_far, midnight + start)
                high = bisect_left(self._from_now, midnight + end)
                opened[low:high] = [True] * len(opened[low:high])
        self.opened = opened

    def elapsed(self, a: int, b: int) -> int:
        """Open minutes between two numbers of minutes."""
        return sum(self.opened[a:b])

    def at(self, minute: int) -> Instant:
        """The instant of a minute's number."""
        return Instant(self.first + minute * MINUTE)


def _windows(world: World, day: date) -> Hours:
    if day in world.special:
        return world.special[day]
    return [] if day in world.holidays else list(world.week[day.weekday()])


def _wall(at: Instant, zone: ZoneInfo) -> int:
    local = to_datetime(at, zone)
    return local.date().toordinal() * 1440 + local.hour * 60 + local.minute
