"""Calendars made from others: with holes, and on the wall clock of another place."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from sla_engine.calendars.calendar import Calendar
from sla_engine.calendars.spans import BEGINNING, Minus, Opening, Union, Version, Weekly
from sla_engine.units import DAY


def calendar_of(name: str, openings: Sequence[Opening], zone: str) -> Calendar:
    """The calendar that is open in any of these."""
    parts = [(Version(BEGINNING, zone, DAY, opening),) for opening in openings]
    if len(parts) == 1:
        return Calendar(name, parts[0])
    union = Union(tuple(("", versions) for versions in parts))
    return Calendar(name, (Version(BEGINNING, zone, DAY, union),))


def without(calendar: Calendar, holes: tuple[Calendar, ...]) -> Calendar:
    """The calendar, closed whenever one of the others is open; it keeps its name."""
    return _without(calendar, holes, calendar.name) if holes else calendar


@lru_cache(maxsize=1024)  # so that all who ask share one table; equal calendars have many names
def _without(calendar: Calendar, holes: tuple[Calendar, ...], name: str) -> Calendar:
    parts = tuple((hole.name, hole.versions) for hole in holes)
    versions = (replace(v, opening=Minus(v.opening, parts)) for v in calendar.versions)
    return Calendar(name, tuple(versions))


def in_zone(calendar: Calendar, zone: str) -> Calendar:
    """The same hours on the wall clock of `zone`, called `office in Asia/Tokyo`. Each part of a
    union keeps a zone of its own, and what never closes is everywhere the same."""
    if calendar.always_open:
        return calendar
    return _in_zone(calendar, zone, f"{calendar.name} in {zone}")


@lru_cache(maxsize=1024)  # as above
def _in_zone(calendar: Calendar, zone: str, name: str) -> Calendar:
    versions = (
        replace(version, zone=zone, opening=_moved(version.opening, zone))
        for version in calendar.versions
    )
    return Calendar(name, tuple(versions))


def is_union(calendar: Calendar) -> bool:
    """Whether it is made of calendars that may hang on different wall clocks."""
    return any(isinstance(_bare(version.opening), Union) for version in calendar.versions)


def _bare(opening: Opening) -> Opening:
    return _bare(opening.base) if isinstance(opening, Minus) else opening


@lru_cache(maxsize=1024)
def is_zone(name: str) -> bool:
    """Whether a time zone has this name."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a folder, an odd path, no such zone
        return False
    return True


def _moved(opening: Opening, zone: str) -> Opening:
    match opening:
        case Weekly():
            return replace(opening, zone=zone)
        case Minus(base, parts):
            return Minus(_moved(base, zone), parts)
        case _:
            return opening
