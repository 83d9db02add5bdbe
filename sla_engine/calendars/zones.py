"""Wall-clock time to instants: a zone as stretches of one UTC offset.

A window opens when the wall clock first reaches its start, and closes once the wall clock was for
the last time before its end. So an edge in an hour that spring skips falls on the end of the gap,
and in an hour that autumn repeats an opening takes the first and a closing the second occurrence
(policy-language.md, cases 67 and 68).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from sla_engine.units import DAY

_BLOCK = 3_660 * DAY
# No zone changed its offset twice within 6.9 days since 1968 or will by 2087 (tzdata 2025b).
_STEP = 5 * DAY

Stretch = tuple[int, int]
"""(the instant from which on, offset from UTC in milliseconds)."""


def stretches(zone: str, low: int, high: int) -> list[Stretch]:
    """The offsets in force over [low, high], in order; the first begins at or before `low`."""
    found = [(low, offset_at(zone, low))]
    for block in range(low // _BLOCK, high // _BLOCK + 1):
        found += [change for change in _changes(zone, block) if low < change[0] <= high]
    return found


def offset_at(zone: str, at: int) -> int:
    """Milliseconds that the zone is ahead of UTC at an instant."""
    offset = datetime.fromtimestamp(at // 1000, ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return round(offset.total_seconds()) * 1000


@cache  # one small tuple a zone and decade; every calendar of the zone shares it
def _changes(zone: str, block: int) -> tuple[Stretch, ...]:
    found = []
    before = offset_at(zone, block * _BLOCK)
    for start in range(block * _BLOCK, (block + 1) * _BLOCK, _STEP):
        after = offset_at(zone, start + _STEP)
        if after != before:
            found.append((_first_with(zone, before, start, start + _STEP), after))
        before = after
    return tuple(found)


def _first_with(zone: str, before: int, low: int, high: int) -> int:
    """The second at which the offset stops being `before`, between two instants around it."""
    low, high = low // 1000, high // 1000
    while high - low > 1:
        middle = (low + high) // 2
        if offset_at(zone, middle * 1000) == before:
            low = middle
        else:
            high = middle
    return high * 1000


def since_first(offsets: list[Stretch]) -> tuple[int, list[Stretch]]:
    """The offset of the first stretch, and what each is ahead of that."""
    _, first = offsets[0]
    return first, [(begin, offset - first) for begin, offset in offsets]


def _less(local: list[int], offset: int) -> list[int]:
    return [time - offset for time in local] if offset else local


def openings(local: list[int], offsets: list[Stretch]) -> list[int]:
    """The instants at which the wall clock first reaches these local times, which ascend."""
    found: list[int] = []
    start = 0
    for number, (begin, offset) in enumerate(offsets):
        stop = len(local)
        if number + 1 < len(offsets):
            stop = bisect_left(local, offsets[number + 1][0] + offset, start)
        # Times before the stretch's own beginning were skipped when it began.
        valid = start if number == 0 else bisect_left(local, begin + offset, start, stop)
        found += [begin] * (valid - start)
        found += _less(local[valid:stop], offset)
        start = stop
    return found


def closings(local: list[int], offsets: list[Stretch]) -> list[int]:
    """The instants from which on the wall clock is never again before these local times."""
    found: list[int] = []
    start = 0
    for number, (_, offset) in enumerate(offsets):
        if number + 1 == len(offsets):
            found += _less(local[start:], offset)
            break
        end, following = offsets[number + 1]
        stop = bisect_right(local, end + following, start)
        valid = bisect_left(local, end + offset, start, stop)
        found += _less(local[start:valid], offset)
        found += [end] * (stop - valid)
        start = stop
    return found
