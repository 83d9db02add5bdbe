"""Tickets that cannot be found: deleted, moved out of sight or hidden from us, which looks alike.

Nothing is written to them and nothing said of how they stand; what we know of them is kept. Who
comes back goes on as before. Who does not is given up, and so is at once who is known to have been
deleted: that ends what was promised, as the deletion of any ticket does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import and_, bindparam, select, update

from service.delivery import deeds
from service.state import keeping, quarantine
from service.state.journals import is_deleted, unpack
from service.state.rhythm import PATIENCE, looked_for
from service.state.schema import TICKETS
from sla_engine.happening import DELETED
from sla_engine.model import NOBODY, Event, Journal, Ref, Ticket
from sla_engine.units import Instant

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from connectors.base import Fate

_OF = TICKETS.c.connection == bindparam("of")
_THIS = and_(_OF, TICKETS.c.id == bindparam("ref"))
_ONE = select(TICKETS).where(_THIS)
_AMONG = select(TICKETS.c.id).where(
    _OF, TICKETS.c.id.in_(bindparam("ids", expanding=True)), TICKETS.c.absent_at.is_not(None)
)
_SEARCHED = (
    select(TICKETS.c.id, TICKETS.c.key, TICKETS.c.absent_at)
    .where(_OF, TICKETS.c.absent_at.is_not(None), TICKETS.c.open)
    .order_by(TICKETS.c.absent_at, TICKETS.c.id)
)
_LOST = select(TICKETS).where(_OF, TICKETS.c.absent_at <= bindparam("before"), TICKETS.c.open)

GONE = "the ticket is gone or hidden from us"
GIVEN_UP = "not found for 7 days"


class Absence(msgspec.Struct, frozen=True):
    """A ticket that cannot be found, and since when."""

    ref: Ref
    since: Instant


def among(db: Connection, connection: str, ids: Sequence[str]) -> frozenset[str]:
    """Which of these cannot be found, deleted ones among them."""
    return frozenset(db.execute(_AMONG, {"of": connection, "ids": ids}).scalars())


def searched(db: Connection, connection: str) -> list[Absence]:
    """The open ones that are still looked for, the longest missing first."""
    found = db.execute(_SEARCHED, {"of": connection})
    return [Absence(Ref(connection, row.key, row.id), Instant(row.absent_at)) for row in found]


def note(db: Connection, refs: Iterable[Ref], now: Instant, *, elsewhere: bool = False) -> None:
    """These were looked for and not found; what was to be done to them is cancelled. `elsewhere`:
    they are there and not ours any more, so to look for them would find them."""
    for ref in refs:
        row = _row(db, ref)
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
        db.execute(update(TICKETS).where(_THIS).values(**new), _this(ref))


def delete(db: Connection, ref: Ref, fate: Fate, now: Instant) -> None:
    """This one was deleted, and the system says so."""
    note(db, [ref], now)
    row = _row(db, ref)
    if row is not None:
        by = msgspec.structs.replace(fate.by, kind="staff") if fate.by.id else NOBODY
        event = Event(fate.at or now, 0, DELETED, None, "deleted", by, "deletion")
        _end(db, row, event, now)


def give_up(db: Connection, connection: str, now: Instant) -> None:
    """Those that were looked for in vain for long enough: over since they were first missed."""
    for row in db.execute(_LOST, {"of": connection, "before": now - PATIENCE}).all():
        event = Event(row.absent_at, 0, DELETED, None, GIVEN_UP, NOBODY, "census")
        _end(db, row, event, now)


def doubt(db: Connection, ref: Ref) -> None:
    """A write did not find it: the next pass looks for it."""
    keeping.read_again(db, [ref], keeping.AT_ONCE)


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
    db.execute(update(TICKETS).where(_THIS).values(**stays), _this(ticket.ref))


def _row(db: Connection, ref: Ref) -> Row[tuple[object, ...]] | None:
    return db.execute(_ONE, _this(ref)).first()


def _this(ref: Ref) -> dict[str, object]:
    return {"of": ref.connection, "ref": ref.id}
