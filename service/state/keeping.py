"""Tickets and cursors in the store: kept together, judged when they change or fall due."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import and_, bindparam, case, delete, func, or_, select, union, update

from service.state import knowledge, quarantine
from service.state.dialects import inserting, upsert
from service.state.journals import is_deleted, is_open, pack, unpack
from service.state.rhythm import again
from service.state.schema import CURSORS, KIN, TICKETS, VERDICTS
from service.state.veils import veiled
from sla_engine.model import Ref
from sla_engine.units import Instant, to_datetime

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from sla_engine.model import Ticket

_OF = TICKETS.c.connection == bindparam("of")
_THIS = and_(_OF, TICKETS.c.id == bindparam("ref"))
_THESE = and_(_OF, TICKETS.c.id.in_(bindparam("ids", expanding=True)))

_CURSOR = select(CURSORS.c.cursor).where(
    CURSORS.c.connection == bindparam("of"), CURSORS.c.scope == bindparam("scope")
)
_MOVE = (
    update(CURSORS)
    .where(
        CURSORS.c.connection == bindparam("of"),
        CURSORS.c.scope == bindparam("asked"),
        CURSORS.c.cursor == bindparam("old"),
    )
    .values(cursor=bindparam("new"))
)
_SCOPE = select(CURSORS.c.scope).where(CURSORS.c.connection == bindparam("of"))
_MET = (
    update(TICKETS)
    .where(_THIS, TICKETS.c.updated_at <= bindparam("updated"))
    .values(
        next_at=case((TICKETS.c.absent_at.is_not(None), 0), else_=TICKETS.c.next_at),
        reread_at=bindparam("again"),
        absent_at=None,
    )
)
_REWRITE = (
    update(TICKETS)
    .where(_THIS)
    .values(updated_at=bindparam("updated"), journal=bindparam("packed"))
)
_READ_AGAIN = update(TICKETS).where(_THIS).values(reread_at=bindparam("at"))
_WAKE = update(TICKETS).where(_THIS).values(next_at=bindparam("at"))
_FALLEN_DUE = TICKETS.c.next_at <= bindparam("now")
_DUE = union(
    *(
        select(TICKETS.c.id).where(_OF, ~quarantine.unread, due)
        for due in (_FALLEN_DUE, quarantine.ready)
    )
)
_LOAD = (
    select(TICKETS.c.id, TICKETS.c.key, TICKETS.c.journal, TICKETS.c.absent_at)
    .where(_THESE)
    .order_by(TICKETS.c.id)
)
_COUNT = select(func.count()).where(_OF)
_COUNT_OPEN = _COUNT.where(TICKETS.c.open)

CHUNK = 500
"""Tickets held at once while many are judged."""

AT_ONCE = Instant(0)
"""As `next_at`: judge it in the next pass, whatever the time."""


def cursor(db: Connection, connection: str, scope: str) -> str:
    """Where the last pull ended; "" where nothing was pulled, or something else was asked for."""
    return str(db.execute(_CURSOR, {"of": connection, "scope": scope}).scalar() or "")


def begin_anew(db: Connection, connection: str, scope: str, at: Instant) -> None:
    """Put aside the tickets read under another scope: what was asked decides what they say."""
    held = db.execute(_SCOPE, {"of": connection}).scalar()
    if held in (None, scope):
        return
    all_aside(db, connection, at)


def all_aside(db: Connection, connection: str, at: Instant, *, rewritten: bool = False) -> None:
    """Put aside all that is known of a connection's tickets, to be read anew. `rewritten`: the
    source says otherwise now; else it is we who read otherwise."""
    knowledge.put_all_aside(db, connection, at, rewritten=rewritten)
    for table in (CURSORS, TICKETS, KIN):
        db.execute(delete(table).where(table.c.connection == connection))
    quarantine.forget(db, connection)
    this = (VERDICTS.c.connection == connection, VERDICTS.c.judged_at.is_(None))
    db.execute(delete(VERDICTS).where(*this))  # what is finished was said, and stays


Unfit = tuple[Ref, str]
"""A ticket that cannot be kept or read back, and why."""


def keep(db: Connection, tickets: Iterable[Ticket], at: Instant) -> tuple[Unfit, ...]:
    """Hold the newest word on each, heard at an instant, but for those that cannot be kept. One
    that says something new is due at once; one older than what is kept (a search index that lags)
    changes nothing."""
    words: dict[knowledge.Identity, knowledge.Word] = {}
    unfit = []
    for ticket in veiled(db, tickets):
        try:
            words[ticket.ref.connection, ticket.ref.id] = knowledge.Word(ticket, pack(ticket))
        except (TypeError, ValueError) as error:  # half a character, a number too large, ...
            unfit.append((ticket.ref, f"cannot be kept: {error}"))
    news = knowledge.remember(db, words, at) if words else {}
    _met(db, [word.ticket for identity, word in words.items() if identity not in news], at)
    if news:
        upsert(db, TICKETS, [_row(words[one], known, at) for one, known in news.items()])
    quarantine.cure(db, [word.ticket.ref for word in words.values()], "read")
    return tuple(unfit)


def _met(db: Connection, tickets: Sequence[Ticket], at: Instant) -> None:
    """They are there and say nothing new; one that had not been found is due at once."""
    if not tickets:
        return
    rows = [
        {
            "of": ticket.ref.connection,
            "ref": ticket.ref.id,
            "updated": ticket.updated_at,
            "again": again(at, ticket.updated_at, is_open=is_open(ticket)),
        }
        for ticket in tickets
    ]
    db.execute(_MET, rows)


def _row(word: knowledge.Word, known: knowledge.Known, at: Instant) -> dict[str, object]:
    ticket, still = word.ticket, is_open(word.ticket)
    return {
        "connection": ticket.ref.connection,
        "id": ticket.ref.id,
        "key": ticket.ref.key,
        "updated_at": ticket.updated_at,
        "open": still,
        "journal": word.packed,
        "next_at": AT_ONCE,
        "known_at": known.since,
        "learnt": known.learnt,
        "reread_at": again(at, ticket.updated_at, is_open=still),
        "absent_at": None,
    }


def rewrite(db: Connection, ticket: Ticket) -> None:
    """Hold what we ourselves made of a ticket: nothing to judge it again for."""
    this = {"of": ticket.ref.connection, "ref": ticket.ref.id}
    db.execute(_REWRITE, {**this, "updated": ticket.updated_at, "packed": pack(ticket)})


def move_cursor(db: Connection, connection: str, scope: str, old: str, new: str) -> None:
    """On to the cursor that is right once the tickets of this transaction are kept. Where it is not
    at `old` any more, another worker moved it, or put everything aside, and it stays."""
    if new == old:
        return
    moved = db.execute(_MOVE, {"of": connection, "asked": scope, "old": old, "new": new}).rowcount
    if not (moved or old):
        row = {"connection": connection, "cursor": new, "scope": scope}
        db.execute(inserting(db.dialect.name, CURSORS), row)


def read_again(db: Connection, refs: Sequence[Ref], at: Instant | None) -> None:
    """These are to be asked for again then."""
    if refs:
        db.execute(_READ_AGAIN, [{"of": ref.connection, "ref": ref.id, "at": at} for ref in refs])


def due(db: Connection, connection: str, now: Instant) -> list[str]:
    """The ids of all tickets to judge at `now`: by an index, whatever the number of open ones. Of
    those that fail, the ones whose time has come."""
    return sorted(db.execute(_DUE, {"of": connection, "now": now}).scalars())


def ids(db: Connection, connection: str) -> list[str]:
    """The ids of all tickets kept."""
    kept = select(TICKETS.c.id).where(TICKETS.c.connection == connection)
    return list(db.execute(kept.order_by(TICKETS.c.id)).scalars())


def refs(db: Connection, connection: str, wanted: Sequence[str]) -> list[Ref]:
    """Those of these ids of which a ticket is kept."""
    held = select(TICKETS.c.key, TICKETS.c.id).where(
        TICKETS.c.connection == connection, TICKETS.c.id.in_(wanted)
    )
    return [Ref(connection, row.key, row.id) for row in db.execute(held.order_by(TICKETS.c.id))]


def load(
    db: Connection, connection: str, wanted: Sequence[str]
) -> tuple[list[Ticket], tuple[Unfit, ...]]:
    """These tickets as kept, at most CHUNK of them, and those that cannot be read back."""
    tickets, unfit = [], []
    for row in db.execute(_LOAD, {"of": connection, "ids": wanted}):
        try:
            tickets.append(_as_found(unpack(row.journal), row.absent_at))
        except (ValueError, zlib.error) as error:
            unfit.append((Ref(connection, row.key, row.id), f"cannot be read back: {error}"))
    return tickets, tuple(unfit)


def find_one(db: Connection, ref: Ref) -> Ticket | None:
    """A ticket as kept; None where there is none, or none that can be read back."""
    tickets, _ = load(db, ref.connection, [ref.id])
    return tickets[0] if tickets else None


def find(db: Connection, word: str) -> list[Ticket]:
    """The tickets with this key or id, in any connection."""
    rows = select(TICKETS.c.journal, TICKETS.c.absent_at).where(
        or_(func.lower(TICKETS.c.key) == word.lower(), TICKETS.c.id == word)
    )
    return [_as_found(unpack(row.journal), row.absent_at) for row in db.execute(rows)]


def _as_found(ticket: Ticket, absent_at: Instant | None) -> Ticket:
    """The ticket as kept. Of one that cannot be found nobody can tell how it goes on, unless its
    history says that it was deleted."""
    if absent_at is None or is_deleted(ticket):
        return ticket
    since = to_datetime(absent_at)
    why = f"not found since {since:%Y-%m-%d %H:%M} UTC: deleted, moved or hidden from us"
    return msgspec.structs.replace(ticket, incomplete=why)


def key_of(db: Connection, connection: str, identity: str) -> str:
    """What people call a kept ticket."""
    key = select(TICKETS.c.key).where(TICKETS.c.connection == connection, TICKETS.c.id == identity)
    return str(db.execute(key).scalar() or identity)


def count(db: Connection, connection: str, *, open_only: bool = True) -> int:
    """How many tickets are kept, or are open."""
    counted = _COUNT_OPEN if open_only else _COUNT
    return int(db.execute(counted, {"of": connection}).scalar_one())


def all_due(db: Connection, connection: str) -> None:
    """Every ticket of a connection is to be judged again."""
    db.execute(update(TICKETS).where(TICKETS.c.connection == connection).values(next_at=AT_ONCE))


def settle(db: Connection, when: Iterable[tuple[Ref, Instant | None]]) -> None:
    """Judged, and what followed is done: the next instant at which each must be looked at."""
    several = list(when)
    wake(db, several)
    quarantine.cure(db, [ref for ref, _ in several])


def wake(db: Connection, when: Iterable[tuple[Ref, Instant | None]]) -> None:
    """When each must be looked at, whether or not it fails."""
    rows = [{"of": ref.connection, "ref": ref.id, "at": next_at} for ref, next_at in when]
    if rows:
        db.execute(_WAKE, rows)
