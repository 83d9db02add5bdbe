"""The one thing that SQLite and PostgreSQL say differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table
    from sqlalchemy.dialects.sqlite import Insert


def upserting(db: Connection, table: Table) -> Insert:
    """An INSERT that can say ON CONFLICT: both have it, each as a class of its own."""
    if db.dialect.name == "postgresql":
        return postgresql_insert(table)  # type: ignore[return-value]  # the same methods
    return sqlite_insert(table)
