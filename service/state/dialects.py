"""The one thing that SQLite and PostgreSQL say differently.

To make a statement costs three times as much as to run it, so those of every pass are made once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table
    from sqlalchemy.dialects.sqlite import Insert


def upsert(db: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows, all of the same columns, each instead of the one that has its primary key; of
    that, columns which no row names stay as they are."""
    db.execute(_instead(db.dialect.name, table, frozenset(rows[0])), rows)


@cache
def inserting(dialect: str, table: Table) -> Insert:
    """An INSERT that leaves alone the row that has the same primary key, if there is one."""
    return _insert(dialect, table).on_conflict_do_nothing(index_elements=table.primary_key)


@cache
def _instead(dialect: str, table: Table, columns: frozenset[str]) -> Insert:
    new = _insert(dialect, table)
    keys = table.primary_key.columns.keys()
    change = {name: new.excluded[name] for name in sorted(columns) if name not in keys}
    return new.on_conflict_do_update(index_elements=table.primary_key, set_=change)


def _insert(dialect: str, table: Table) -> Insert:
    """Both can say ON CONFLICT, each by a class of its own."""
    if dialect == "postgresql":
        return postgresql_insert(table)  # type: ignore[return-value]  # the same methods
    return sqlite_insert(table)
