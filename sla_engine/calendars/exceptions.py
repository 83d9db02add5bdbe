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

Given = Mapping[str, Sequence[str]]
"""Dates by import code that stand instead of the installed package's."""

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
    if "ics" in terms:
        mend = 'list the dates under "add", or use "import"'
        out.add((*path, "ics"), "holidays from an ics file are not supported yet", mend)
    added, removed = (
        set(read_dates(terms[key], (*path, key), out) if key in terms else ())
        for key in ("add", "remove")
    )
    for day in sorted(added & removed):
        text = date.fromordinal(day + EPOCH_DAY)
        out.add((*path, "remove"), f"{text} is both added and removed", "keep one of the two")
    found = _imports(terms["import"], (*path, "import"), given, out) if "import" in terms else []
    return replace(
        _joined(week, found),
        added=tuple(sorted((set(week.added) - removed) | added)),
        removed=tuple(sorted((set(week.removed) - added) | removed)),
    )


def _joined(week: Weekly, imports: list[Imported]) -> Weekly:
    return replace(week, imports=tuple(dict.fromkeys((*week.imports, *imports))))


def _imports(codes: object, path: Path, given: Given, out: Mistakes) -> list[Imported]:
    found = []
    for where, code in read_texts(codes, path, out):
        if code in given:
            days = read_dates(list(given[code]), where, out)
            found.append(Imported(code, days))
        elif mend := unknown_code(code):
            out.add(where, f'no public holidays are known for "{code}"', mend)
        else:
            found.append(Imported(code))
    return found


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
