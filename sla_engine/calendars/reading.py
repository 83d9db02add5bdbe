"""From what a policy file says of a calendar to its versions, or to everything wrong with it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from sla_engine.calendars.exceptions import Given, with_holidays, with_special
from sla_engine.calendars.hours import FULL_WEEK, parse_week, shared_day
from sla_engine.calendars.mistakes import CalendarError, Path
from sla_engine.calendars.spans import (
    BEGINNING,
    Minus,
    Opening,
    Union,
    Version,
    Versions,
    Weekly,
)
from sla_engine.calendars.values import (
    Mistakes,
    Terms,
    check_keys,
    is_map,
    read_date,
    read_length,
    read_texts,
    read_week,
    read_zone,
)
from sla_engine.calendars.zones import openings, stretches
from sla_engine.problems import did_you_mean
from sla_engine.units import DAY

KEYS = ("tz", "hours", "day", "holidays", "special", "effective", "extends", "union", "minus")
_OWN = ("hours", "holidays", "special")
_ALWAYS: Versions = (Version(BEGINNING, "UTC", DAY, Weekly("UTC", FULL_WEEK)),)
_SHORT = '"mon-fri 09:00-17:00 Europe/Berlin"'


class _Reader(msgspec.Struct):
    """What a reading needs to know besides the terms, and what it finds wrong."""

    name: str
    known: Mapping[str, Versions]
    given: Given
    mistakes: Mistakes


def read_versions(
    terms: object, name: str, known: Mapping[str, Versions], given: Given
) -> tuple[Versions, tuple[CalendarError, ...]]:
    """The versions that terms state, first to last; without worth where there are errors."""
    reader = _Reader(name, known, given, Mistakes())
    if isinstance(terms, str):
        versions = _short(reader, terms, ())
    elif is_map(terms):
        earlier = known.get(name, ()) if "effective" in terms else ()
        versions = _versions(reader, terms, (), earlier)
    elif isinstance(terms, list | tuple) and terms:
        versions = _listed(reader, terms)
    else:
        versions = ()
        reader.mistakes.add((), "this is no calendar", f"write it like {_SHORT}, or as a map")
    return versions, tuple(reader.mistakes)


def _listed(reader: _Reader, terms: list[object] | tuple[object, ...]) -> Versions:
    """A list of versions; each may extend the one before it by the calendar's own name."""
    versions: Versions = ()
    for number, item in enumerate(terms):
        if not is_map(item):
            reader.mistakes.add((number,), "a version is a map", 'give it "effective: 2026-01-01"')
            continue
        if number and "effective" not in item:
            mend = 'add the date from which on it holds, like "effective: 2026-01-01"'
            reader.mistakes.add((number,), "a later version has no date", mend)
            continue
        before = {reader.name: versions} if versions else {}
        scope = _Reader(reader.name, {**reader.known, **before}, reader.given, reader.mistakes)
        versions = _versions(scope, item, (number,), versions)
    return versions


def _versions(reader: _Reader, terms: Terms, path: Path, earlier: Versions) -> Versions:
    """The versions of one map, after earlier ones. Extending several makes as many, but one with a
    date of its own extends the latest."""
    check_keys(terms, KEYS, path, reader.mistakes)
    bases: Versions = ()
    if "extends" in terms:
        bases = _base(reader, terms["extends"], (*path, "extends"))
        if not bases:
            return earlier
        bases = bases[-1:] if "effective" in terms else bases
    made = [_version(reader, terms, path, base) for base in bases or (None,)]
    found = tuple(version for version in made if version is not None)
    if "effective" not in terms or not found:
        return earlier + found
    since = _since(reader, terms, path, found[0].zone, earlier)
    return (*earlier, msgspec.structs.replace(found[0], since=since))


def _base(reader: _Reader, value: object, path: Path) -> Versions:
    if isinstance(value, str):
        return _short(reader, value, path)
    reader.mistakes.add(path, "a calendar extends one other", "give its name, or join with union")
    return ()


def _since(reader: _Reader, terms: Terms, path: Path, zone: str, earlier: Versions) -> int:
    """The local midnight of `effective`."""
    path = (*path, "effective")
    day = read_date(terms["effective"], path, reader.mistakes)
    if day is None:
        return BEGINNING
    midnight = day * DAY
    since = openings([midnight], stretches(zone, midnight - 2 * DAY, midnight + 2 * DAY))[0]
    if earlier and since <= earlier[-1].since:
        mend = "give versions in the order of their dates"
        reader.mistakes.add(path, "this is not after the version before it", mend)
    return since


def _version(reader: _Reader, terms: Terms, path: Path, base: Version | None) -> Version | None:
    mistakes = reader.mistakes
    zone = read_zone(terms["tz"], (*path, "tz"), mistakes) if "tz" in terms else None
    stated = read_length(terms["day"], (*path, "day"), mistakes) if "day" in terms else None
    if "union" in terms:
        opening: Opening | None = _union(reader, terms, path)
    else:
        opening = _own(reader, terms, path, base, zone)
    if "minus" in terms:
        parts = _parts(reader, terms["minus"], (*path, "minus"))
        opening = Minus(opening, parts) if opening and parts else None
    if opening is None:
        return None
    day: int | None = stated
    is_stated = stated is not None
    if day is None and "day" not in terms:
        day, is_stated = _day(reader, terms, path, base, opening)
    zone = zone or (base.zone if base and "union" not in terms else _zone(opening))
    since = base.since if base else BEGINNING
    return Version(since, zone, day or DAY, opening, is_stated)


def _day(
    reader: _Reader, terms: Terms, path: Path, base: Version | None, opening: Opening
) -> tuple[int | None, bool]:
    """What 1bd is where the terms do not say: as the base states it, or by the hours."""
    if base and (base.day_stated or "hours" not in terms):
        return base.day, base.day_stated
    week = _week(opening)
    day = shared_day(week.week) if week else None
    if day is None and week and not any(week.week):
        return DAY, False
    if day is None:
        why = "its days differ in length" if week else "a union has no day of its own"
        key = "hours" if week else "union"
        place = (*path, key) if key in terms else path
        reader.mistakes.add(place, f"{why}, so 1bd is not clear", 'state it, like "day: 8h"')
    return day, False


def _week(opening: Opening) -> Weekly | None:
    match opening:
        case Weekly():
            return opening
        case Minus(base):
            return _week(base)
    return None


def _zone(opening: Opening) -> str:
    """The zone that all parts share, else UTC."""
    match opening:
        case Weekly(zone):
            return zone
        case Minus(base):
            return _zone(base)
        case Union(parts):
            zones = {version.zone for _, versions in parts for version in versions}
            return zones.pop() if len(zones) == 1 else "UTC"
        case _:
            return "UTC"  # no calendar is written like this


def _union(reader: _Reader, terms: Terms, path: Path) -> Opening | None:
    for key in (*_OWN, "extends"):
        if key in terms:
            mend = "give it to a calendar of its own and name that in the union"
            reader.mistakes.add((*path, key), f'"{key}" does not go with "union"', mend)
    parts = _parts(reader, terms["union"], (*path, "union"))
    return Union(parts) if parts else None


def _parts(reader: _Reader, value: object, path: Path) -> tuple[tuple[str, Versions], ...]:
    """Calendars by name or in the short form."""
    texts = read_texts(value, path, reader.mistakes)
    found = [(text if text in reader.known else "", _short(reader, text, p)) for p, text in texts]
    return tuple((name, versions) for name, versions in found if versions)


def _own(
    reader: _Reader, terms: Terms, path: Path, base: Version | None, zone: str | None
) -> Opening | None:
    """Hours of its own, or the base's with what the terms replace and join."""
    if base is None:
        return _weekly(reader, terms, path, Weekly("", ()), zone)
    return _replaced(reader, terms, path, base.opening, zone)


def _replaced(
    reader: _Reader, terms: Terms, path: Path, opening: Opening, zone: str | None
) -> Opening | None:
    match opening:
        case Weekly():
            return _weekly(reader, terms, path, opening, zone)
        case Minus(base, parts):
            inner = _replaced(reader, terms, path, base, zone)
            return Minus(inner, parts) if inner else None
        case Union():
            for key in (key for key in _OWN if key in terms):
                what = f'"{key}" cannot be changed in a union of calendars'
                reader.mistakes.add((*path, key), what, "extend one of its parts instead")
            return opening
        case _:
            return opening  # no calendar is written like this


def _weekly(
    reader: _Reader, terms: Terms, path: Path, base: Weekly, zone: str | None
) -> Weekly | None:
    mistakes = reader.mistakes
    week = read_week(terms["hours"], (*path, "hours"), mistakes) if "hours" in terms else base.week
    if week == FULL_WEEK and not base.zone and "tz" not in terms:
        zone = "UTC"
    misspelt = not terms.keys() <= set(KEYS)  # what is missing may be what is misspelt
    if not (misspelt or zone or base.zone or "tz" in terms):
        mistakes.add(path, "the calendar has no time zone", 'add one, like "tz: Europe/Berlin"')
    if not (misspelt or {"hours", "special"} & terms.keys() or base.week):
        mistakes.add(path, "the calendar has no hours", 'add "hours: mon-fri 09:00-17:00"')
    found = Weekly(
        zone or base.zone or "UTC",
        week or ((),) * 7,
        base.imports,
        base.added,
        base.removed,
        base.special,
    )
    if "holidays" in terms:
        place = (*path, "holidays")
        found = with_holidays(found, terms["holidays"], place, reader.given, mistakes)
    if "special" in terms:
        found = with_special(found, terms["special"], (*path, "special"), mistakes)
    return found if week is not None else None


def _short(reader: _Reader, text: str, path: Path) -> Versions:
    """A known calendar by name, `24x7`, or hours and zone in one line."""
    text = text.strip()
    if text in reader.known:
        return reader.known[text]
    if text.lower() == "24x7":
        return _ALWAYS
    hours, _, zone = text.rpartition(" ")
    if not hours and ":" not in text:
        mend = did_you_mean(text, [*reader.known, "24x7"]) or f"write its hours: {_SHORT}"
        reader.mistakes.add(path, f'no calendar is called "{text}"', mend)
        return ()
    if ":" in zone:
        mend = f'end it with one: "{text} Europe/Berlin"'
        reader.mistakes.add(path, f'"{text}" has no time zone', mend)
        return ()
    week = parse_week(hours)
    checked = read_zone(zone, path, reader.mistakes)
    if reader.mistakes.kept(path, week) or checked is None or not isinstance(week, tuple):
        return ()
    opening = Weekly(checked, week)
    day, _ = _day(reader, {}, path, None, opening)
    return (Version(BEGINNING, checked, day or DAY, opening),)
