"""What is asked in the business-time benchmark, and the truth about it by brute force."""

from __future__ import annotations

import random
from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

from benchmarks.peers import ZONE, Hours
from sla_engine.calendars.public_holidays import EPOCH_DAY, holidays_of
from sla_engine.units import HOUR, MINUTE, Instant, Millis, from_datetime

PAIRS = 10_000
START = Instant(1_577_836_800_000)  # 2020-01-01
END = Instant(1_790_812_800_000)  # 2026-10-01

Pair = tuple[Instant, Instant]
Length = tuple[Instant, Millis]
Asked = tuple[list[Pair], list[Length]]


def office() -> Hours:
    """The main calendar: a lunch break and the holidays of England."""
    days = [
        date.fromordinal(day + EPOCH_DAY)
        for year in range(2019, 2028)
        for day in holidays_of("GB-ENG", year)
    ]
    return Hours((0, 1, 2, 3, 4), ((9, 12), (13, 17)), tuple(days))


def night() -> Hours:
    """The hours that clock changes touch."""
    return Hours(tuple(range(7)), ((0, 8),), ())


class Truth:
    """Open minutes so far, at every minute from 2019-12-01 on."""

    def __init__(self, hours: Hours) -> None:
        self.start = from_datetime(datetime(2019, 12, 1, tzinfo=UTC))
        self.opened: list[bool] = []
        for hour in range(8 * 366 * 24):
            local = datetime.fromtimestamp((self.start + hour * HOUR) // 1000, ZONE)
            at_work = local.weekday() in hours.days and local.date() not in hours.off
            within = any(start <= local.hour < end for start, end in hours.windows)
            self.opened += [at_work and within] * 60
        self.sums = [0, *accumulate(self.opened)]

    def _so_far(self, at: int) -> int:
        minute, rest = divmod(at - self.start, MINUTE)
        return self.sums[minute] * MINUTE + (rest if self.opened[minute] else 0)

    def elapsed(self, pair: Pair) -> int:
        """Open milliseconds between two instants."""
        return self._so_far(pair[1]) - self._so_far(pair[0])

    def due(self, length: Length) -> int:
        """The first instant by which so much was open."""
        wanted = self._so_far(length[0]) + length[1]
        minute = bisect_left(self.sums, -(-wanted // MINUTE))
        return self.start + minute * MINUTE - (self.sums[minute] * MINUTE - wanted)


def main_pairs(rng: random.Random) -> Asked:
    """Spans from a minute to 90 days, lengths from a minute to 240 hours, evenly by magnitude."""
    starts = [Instant(rng.randrange(START, END) // 1000 * 1000) for _ in range(PAIRS)]
    spans = [int(60 * (90 * 1440) ** rng.random()) * 1000 for _ in starts]
    lengths = [int(60 * (240 * 60) ** rng.random()) * 1000 for _ in starts]
    pairs = [(a, Instant(a + span)) for a, span in zip(starts, spans, strict=True)]
    return pairs, [(a, Millis(length)) for a, length in zip(starts, lengths, strict=True)]


def changes() -> list[Instant]:
    """When clocks changed in London from 2020 to 2026."""
    hours = [datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(7 * 366 * 24)]
    offsets = [hour.astimezone(ZONE).utcoffset() for hour in hours]
    later = zip(hours[1:], offsets[1:], offsets, strict=False)
    return [from_datetime(hour) for hour, now, before in later if now != before][:14]


def change_pairs(rng: random.Random) -> Asked:
    """Fifty a change, from half a day before at most to half a day after."""
    pairs = []
    for change in changes():
        for _ in range(50):
            before, after = (rng.randrange(MINUTE, 12 * HOUR) // 1000 * 1000 for _ in "ab")
            pairs.append((Instant(change - before), Instant(change + after)))
    return pairs, [(a, Millis(rng.randrange(60, 8 * 3600) * 1000)) for a, _ in pairs]
