"""What a damaged store still holds: row by row, from both ends of each table."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import insert
from sqlalchemy.exc import SQLAlchemyError

from service.state.schema import (
    AUDIT,
    BASES,
    CONNECTIONS,
    DEEDS,
    HOLDS,
    RESTATEMENTS,
    RUNS,
    SUPERSEDED,
    TICKETS,
    VEILS,
    VERDICTS,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Table

    from service.state.store import Store
    from sla_engine.units import Instant

RECORD = (DEEDS, AUDIT, RUNS, BASES, RESTATEMENTS, SUPERSEDED, VERDICTS)
SAVED = (*RECORD, CONNECTIONS, HOLDS, VEILS)
"""Everything that the systems and the policies do not tell again. Histories go with it, as what was
known until now."""

Row = dict[str, object]


class Saved(msgspec.Struct, frozen=True):
    """Rows of one table that were saved, and whether there were more that cannot be read."""

    table: str
    rows: int
    damaged: bool


def save_from(path: Path, store: Store, now: Instant) -> tuple[Saved, ...]:
    """Copy what can be read of a store in a file into an empty one."""
    with closing(sqlite3.connect(path)) as old:
        old.row_factory = sqlite3.Row
        old.execute("PRAGMA writable_schema=ON")  # one bad table in the list hides no other
        saved = [_copied(old, store, table) for table in SAVED]
        aside: Row = {"until": now, "rewritten": False}
        return (*saved, _copied(old, store, TICKETS, SUPERSEDED, aside))


def _copied(
    old: sqlite3.Connection,
    store: Store,
    of: Table,
    into: Table | None = None,
    more: Row | None = None,
) -> Saved:
    into = of if into is None else into
    names = {column.name for column in into.columns}
    rows, broken = _readable(old, of)
    kept = 0
    with store.write() as db:
        for row in rows:
            if of is VERDICTS and row["judged_at"] is None:
                continue  # of open cycles: the next pass judges them
            fit = {name: value for name, value in (row | (more or {})).items() if name in names}
            with suppress(SQLAlchemyError), db.begin_nested():
                db.execute(insert(into), [fit])
                kept += 1
    return Saved(of.name, kept, broken)


def _readable(old: sqlite3.Connection, table: Table) -> tuple[list[Row], bool]:
    """The rows of a table, and whether some cannot be read."""
    key = ", ".join(f'"{column.name}"' for column in table.primary_key)
    found, whole = _until_broken(old, f'SELECT * FROM "{table.name}" ORDER BY {key}')  # noqa: S608 -- our names
    if not whole:
        last, _ = _until_broken(old, f'SELECT * FROM "{table.name}" ORDER BY {key} DESC')  # noqa: S608 -- our names
        known = {_identity(row, table) for row in found}
        found += [row for row in reversed(last) if _identity(row, table) not in known]
    return found, not whole


def _until_broken(old: sqlite3.Connection, query: str) -> tuple[list[Row], bool]:
    rows: list[Row] = []
    try:
        rows.extend(map(dict, old.execute(query)))  # what was read before an error stays
    except (sqlite3.Error, UnicodeDecodeError):
        return rows, False
    return rows, True


def _identity(row: Row, table: Table) -> tuple[object, ...]:
    return tuple(row.get(column.name) for column in table.primary_key)
