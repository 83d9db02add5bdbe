"""Forgetting tickets: their histories, verdicts and what was said of them leave the state for good.

What stays is what keeps the rest right: that a deed was done, so that it is never repeated, and the
place of each line in the audit's chain, without what it said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import and_, delete, func, or_, select, union, update

from service.state.failpoints import reach
from service.state.schema import (
    AUDIT,
    DEEDS,
    KIN,
    QUARANTINE,
    RESTATEMENTS,
    SENDING,
    SUPERSEDED,
    TICKETS,
    VERDICTS,
)

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Table

    from sla_engine.units import Instant

Identity = tuple[str, str]
"""(connection, id)."""

ERASED = dict.fromkeys(("ticket", "key", "deed", "change", "why", "message", "remote_id"), "")


class Purged(msgspec.Struct, frozen=True):
    """How much was forgotten; `doubtful` are tickets left alone because a write to them is in
    doubt, and must be read back first."""

    tickets: int = 0
    lines: int = 0
    doubtful: tuple[str, ...] = ()


def named(db: Connection, words: Iterable[str]) -> dict[str, set[Identity]]:
    """By key or id as people type it: the tickets that anything is kept of, also of those that are
    no longer read."""
    found: dict[str, set[Identity]] = {}
    for word in words:
        parts = (
            select(table.c.connection, _id(table)).where(
                or_(func.lower(table.c.key) == word.lower(), _id(table) == word)
            )
            for table in (TICKETS, QUARANTINE, VERDICTS, RESTATEMENTS, DEEDS, AUDIT)
        )
        found[word] = {(row[0], row[1]) for row in db.execute(union(*parts))}
    return found


def closed_before(db: Connection, at: Instant) -> set[Identity]:
    """Tickets that are closed and have not changed since before an instant."""
    rows = select(TICKETS.c.connection, TICKETS.c.id).where(
        ~TICKETS.c.open, TICKETS.c.updated_at < at
    )
    return {(row.connection, row.id) for row in db.execute(rows)}


def purge(db: Connection, tickets: Iterable[Identity]) -> Purged:
    """Forget these. One transaction: all of each, or nothing."""
    done, lines, doubtful = 0, 0, []
    for identity in sorted(tickets):
        if (key := _in_doubt(db, identity)) is not None:
            doubtful.append(key)
            continue
        lines += _forget(db, identity)
        done += 1
    reach("purge.in_forgetting")
    return Purged(done, lines, tuple(doubtful))


def _in_doubt(db: Connection, identity: Identity) -> str | None:
    sending = select(DEEDS.c.key).where(_of(DEEDS, identity), SENDING)
    key = db.execute(sending.limit(1)).scalar()
    return None if key is None else str(key)


def _forget(db: Connection, identity: Identity) -> int:
    """How many lines of the audit were erased."""
    tables: Sequence[Table] = (TICKETS, QUARANTINE, KIN, SUPERSEDED, VERDICTS, RESTATEMENTS)
    for table in tables:
        db.execute(delete(table).where(_of(table, identity)))
    db.execute(update(DEEDS).where(_of(DEEDS, identity)).values(key="", change=b"", message=""))
    erased = update(AUDIT).where(_of(AUDIT, identity)).values(**ERASED, salt=None)
    return db.execute(erased).rowcount


def _id(table: Table) -> ColumnElement[str]:
    return table.c.id if "id" in table.c else table.c.ticket


def _of(table: Table, identity: Identity) -> ColumnElement[bool]:
    connection, ticket = identity
    return and_(table.c.connection == connection, _id(table) == ticket)
