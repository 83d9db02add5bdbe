"""When a calendar is open: its terms as values, and the intervals that follow from them.

A holiday removes the shifts that begin on it, tails past midnight included, and nothing else
(policy-language.md, case 76).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import chain, islice
from operator import ge, gt

import msgspec

from sla_engine.calendars.public_holidays import holidays_of
from sla_engine.calendars.recurrence import days_of
from sla_engine.calendars.zones import Stretch, closings, openings, since_first, stretches
from sla_engine.units import DAY

WEEK = 7 * DAY
_MONDAY = -3 * DAY  # 1969-12-29, from which weeks are counted

Windows = tuple[tuple[int, int], ...]
"""Opening hours of one day as (from, to) after its midnight; `to` may lie in the next day."""

Spans = tuple[list[int], list[int]]
"""Opening and closing instants, each ascending; spans may touch but never overlap."""


class Imported(msgspec.Struct, frozen=True):
    """Holidays by code; `days` (since 1970-01-01) replace what the installed package says, of
    `years` alone where those are given."""

    code: str
    days: tuple[int, ...] | None = None
    years: tuple[int, ...] = ()


class Weekly(msgspec.Struct, frozen=True):
    """A week of windows, Monday first, with its exceptions; days count from 1970-01-01."""

    zone: str
    week: tuple[Windows, ...]
    imports: tuple[Imported, ...] = ()
    added: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    special: tuple[tuple[int, Windows], ...] = ()


class Union(msgspec.Struct, frozen=True):
    """Open when any part is; each part with the name it goes by."""

    parts: tuple[tuple[str, Versions], ...]


class Minus(msgspec.Struct, frozen=True):
    """Open when `base` is and no part is."""

    base: Opening
    parts: tuple[tuple[str, Versions], ...]


class Once(msgspec.Struct, frozen=True):
    """Open in [start, end), once."""

    start: int
    end: int


class Recurring(msgspec.Struct, frozen=True):
    """Windows on the days of a recurrence rule, on the wall clock of a zone, from the day `since`
    up to and including the day `until`."""

    zone: str
    rule: str
    windows: Windows
    since: int | None = None
    until: int | None = None


Opening = Weekly | Union | Minus | Once | Recurring


class Version(msgspec.Struct, frozen=True):
    """What holds from `since` on. A calendar's first version holds before that as well."""

    since: int
    zone: str
    day: int
    opening: Opening
    day_stated: bool = False


Versions = tuple[Version, ...]
BEGINNING = -(1 << 62)
_END = 1 << 62
ALL_DAY: Windows = ((0, int(DAY)),)


def always_open(opening: Opening) -> bool:
    """Whether it never closes."""
    match opening:
        case Weekly():
            exceptions = opening.imports or opening.added or opening.special
            return not exceptions and all(windows == ALL_DAY for windows in opening.week)
        case Union(parts):
            return any(all(always_open(v.opening) for v in versions) for _, versions in parts)
    return False


def spans_of(versions: Versions, low: int, high: int) -> Spans:
    """All open spans within [low, high), each version within its time."""
    opens: list[int] = []
    closes: list[int] = []
    changes = [version.since for version in versions[1:]]
    times = zip([BEGINNING, *changes], [*changes, _END], strict=True)
    for version, (since, end) in zip(versions, times, strict=True):
        start, stop = max(low, since), min(high, end)
        if start < stop:
            more_opens, more_closes = _clip(_spans(version.opening, start, stop), start, stop)
            opens += more_opens
            closes += more_closes
    return opens, closes


def _spans(opening: Opening, low: int, high: int) -> Spans:
    match opening:
        case Weekly():
            return _weekly(opening, low, high)
        case Union(parts):
            return _any_of(parts, low, high)
        case Minus(base, parts):
            return _without(_spans(base, low, high), _any_of(parts, low, high))
        case Once(start, end):
            return [start], [end]
        case Recurring():
            return _recurring(opening, low, high)


def _recurring(terms: Recurring, low: int, high: int) -> Spans:
    """Spans over [low, high) and some more on either side."""
    first, last = low // DAY - 4, high // DAY + 3
    if terms.until is not None:
        last = min(last, terms.until + 1)
    days = days_of(terms.rule, terms.since, first, last)
    hours = [(day * DAY + start, day * DAY + end) for day in days for start, end in terms.windows]
    opens, closes = merged([start for start, _ in hours], [end for _, end in hours])
    offsets = stretches(terms.zone, (first - 1) * DAY, (high // DAY + 6) * DAY)
    return merged(openings(opens, offsets), closings(closes, offsets))


def _weekly(terms: Weekly, low: int, high: int) -> Spans:
    """Spans over [low, high) and some more on either side."""
    # A window may begin two days before it ends, and a zone be a day ahead or behind.
    first = (low - 4 * DAY - _MONDAY) // WEEK * WEEK + _MONDAY
    last = high + 3 * DAY
    # All in the time of the first stretch: half of a year needs no shifting then.
    first_offset, offsets = since_first(stretches(terms.zone, first - DAY, last + WEEK))
    opens, closes = _wall_clock(terms, first, last, first_offset)
    if _crosses_midnight(terms) and any(map(gt, closes, islice(opens, 1, None))):
        opens, closes = merged(opens, closes)
    spans = openings(opens, offsets), closings(closes, offsets)
    return merged(*spans) if _untidy(*spans, offsets) else spans


def _wall_clock(terms: Weekly, first: int, last: int, ahead: int) -> Spans:
    """The spans as the wall clock shows them, less `ahead`, of the weeks that begin in [first,
    last)."""
    hours = [
        (number * DAY + start - ahead, number * DAY + end - ahead)
        for number, windows in enumerate(terms.week)
        for start, end in windows
    ]
    weeks = range(first, last, WEEK)
    opens = [0] * (len(hours) * len(weeks))
    closes = list(opens)
    for number, (start, end) in enumerate(hours):
        # Slices filled from ranges: five times as fast as two loops.
        opens[number :: len(hours)] = range(first + start, last + start, WEEK)
        closes[number :: len(hours)] = range(first + end, last + end, WEEK)
    for day, windows in _exceptions(terms, first // DAY, weeks[-1] // DAY + 7).items():
        midnight = day * DAY - ahead
        low = bisect_left(opens, midnight)
        high = bisect_left(opens, midnight + DAY, low)
        opens[low:high] = [midnight + start for start, _ in windows]
        closes[low:high] = [midnight + end for _, end in windows]
    return opens, closes


def _crosses_midnight(terms: Weekly) -> bool:
    days = chain(terms.week, (windows for _, windows in terms.special))
    return any(end > DAY for windows in days for _, end in windows)


def _exceptions(terms: Weekly, first: int, last: int) -> dict[int, Windows]:
    """Days in [first, last) that differ from their weekday: holidays, then special hours."""
    days = set(terms.added)
    for imported in terms.imports:
        days.update(imported.days or ())
        if imported.days is None or imported.years:
            days.update(_public(imported, first, last))
    days.difference_update(terms.removed)
    found: dict[int, Windows] = dict.fromkeys((day for day in days if first <= day < last), ())
    found.update((day, windows) for day, windows in terms.special if first <= day < last)
    return found


def _public(imported: Imported, first: int, last: int) -> chain[int]:
    # 365.2425 days a year; one year more on either side costs little.
    years = range(1970 + first * 400 // 146_097 - 1, 1970 + last * 400 // 146_097 + 2)
    unlocked = (year for year in years if year not in imported.years)
    return chain.from_iterable(holidays_of(imported.code, year) for year in unlocked)


def _any_of(parts: tuple[tuple[str, Versions], ...], low: int, high: int) -> Spans:
    opens: list[int] = []
    closes: list[int] = []
    for _, versions in parts:
        more_opens, more_closes = spans_of(versions, low, high)
        opens += more_opens
        closes += more_closes
    return merged(opens, closes)


def _without(base: Spans, holes: Spans) -> Spans:
    """Cut the holes out: between them is where both are to be looked for."""
    opens: list[int] = []
    closes: list[int] = []
    hole_opens, hole_closes = holes
    for start, end in zip(*base, strict=True):
        at = start
        for number in range(bisect_right(hole_closes, start), bisect_left(hole_opens, end)):
            if hole_opens[number] > at:
                opens.append(at)
                closes.append(hole_opens[number])
            at = hole_closes[number]
        if at < end:
            opens.append(at)
            closes.append(end)
    return opens, closes


def merged(opens: list[int], closes: list[int]) -> Spans:
    """Spans in order, overlapping and touching ones joined, empty ones dropped."""
    found_opens: list[int] = []
    found_closes: list[int] = []
    for start, end in sorted(zip(opens, closes, strict=True)):
        if start >= end:
            continue
        if found_closes and start <= found_closes[-1]:
            found_closes[-1] = max(found_closes[-1], end)
        else:
            found_opens.append(start)
            found_closes.append(end)
    return found_opens, found_closes


def _untidy(opens: list[int], closes: list[int], offsets: list[Stretch]) -> bool:
    """Whether a change of offset, and nothing else can, made spans overlap or vanish."""
    for change, _ in offsets[1:]:
        low = bisect_left(closes, change - 2 * DAY)
        high = bisect_right(opens, change + 2 * DAY)
        near = opens[low:high], closes[low:high]
        if any(map(ge, *near)) or any(map(gt, near[1], near[0][1:])):
            return True
    return False


def _clip(spans: Spans, low: int, high: int) -> Spans:
    opens, closes = spans
    first, last = bisect_right(closes, low), bisect_left(opens, high)
    for edges in spans:
        del edges[last:], edges[:first]
    if opens:
        opens[0] = max(opens[0], low)
        closes[-1] = min(closes[-1], high)
    return opens, closes
