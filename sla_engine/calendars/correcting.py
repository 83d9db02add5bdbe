"""Whether a calendar is another one with dated corrections: holidays, special days, versions.

What bears a date says by itself when it holds. Hours that change without one would rewrite the
past (policy-language.md, cases 72 and 73).
"""

from __future__ import annotations

from msgspec.structs import replace

from sla_engine.calendars.calendar import Calendar
from sla_engine.calendars.spans import Minus, Opening, Union, Versions, Weekly


def only_dated(old: Calendar, new: Calendar) -> bool:
    """Whether all that differs in `new` bears a date: each version of `old` still stands in it,
    with the same hours."""
    return _undated(old.versions) <= _undated(new.versions)


def _undated(versions: Versions) -> frozenset[object]:
    return frozenset((v.since, v.zone, v.day, _bare(v.opening)) for v in versions)


def _bare(opening: Opening) -> object:
    match opening:
        case Weekly():
            return replace(opening, imports=(), added=(), removed=(), special=())
        case Union(parts):
            return _parts(parts)
        case Minus(base, parts):
            return (_bare(base), _parts(parts))
        case _:
            return opening


def _parts(parts: tuple[tuple[str, Versions], ...]) -> tuple[object, ...]:
    return tuple((name, _undated(versions)) for name, versions in parts)
