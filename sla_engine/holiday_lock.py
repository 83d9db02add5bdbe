"""holidays.lock.yaml: imported holidays as they were when somebody last looked, by code and year.

An upgrade of a package or a changed feed then changes nothing by itself (policy-language.md, case
75); `sla lock` shows what differs and takes it over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sla_engine.calendars.public_holidays import EPOCH_DAY, holidays_of
from sla_engine.calendars.spans import Minus, Opening, Union, Versions, Weekly
from sla_engine.document import Node, read
from sla_engine.problems import Problem
from sla_engine.terms import Policies

NAME = "holidays.lock.yaml"
SCHEMA = "sla-lock/v1"

Years = Mapping[str, Sequence[str]]
"""Dates by year."""
Lock = Mapping[str, Years]
"""Years by import code or by the name of a feed."""

_HEAD = f"# Written by sla lock. Imported holidays stay as they are here.\nschema: {SCHEMA}\n"


def read_lock(text: str | bytes, file: str) -> tuple[Lock, list[Problem]]:
    """What is locked, and what cannot be read."""
    root, problems = read(text, file)
    said = root.child("schema") if root else None
    if root is None or said is None or said.text != SCHEMA:
        if root is not None:
            what = f"a lock begins with schema: {SCHEMA}"
            problems.append(Problem(root.where, what, "write it anew with sla lock", "SLA131"))
        return {}, problems
    codes = root.child("holidays")
    return {
        code: {year: _texts(dates) for year, dates in (years.entries or {}).items()}
        for code, years in ((codes.entries or {}) if codes else {}).items()
    }, problems


def lock_text(lock: Lock) -> str:
    """The file as it is written: a line a year, so that a changed day is a short diff."""
    lines = ["holidays:" if lock else "holidays: {}"]
    for code in sorted(lock):
        lines.append(f'  "{code}":')
        lines += [f'    "{year}": [{", ".join(lock[code][year])}]' for year in sorted(lock[code])]
    return _HEAD + "\n".join(lines) + "\n"


def imports_of(policies: Policies) -> tuple[str, ...]:
    """Every code and every feed that calendars import, those written in policies too."""
    calendars = [*policies.calendars.values()]
    calendars += [c for p in policies.policies for t in p.clocks for c in t.calendar.leaves()]
    return tuple(sorted({code for calendar in calendars for code in _codes(calendar.versions)}))


def renewed(
    lock: Lock, codes: Iterable[str], feeds: Mapping[str, Sequence[str]], years: Sequence[int]
) -> dict[str, dict[str, list[str]]]:
    """The lock as it would be written now: these years anew, earlier ones as they are. What no
    calendar imports any more is left out."""
    made: dict[str, dict[str, list[str]]] = {}
    for code in codes:
        made[code] = {year: list(dates) for year, dates in lock.get(code, {}).items()}
        for year in years:
            days = (date.fromordinal(day + EPOCH_DAY) for day in holidays_of(code, year))
            made[code][str(year)] = [day.isoformat() for day in days]
    for name, dates in feeds.items():
        made[name] = {year: list(days) for year, days in lock.get(name, {}).items()}
        for year in years:
            made[name][str(year)] = [day for day in dates if day.startswith(f"{year}-")]
    return made


def differences(old: Lock, new: Lock) -> list[str]:
    """What a renewal changes of years that were locked, and what it locks for the first time."""
    lines = []
    for code in sorted({*old, *new}):
        before, after = old.get(code, {}), new.get(code, {})
        for year in sorted({*before, *after}):
            was, is_ = set(before.get(year, ())), set(after.get(year, ()))
            if year not in before:
                days = f"{len(is_)} day{'s' * (len(is_) != 1)}"
                lines.append(f"{code} {year}: {days}, new")
            elif year not in after:
                lines.append(f"{code} {year}: no longer imported")
            else:
                lines += [f"{code}: + {day}" for day in sorted(is_ - was)]
                lines += [f"{code}: - {day}" for day in sorted(was - is_)]
    return lines


def _codes(versions: Versions) -> set[str]:
    return set().union(*(_of(version.opening) for version in versions))


def _of(opening: Opening) -> set[str]:
    match opening:
        case Weekly():
            return {imported.code for imported in opening.imports}
        case Union(parts):
            return set().union(*(_codes(versions) for _, versions in parts))
        case Minus(base, parts):
            return _of(base).union(*(_codes(versions) for _, versions in parts))
        case _:
            return set()


def _texts(node: Node) -> list[str]:
    return [item.text or "" for item in node.items or ()]
