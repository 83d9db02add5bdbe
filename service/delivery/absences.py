"""Tickets that cannot be found: deleted, moved out of sight or hidden from us, which looks alike.

Nothing is written to them and nothing said of how they stand; what we know of them is kept. Who
comes back goes on as before. Who does not is given up, and so is at once who is known to have been
deleted: that ends what was promised, as the deletion of any ticket does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select, update

from service.delivery import deeds
from service.state import keeping, quarantine
from service.state.journals import is_deleted, unpack
from service.state.rhythm import PATIENCE, looked_for
from service.state.schema import TICKETS
from sla_engine.happening import DELETED
from sla_engine.model import NOBODY, Event, Journal, Ref, Ticket
from sla_engine.units import Instant

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row

    from connectors.base import Fate

GONE = "the ticket is gone or hidden from us"
GIVEN_UP = "not found for 7 days"


class Absence(msgspec.Struct, frozen=True):
    """A ticket that cannot be found, and since when."""

    ref: Ref
    since: Instant


def among(db: Connection, connection: str, ids: Sequence[str]) -> frozenset[str]:
    """Which of these cannot be found, deleted ones among them."""
    absent = select(TICKETS.c.id).where(
        *_of(connection), TICKETS.c.id.in_(ids), TICKETS.c.absent_at.is_not(None)
    )
    return frozenset(db.execute(absent).scalars())


def searched(db: Connection, connection: str) -> list[Absence]:
    """The open ones that are still looked for, the longest missing first."""
    lost = (*_of(connection), TICKETS.c.absent_at.is_not(None), TICKETS.c.open)
    rows = select(TICKETS.c.id, TICKETS.c.key, TICKETS.c.absent_at).where(*lost)
    found = db.execute(rows.order_by(TICKETS.c.absent_at, TICKETS.c.id))
    return [Absence(Ref(connection, row.key, row.id), Instant(row.absent_at)) for row in found]


def note(db: Connection, refs: Iterable[Ref], now: Instant, *, elsewhere: bool = False) -> None:
    """These were looked for and not found; what was to be done to them is cancelled. `elsewhere`:
    they are there and not ours any more, so to look for them would find them."""
    for ref in refs:
        row = db.execute(select(TICKETS).where(*_is(ref))).first()
        if row is None:
            continue
        new: dict[str, int | None] = {"reread_at": None}
        if row.absent_at is None:
            new |= {"absent_at": now, "next_at": keeping.AT_ONCE}
            deeds.cancel(db, ref, GONE)
            quarantine.cure(db, [ref])
        since = Instant(now if row.absent_at is None else row.absent_at)
        if not elsewhere and (row.open or now - since < PATIENCE):
            new["reread_at"] = looked_for(since, now)
        db.execute(update(TICKETS).where(*_is(ref)).values(**new))


def delete(db: Connection, ref: Ref, fate: Fate, now: Instant) -> None:
    """This one was deleted, and the system says so."""
    note(db, [ref], now)
    row = db.execute(select(TICKETS).where(*_is(ref))).first()
    if row is not None:
        by = msgspec.structs.replace(fate.by, kind="staff") if fate.by.id else NOBODY
        event = Event(fate.at or now, 0, DELETED, None, "deleted", by, "deletion")
        _end(db, row, event, now)


def give_up(db: Connection, connection: str, now: Instant) -> None:
    """Those that were looked for in vain for long enough: over since they were first missed."""
    lost = (*_of(connection), TICKETS.c.absent_at <= now - PATIENCE, TICKETS.c.open)
    for row in db.execute(select(TICKETS).where(*lost)).all():
        event = Event(row.absent_at, 0, DELETED, None, GIVEN_UP, NOBODY, "census")
        _end(db, row, event, now)


def doubt(db: Connection, ref: Ref) -> None:
    """A write did not find it: the next pass looks for it."""
    db.execute(update(TICKETS).where(*_is(ref)).values(reread_at=keeping.AT_ONCE))


def _end(db: Connection, row: Row[tuple[object, ...]], event: Event, now: Instant) -> None:
    """Its history ends so, as far as we know."""
    ticket: Ticket = unpack(row.journal)
    if not is_deleted(ticket):
        told = list(ticket.journal)
        at = max([event.at, *(one.at for one in told[-1:])])
        sequence = max([0, *(one.sequence for one in told[-1:])]) + 1
        event = msgspec.structs.replace(event, at=at, sequence=sequence)
        ended = msgspec.structs.replace(ticket, journal=Journal([*told, event]))
        keeping.keep(db, [ended], now)
    stays = {"absent_at": row.absent_at, "reread_at": None}
    db.execute(update(TICKETS).where(*_is(ticket.ref)).values(**stays))


def _of(connection: str) -> tuple[ColumnElement[bool]]:
    return (TICKETS.c.connection == connection,)


def _is(ref: Ref) -> tuple[ColumnElement[bool], ...]:
    return (*_of(ref.connection), TICKETS.c.id == ref.id)
