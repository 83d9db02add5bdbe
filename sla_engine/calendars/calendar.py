"""Business time as an odometer: how far it has run at an instant, and when it will have run so far.

The open spans lie in one sorted list of edges; `base` says for the stretch before each edge what
the odometer shows there, less the edge's own instant while it runs. A question is two bisections,
whatever the span. Tables cover some years and grow when asked beyond them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from math import inf
from operator import sub
from typing import TYPE_CHECKING

from sla_engine.calendars.describing import described
from sla_engine.calendars.reading import read_versions
from sla_engine.calendars.spans import always_open, merged, spans_of
from sla_engine.units import Instant, Millis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sla_engine.calendars.exceptions import Given
    from sla_engine.calendars.mistakes import CalendarError
    from sla_engine.calendars.spans import Versions

FIRST = Instant(0)
LAST = Instant(7_258_118_400_000)
"""1970 and 2200: a business calendar is closed before and after. `24x7` knows no bounds."""

_YEAR = 31_556_952_000

_Table = tuple[float, float, list[Instant], list[int], list[int]]
"""(low, high, edges, base, sums): right for instants in [low, high]. `sums` is what the odometer
shows at each closing, from 0."""

_UNBUILT: _Table = (inf, -inf, [], [], [])


class Calendar:
    """When work is done. Immutable, hashable, equal by meaning: the name is only what it is called.

    `day` is what 1bd is and `zone` where its wall clock hangs, both as of its latest version;
    `always_open` holds for 24x7 alone.
    """

    __slots__ = ("_hash", "_table", "always_open", "day", "name", "versions", "zone")

    name: str
    zone: str
    day: Millis
    always_open: bool
    versions: Versions
    _hash: int
    _table: _Table

    def __init__(self, name: str, versions: Versions) -> None:
        keep = object.__setattr__
        keep(self, "name", name)
        keep(self, "versions", versions)
        keep(self, "zone", versions[-1].zone)
        keep(self, "day", Millis(versions[-1].day))
        keep(self, "always_open", all(always_open(version.opening) for version in versions))
        keep(self, "_hash", hash(_meaning(versions)))
        keep(self, "_table", _UNBUILT)

    @classmethod
    def from_mapping(
        cls,
        terms: object,
        *,
        name: str = "",
        known: Mapping[str, Calendar] | None = None,
        holidays: Given | None = None,
    ) -> Calendar:
        """The calendar that an entry of a policy file's `calendars:` states; the first
        CalendarError (a ValueError) where it is wrong. `read_calendar` finds all of them."""
        calendar, errors = read_calendar(terms, name=name, known=known, holidays=holidays)
        if calendar is None:
            raise errors[0]
        return calendar

    def day_at(self, at: Instant) -> Millis:
        """What 1bd was or will be at an instant, by the version in force."""
        number = bisect_right([version.since for version in self.versions[1:]], at)
        return Millis(self.versions[number].day)

    def describe(self, *, whole: bool = False) -> str:
        """`Mon–Fri 09–17 Europe/Berlin, holidays DE-BY`: one line for people; `whole` as in
        `described`."""
        return described(self.versions, whole=whole)

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Calendar)
            and self._hash == other._hash
            and _meaning(self.versions) == _meaning(other.versions)
        )

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Calendar({self.name!r}: {self.describe()})"

    def __reduce__(self) -> tuple[type[Calendar], tuple[str, Versions]]:
        return Calendar, (self.name, self.versions)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Calendar never changes: {name}")

    def _covering(self, low: int, high: int) -> _Table:
        """The table, grown so that it is right over [low, high]: each time to twice its length."""
        known_low, known_high = self._table[:2]
        if known_low > known_high:
            start, end = min(low, LAST) - _YEAR // 4, max(high, FIRST) + _YEAR
        else:
            start, end = int(max(known_low, FIRST)), int(min(known_high, LAST))
            length = end - start
            start = start if low >= known_low else min(low, start) - length
            end = end if high <= known_high else max(high, end) + length
        table = _build(self.versions, max(start, FIRST), min(end, LAST))
        object.__setattr__(self, "_table", table)  # one assignment, so threads see old or new
        return table


def _meaning(versions: Versions) -> tuple[object, ...]:
    changes = tuple(version.since for version in versions[1:])
    return changes, *((part.zone, part.day, part.opening) for part in versions)


def _build(versions: Versions, low: int, high: int) -> _Table:
    opens, closes = spans_of(versions, low, high)
    sums = [0, *accumulate(map(sub, closes, opens))]
    edges: list[Instant] = [FIRST] * (2 * len(opens))
    edges[::2] = opens  # type: ignore[assignment]  # NewType is a call, for each of 5,000
    edges[1::2] = closes  # type: ignore[assignment]  # the same
    base = [0] * (2 * len(opens) + 1)
    base[::2] = sums
    base[1::2] = map(sub, sums, opens)
    return -inf if low <= FIRST else low, inf if high >= LAST else high, edges, base, sums


def read_calendar(
    terms: object,
    *,
    name: str = "",
    known: Mapping[str, Calendar] | None = None,
    holidays: Given | None = None,
) -> tuple[Calendar | None, tuple[CalendarError, ...]]:
    """A calendar from a mapping, a list of versions or a short form, or everything wrong with it.

    Times, dates and durations are texts, as YAML 1.2 leaves them. `known` are the calendars that
    may be named; where it has `name` itself and the terms say `effective`, they are its next
    version. `holidays` are dates by import code that stand instead of the installed package's.
    """
    others = {key: calendar.versions for key, calendar in (known or {}).items()}
    versions, errors = read_versions(terms, name, others, holidays or {})
    return (None if errors else Calendar(name, versions)), errors


def elapsed(calendar: Calendar, a: Instant, b: Instant) -> Millis:
    """Open time in [a, b); 0 where b <= a."""
    if b <= a:
        return Millis(0)
    if calendar.always_open:
        return b - a  # type: ignore[return-value]  # Millis(...) would cost a tenth of the call
    low, high, edges, base, _ = calendar._table
    if a < low or b > high:
        _, _, edges, base, _ = calendar._covering(a, b)
    i = bisect_right(edges, b)
    j = bisect_right(edges, a)
    return (base[i] + b if i & 1 else base[i]) - (base[j] + a if j & 1 else base[j])  # type: ignore[return-value]  # as above


def advance(calendar: Calendar, a: Instant, millis: Millis) -> Instant | None:
    """The least t >= a with elapsed(a, t) >= millis: a itself for 0, and at closing rather than at
    the next opening. None where the calendar never opens that much again."""
    if millis <= 0:
        return a
    if calendar.always_open:
        return a + millis  # type: ignore[return-value]  # Instant(...) would cost a tenth of the call
    low, high, edges, base, sums = calendar._table
    if a < low or a > high:
        low, high, edges, base, sums = calendar._covering(a, a)
    i = bisect_right(edges, a)
    target = (base[i] + a if i & 1 else base[i]) + millis
    k = bisect_left(sums, target)
    if k < len(sums):
        return target - base[2 * k - 1]  # type: ignore[return-value]  # as above
    if high == inf:
        return None
    calendar._covering(a, int(high) + 1)
    return advance(calendar, a, millis)


def retreat(calendar: Calendar, a: Instant, millis: Millis) -> Instant | None:
    """The latest t <= a with elapsed(t, a) >= millis: `advance` in the mirror."""
    if millis <= 0:
        return a
    if calendar.always_open:
        return Instant(a - millis)
    low, high, edges, base, sums = calendar._table
    if a < low or a > high:
        low, high, edges, base, sums = calendar._covering(a, a)
    i = bisect_right(edges, a)
    target = (base[i] + a if i & 1 else base[i]) - millis
    if target >= 0:
        return Instant(target - base[2 * bisect_right(sums, target) - 1])
    if low == -inf:
        return None
    calendar._covering(int(low) - 1, a)
    return retreat(calendar, a, millis)


def opening(calendar: Calendar, at: Instant) -> Instant | None:
    """`at` itself if open then, else the next opening; None where it never opens again."""
    later = advance(calendar, at, Millis(1))
    return None if later is None else Instant(later - 1)


def stretch(calendar: Calendar, at: Instant) -> tuple[Instant, Instant] | None:
    """The open stretch that holds `at`, else the next; None where it never opens again."""
    start = opening(calendar, at)
    if start is None or calendar.always_open:
        return None if start is None else (start, LAST)
    while True:
        low, high, edges, _, _ = calendar._table
        number = bisect_right(edges, start)
        begin, end = edges[number - 1], edges[number]
        if low < begin and end < high:
            return begin, end
        calendar._covering(
            start if low < begin else int(low) - 1, start if end < high else int(high) + 1
        )


def is_open(calendar: Calendar, at: Instant) -> bool:
    """Whether work is done at the instant: an opening counts, a closing does not."""
    return opening(calendar, at) == at


def open_intervals(calendar: Calendar, a: Instant, b: Instant) -> list[tuple[Instant, Instant]]:
    """The open stretches within [a, b), in order; those that touch are one."""
    if b <= a:
        return []
    if calendar.always_open:
        return [(a, b)]
    opens, closes = merged(*spans_of(calendar.versions, max(a, FIRST), min(b, LAST)))
    return [(Instant(start), Instant(end)) for start, end in zip(opens, closes, strict=True)]
