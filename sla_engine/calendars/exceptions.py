"""Days that differ from their weekday, as written: `holidays:` and `special:`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec.structs import replace

from sla_engine.calendars.mistakes import Path
from sla_engine.calendars.public_holidays import EPOCH_DAY, unknown_code
from sla_engine.calendars.spans import Imported, Weekly
from sla_engine.calendars.values import (
    Mistakes,
    check_keys,
    is_map,
    read_date,
    read_dates,
    read_texts,
    read_windows,
)

Given = Mapping[str, Sequence[str] | Mapping[str, Sequence[str]]]
"""Dates by import code, or by code and year, that stand instead of the installed package's; and
dates by the name of a feed."""

_KEYS = ("import", "add", "remove", "ics")


def with_holidays(week: Weekly, terms: object, path: Path, given: Given, out: Mistakes) -> Weekly:
    """The week with `holidays:` joined to those it has; what is said last of a date stands.

    Without a map, it is what would stand under `import`.
    """
    if isinstance(terms, str | list | tuple) and terms:
        return _joined(week, _imports(terms, path, given, out))
    if not is_map(terms):
        mend = 'write it like "holidays: {import: DE-BE, add: {2026-12-24: Office closed}}"'
        out.add(path, "holidays is a map", mend)
        return week
    check_keys(terms, _KEYS, path, out)
    added, removed = (
        set(read_dates(terms[key], (*path, key), out) if key in terms else ())
        for key in ("add", "remove")
    )
    for day in sorted(added & removed):
        text = date.fromordinal(day + EPOCH_DAY)
        out.add((*path, "remove"), f"{text} is both added and removed", "keep one of the two")
    found = _imports(terms["import"], (*path, "import"), given, out) if "import" in terms else []
    found += _feed(terms["ics"], (*path, "ics"), given, out) if "ics" in terms else []
    return replace(
        _joined(week, found),
        added=tuple(sorted((set(week.added) - removed) | added)),
        removed=tuple(sorted((set(week.removed) - added) | removed)),
    )


def _joined(week: Weekly, imports: list[Imported]) -> Weekly:
    return replace(week, imports=tuple(dict.fromkeys((*week.imports, *imports))))


def _feed(name: object, path: Path, given: Given, out: Mistakes) -> list[Imported]:
    dates = given.get(name) if isinstance(name, str) else None
    if dates is None or isinstance(dates, Mapping):
        out.add(path, f'there is no feed "{name}"', "put it below the folder of the policies")
        return []
    return [Imported(str(name), read_dates(list(dates), path, out))]


def _imports(codes: object, path: Path, given: Given, out: Mistakes) -> list[Imported]:
    found = []
    for where, code in read_texts(codes, path, out):
        if (dates := given.get(code)) is not None:
            found.append(_as_given(code, dates, where, out))
        elif mend := unknown_code(code):
            out.add(where, f'no public holidays are known for "{code}"', mend)
        else:
            found.append(Imported(code))
    return found


def _as_given(
    code: str, dates: Sequence[str] | Mapping[str, Sequence[str]], path: Path, out: Mistakes
) -> Imported:
    if not isinstance(dates, Mapping):
        return Imported(code, read_dates(list(dates), path, out))
    days = [day for year in dates.values() for day in year]
    years = tuple(sorted(int(year) for year in dates if year.isdecimal()))
    return Imported(code, read_dates(days, path, out), years)


def with_special(week: Weekly, terms: object, path: Path, out: Mistakes) -> Weekly:
    """The week with `special:` days joined to those it has; they beat holidays."""
    if not isinstance(terms, Mapping):
        out.add(path, "special is a map", 'write it like "special: {2026-12-31: 08:00-12:00}"')
        return week
    special = dict(week.special)
    for key, hours in terms.items():
        day = read_date(key, (*path, key), out)
        windows = read_windows(hours, (*path, key), out)
        if day is not None and windows is not None:
            special[day] = windows
    return replace(week, special=tuple(sorted(special.items())))
