"""Counting: what exists upstream held against what we keep, so that nothing is missed or outlived.

A pull tells what changed. It tells nothing of what was deleted, moved away or hidden from us, and
nothing of what the search index of the system lost. So once a day all tickets are counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from service.delivery import absences
from service.passes.rereading import Reread, newest, require_sight, reread, went_back_error
from service.state import keeping, standing
from service.state.rhythm import LATELY, OPEN
from service.state.schema import TICKETS
from sla_engine.model import Ref
from sla_engine.units import DAY, Instant

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from sqlalchemy import Connection

    from connectors.base import Connector
    from service.state.standing import Standing
    from service.state.store import Store

PROBE = 20
"""Tickets that are asked for where a pull met nothing of what it must meet again."""
SEVERAL = 3


class Counted(msgspec.Struct, frozen=True):
    """How many tickets there are, how many of them no pull had told of, and what was read."""

    there: int
    missed: int
    read: Reread


def is_due(stands: Standing, now: Instant) -> bool:
    """Whether a day went by since the last one."""
    return stands.counted_at is None or now - stands.counted_at >= OPEN


def count(store: Store, connector: Connector, now: Instant) -> Counted | None:
    """Hold the system against the store and read what differs; None where it cannot be counted and
    need not be. BlindError where nothing is to be seen."""
    name = connector.name
    pages = connector.census(Instant(now - LATELY))
    if pages is None:
        return None
    there = {one for page in pages for one in page}
    if not there:
        require_sight(store, connector)
    with store.read() as db:
        missing, unknown, back = _compare(db, name, there)
    read = reread(store, connector, [*missing, *unknown, *back], now)
    with store.write() as db:
        absences.note(db, _elsewhere(db, missing, read.fresh, now), now, elsewhere=True)
        standing.counted(db, name, now, len(there))
    missed = sum(ref.id in read.fresh for ref in unknown)
    return Counted(len(there), missed, read)


def probe(store: Store, connector: Connector, now: Instant) -> Reread:
    """Nothing of what we saw last was met again. Deleted or hidden is for the count to tell;
    WentBackError where time went back: all that changed last is gone and nothing younger is there,
    or it is of an earlier time."""
    with store.read() as db:
        refs = newest(db, connector.name, PROBE)
    read = reread(store, connector, refs, now)
    gone = len(refs) >= SEVERAL and not read.fresh and not read.unreadable
    if gone and not _is_outlived(store, connector, refs, now):
        how = f"none of the {len(refs)} tickets that changed last is there any more"
        raise went_back_error(store, connector.name, how, now)
    return read


def _is_outlived(store: Store, connector: Connector, gone: Sequence[Ref], now: Instant) -> bool:
    """Whether something that we know and that is there was created after one of these. No time
    before them knows it, so they were deleted or hidden, as when a project is closed to us."""
    pages = connector.census(Instant(now - LATELY)) or ()
    there = sorted({one for page in pages for one in page})[: keeping.CHUNK]
    with store.read() as db:
        lost, _ = keeping.load(db, connector.name, [ref.id for ref in gone])
        left, _ = keeping.load(db, connector.name, there)
    oldest = min((ticket.created_at for ticket in lost), default=now)
    return any(ticket.created_at > oldest for ticket in left)


def _compare(
    db: Connection, name: str, there: Set[str]
) -> tuple[Sequence[Ref], Sequence[Ref], Sequence[Ref]]:
    """What we keep as open and is not there; what is there and not kept; what is there though it
    could not be found."""
    ours = select(TICKETS.c.id, TICKETS.c.key).where(
        TICKETS.c.connection == name, TICKETS.c.open, TICKETS.c.absent_at.is_(None)
    )
    missing = [Ref(name, row.key, row.id) for row in db.execute(ours) if row.id not in there]
    unknown, back, listed = [], [], sorted(there)
    for start in range(0, len(listed), keeping.CHUNK):
        some = listed[start : start + keeping.CHUNK]
        known = select(TICKETS.c.id, TICKETS.c.key, TICKETS.c.absent_at).where(
            TICKETS.c.connection == name, TICKETS.c.id.in_(some)
        )
        rows = {row.id: row for row in db.execute(known)}
        unknown += [Ref(name, "", one) for one in some if one not in rows]
        back += [Ref(name, r.key, r.id) for r in rows.values() if r.absent_at is not None]
    return missing, unknown, back


def _elsewhere(db: Connection, missing: Sequence[Ref], fresh: Set[str], now: Instant) -> list[Ref]:
    """Of what was not counted and is there: those that are open and changed too long ago for a
    search index that lags. They left what this connection is about."""
    found: list[Ref] = []
    for ref in missing:
        if ref.id in fresh:
            this = (TICKETS.c.connection == ref.connection, TICKETS.c.id == ref.id)
            row = db.execute(select(TICKETS.c.open, TICKETS.c.updated_at).where(*this)).first()
            if row is not None and row.open and row.updated_at <= now - DAY:
                found.append(ref)
    return found
