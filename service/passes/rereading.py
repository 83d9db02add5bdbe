"""Tickets asked for by id, whether or not a pull told of them: what is there, what is not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, func, select

from connectors.base import TransientError
from service.delivery import absences
from service.state import keeping, knowledge, quarantine
from service.state.failure import Failure
from service.state.keeping import Unfit
from service.state.rhythm import again, most
from service.state.schema import TICKETS
from service.state.standing import went_back
from sla_engine.model import Ref, Ticket
from sla_engine.units import HOUR, MINUTE, Instant, Millis, to_datetime

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from connectors.base import Connector
    from service.state.store import Store

BACK = Millis(HOUR)
"""A record that is older than what we know of it by more than this is of another time, if the
change that it does not show was made more than `LAG` ago: until then a reading may be late."""

LAG = Millis(15 * MINUTE)

UNREADABLE = "it is there, and cannot be read any more"


_OF = TICKETS.c.connection == bindparam("of")
_DUE = (
    select(TICKETS.c.id, TICKETS.c.key)
    .where(_OF, TICKETS.c.reread_at <= bindparam("now"), ~quarantine.unread)
    .order_by(TICKETS.c.reread_at, TICKETS.c.id)
    .limit(bindparam("most"))
)
_CHANGED_AT = select(TICKETS.c.id, TICKETS.c.updated_at).where(
    _OF, TICKETS.c.id.in_(bindparam("ids", expanding=True))
)


class WentBackError(TransientError):
    """The system was brought back from a backup: what we know of its tickets has not happened."""

    code = "SLA322"


class BlindError(TransientError):
    """We see no ticket at all where there were some."""

    code = "SLA321"


class Reread(msgspec.Struct, frozen=True):
    """The ids of what was read, what makes no sense and why, the keys of what is missing, and whose
    history was rewritten."""

    fresh: Set[str] = frozenset()
    unreadable: tuple[Unfit, ...] = ()
    missing: tuple[str, ...] = ()
    rewritten: tuple[Ref, ...] = ()

    def __add__(self, other: Reread) -> Reread:
        return Reread(
            self.fresh | other.fresh,
            self.unreadable + other.unreadable,
            self.missing + other.missing,
            self.rewritten + other.rewritten,
        )


def due(db: Connection, connection: str, now: Instant, gap: Millis) -> list[Ref]:
    """The tickets to be read again in a pass that comes `gap` after the last, the longest due
    first."""
    limit = most(keeping.count(db, connection), gap)
    rows = db.execute(_DUE, {"of": connection, "now": now, "most": limit})
    return [Ref(connection, row.key, row.id) for row in rows]


def backlog(db: Connection, connection: str, now: Instant) -> int:
    """How many tickets wait to be read again."""
    waiting = select(func.count()).where(
        TICKETS.c.connection == connection, TICKETS.c.reread_at <= now
    )
    return int(db.execute(waiting).scalar_one())


def watched(db: Connection, connection: str) -> int:
    """How many tickets are open, or were closed so lately that they are read again."""
    waiting = select(func.count()).where(
        TICKETS.c.connection == connection, TICKETS.c.reread_at.is_not(None)
    )
    return int(db.execute(waiting).scalar_one())


def newest(db: Connection, connection: str, number: int) -> list[Ref]:
    """The tickets that changed last."""
    rows = select(TICKETS.c.id, TICKETS.c.key).where(
        TICKETS.c.connection == connection, TICKETS.c.absent_at.is_(None)
    )
    found = db.execute(rows.order_by(TICKETS.c.updated_at.desc()).limit(number))
    return [Ref(connection, row.key, row.id) for row in found]


def reread(store: Store, connector: Connector, refs: Sequence[Ref], now: Instant) -> Reread:
    """Read these and keep what they say; note what is missing. WentBackError where one of them is
    of an earlier time than what we know of it, BlindError where nothing is to be seen at all."""
    read = Reread()
    for start in range(0, len(refs), keeping.CHUNK):
        read += _some(store, connector, refs[start : start + keeping.CHUNK], now)
    return read


def _some(store: Store, connector: Connector, refs: Sequence[Ref], now: Instant) -> Reread:
    found = connector.fetch(refs)
    here = {ticket.ref.id for ticket in found}
    left = [ref for ref in refs if ref.id not in here]
    if not found:
        require_sight(store, connector)
    fates = connector.fates(left) if left else {}
    with store.read() as db:
        older = _older(db, connector.name, found, now)
    if older is not None:
        raise went_back_error(store, connector.name, older, now)
    there = [ref for ref in left if ref.id in fates and fates[ref.id].kind == "there"]
    gone = [ref for ref in left if ref.id not in fates or fates[ref.id].kind == "deleted"]
    with store.write() as db:
        unfit = (*keeping.keep(db, found, now), *((ref, UNREADABLE) for ref in there))
        put_aside(db, unfit, now)
        rewritten = knowledge.contradicted(db, [ticket.ref for ticket in found], now)
        keeping.read_again(db, there, again(now, now, is_open=True))
        absences.note(db, [ref for ref in gone if ref.id not in fates], now)
        for ref in gone:
            if ref.id in fates:
                absences.delete(db, ref, fates[ref.id], now)
    missing = tuple(ref.key or ref.id for ref in gone)
    return Reread(here, unfit, missing, tuple(rewritten))


def require_sight(store: Store, connector: Connector) -> None:
    """An empty answer is believed only where we never saw a ticket, or see others; else
    BlindError."""
    with store.read() as db:
        kept = keeping.count(db, connector.name, open_only=False)
    if kept and not any(connector.census(Instant(0)) or ()):
        likely = "our account may not see them any more, or the connection is about others now"
        fix = "sla doctor tells what it sees; were they all deleted: sla purge --ticket KEY"
        raise BlindError(
            f"{connector.name} shows no ticket at all, where {kept} were known",
            (("likely", likely), ("fix", fix)),
        )


def put_aside(db: Connection, unreadable: Iterable[Unfit], now: Instant) -> None:
    """They fail, until they are read."""
    for ref, why in unreadable:
        quarantine.fail(db, ref, Failure(ref.key, why, stage="read"), now)


def _older(db: Connection, connection: str, found: Sequence[Ticket], now: Instant) -> str | None:
    """How a ticket went back in time; None where none did."""
    ids = [ticket.ref.id for ticket in found]
    rows = db.execute(_CHANGED_AT, {"of": connection, "ids": ids})
    known = {row.id: row.updated_at for row in rows}
    for ticket in found:
        was = known.get(ticket.ref.id, ticket.updated_at)
        if ticket.updated_at < was - BACK and was < now - LAG:
            key, says = ticket.ref.key, _said(ticket.updated_at)
            return f"{key} was changed {_said(was)}, and now says {says}"
    return None


def went_back_error(store: Store, connection: str, how: str, now: Instant) -> WentBackError:
    """All that we know of the connection is put aside, to be read anew before anything is written
    again; the error that says so."""
    with store.write() as db:
        keeping.all_aside(db, connection, now, rewritten=True)
        went_back(db, connection, now)
    facts = (
        ("found", how),
        ("likely", "the system was brought back from a backup"),
        ("fix", "nothing: its tickets are read anew in the next pass, and written from then on"),
    )
    return WentBackError(f"the time of {connection} went back", facts)


def _said(at: Instant) -> str:
    return f"{to_datetime(at):%Y-%m-%d %H:%M} UTC"
