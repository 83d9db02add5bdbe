"""When each event of a ticket became known, and what was known before its history was rewritten.

Event time is the source's, knowledge time is ours: the instant of the pass that first kept an
event. A version of a ticket holds all its events; those learnt after the version's `known_at` are
noted beside it. Where a history is rewritten, or read under another scope, the version before is
put aside, known `until` then.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, delete, func, insert, literal, null, select

from service.state.dialects import inserting
from service.state.journals import unpack
from service.state.schema import SUPERSEDED, TICKETS
from sla_engine.model import Event, Journal, Ref, Ticket
from sla_engine.units import Instant

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, ColumnElement, Connection, Row, Table

Identity = tuple[str, str]
"""(connection, id)."""

_Runs = list[tuple[int, int]]  # in journal order: so many events, known so long after known_at
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Runs).decode
_COLUMNS = ("connection", "id", "updated_at", "journal", "known_at", "learnt")

_IDS: BindParameter[str] = bindparam("ids", expanding=True)
_REWRITTEN = select(SUPERSEDED.c.id, SUPERSEDED.c.journal).where(
    SUPERSEDED.c.connection == bindparam("of"),
    SUPERSEDED.c.id.in_(_IDS),
    SUPERSEDED.c.until == bindparam("at"),
    SUPERSEDED.c.rewritten,
)
_JOURNALS = select(TICKETS.c.id, TICKETS.c.journal).where(
    TICKETS.c.connection == bindparam("of"), TICKETS.c.id.in_(_IDS)
)
_IN_USE, _ASIDE = (
    select(*(table.c[name] for name in _COLUMNS), until.label("until"))
    .where(table.c.connection == bindparam("of"), table.c.id.in_(_IDS))
    .order_by("until")
    for table, until in ((TICKETS, null()), (SUPERSEDED, SUPERSEDED.c.until))
)


class Word(msgspec.Struct, frozen=True):
    """A ticket as it was just heard, and the same packed."""

    ticket: Ticket
    packed: bytes


class Known(msgspec.Struct, frozen=True):
    """Since when a version is known, and which of its events were learnt later."""

    since: Instant
    learnt: bytes | None = None

    def times(self, events: int) -> list[Instant]:
        """When each event became known, in journal order."""
        if self.learnt is None:
            return [self.since] * events
        return [Instant(self.since + after) for n, after in _decode(self.learnt) for _ in range(n)]


def as_known(db: Connection, ref: Ref, at: Instant) -> Ticket | None:
    """The ticket with the history that was known at an instant, that instant included; None where
    nothing of it was kept then. Its title, our fields and marks are today's."""
    this = (ref.connection, ref.id)
    aside = select(SUPERSEDED).where(*_is(SUPERSEDED, this), SUPERSEDED.c.until > at)
    row = db.execute(aside.order_by(SUPERSEDED.c.until).limit(1)).first()
    row = row or db.execute(select(TICKETS).where(*_is(TICKETS, this))).first()
    if row is None or row.known_at > at:
        return None
    ticket = unpack(row.journal)
    times = Known(row.known_at, row.learnt).times(len(ticket.journal))
    told = (event for event, known in zip(ticket.journal, times, strict=True) if known <= at)
    return msgspec.structs.replace(ticket, journal=Journal(told))


def late(db: Connection, ref: Ref, after: Instant) -> list[tuple[Event, Instant]]:
    """Events up to an instant that became known only after it, and when, in journal order."""
    row = db.execute(select(TICKETS).where(*_is(TICKETS, (ref.connection, ref.id)))).one()
    journal = unpack(row.journal).journal
    times = Known(row.known_at, row.learnt).times(len(journal))
    told = zip(journal, times, strict=True)
    return [(event, known) for event, known in told if event.at <= after < known]


def rewritten(db: Connection, ref: Ref, after: Instant) -> Instant | None:
    """When the source first said otherwise what was known at an instant; None where it did not."""
    aside = (*_is(SUPERSEDED, (ref.connection, ref.id)), SUPERSEDED.c.rewritten)
    until = select(func.min(SUPERSEDED.c.until)).where(*aside, SUPERSEDED.c.until > after)
    return db.execute(until).scalar()


def contradicted(db: Connection, refs: Sequence[Ref], at: Instant) -> list[Ref]:
    """Of these, of one connection and heard of at an instant: those of which the source then took
    back what it had told. A history that merely had a hole, or has one now, is none."""
    if not refs:
        return []
    ids, of = [ref.id for ref in refs], refs[0].connection
    aside = db.execute(_REWRITTEN, {"of": of, "ids": ids, "at": at})
    before = {row.id: unpack(row.journal) for row in aside}
    if not before:
        return []
    now = db.execute(_JOURNALS, {"of": of, "ids": list(before)})
    found = {row.id: unpack(row.journal) for row in now}
    return [
        new.ref for identity, new in found.items() if not (_torn(new) or _torn(before[identity]))
    ]


def _torn(ticket: Ticket) -> bool:
    return bool(ticket.incomplete or ticket.gaps)


def remember(db: Connection, words: Mapping[Identity, Word], at: Instant) -> dict[Identity, Known]:
    """How those words that say something new are to be kept. A version that one of them
    contradicts is put aside, one that was aside and is confirmed is no longer."""
    held = _newest(db, words)
    news: dict[Identity, Known] = {}
    contradicted: list[Row[tuple[object, ...]]] = []
    confirmed: list[Row[tuple[object, ...]]] = []
    for identity, word in words.items():
        old = held.get(identity)
        if old is None:
            news[identity] = Known(at)
        elif old.until is not None or (
            word.packed != old.journal and word.ticket.updated_at >= old.updated_at
        ):
            news[identity], contradicts = _learn(old, word.ticket, at)
            if contradicts and old.until is None:
                contradicted.append(old)
            elif old.until is not None and not contradicts:
                confirmed.append(old)
    _put_aside(db, contradicted, at)
    _take_up(db, confirmed)
    return news


def put_all_aside(db: Connection, connection: str, until: Instant, *, rewritten: bool) -> None:
    """Every ticket of a connection is about to be read anew: what was known of them until now.
    `rewritten` by the source, or read otherwise by us."""
    aside = (literal(until), literal(rewritten))
    held = select(*_columns(TICKETS), *aside).where(TICKETS.c.connection == connection)
    db.execute(insert(SUPERSEDED).from_select([*_COLUMNS, "until", "rewritten"], held))


def _newest(
    db: Connection, identities: Collection[Identity]
) -> dict[Identity, Row[tuple[object, ...]]]:
    """The newest version of each: the one in use, where `until` is None, or the last put aside."""
    found: dict[Identity, Row[tuple[object, ...]]] = {}
    for versions in (_IN_USE, _ASIDE):
        left = sorted(one for one in identities if one not in found)
        for connection, those in groupby(left, itemgetter(0)):
            asked = {"of": connection, "ids": [identity for _, identity in those]}
            found |= {(row.connection, row.id): row for row in db.execute(versions, asked)}
    return found


def _learn(old: Row[tuple[object, ...]], new: Ticket, at: Instant) -> tuple[Known, bool]:
    """How a new word on a ticket is known, and whether it contradicts the old version: an event
    of that is gone, or what it began with is another. What cannot be read back, or whose times are
    not those of its events, knew nothing; what is read otherwise, under another scope, counts as
    known since it happened."""
    try:
        before = unpack(old.journal)
    except (ValueError, zlib.error):
        return Known(at), False
    times = Known(old.known_at, old.learnt).times(len(before.journal))
    if len(times) != len(before.journal):
        return Known(at), False
    begun_alike = _beginning(before) == _beginning(new)
    if begun_alike and _continues(before.journal, new.journal):
        times += [at] * (len(new.journal) - len(before.journal))
        return _known(old.known_at, times), False
    known = dict(zip(map(_fact, before.journal), times, strict=True))
    told = [_fact(event) for event in new.journal]
    contradicts = not begun_alike or not known.keys() <= set(told)
    read_otherwise = contradicts and old.until is not None
    since = [max(old.known_at, event.at) if read_otherwise else at for event in new.journal]
    times = [known.get(fact, min(when, at)) for fact, when in zip(told, since, strict=True)]
    return _known(old.known_at, times), contradicts


def _known(since: Instant, times: Sequence[Instant]) -> Known:
    if all(time == since for time in times):
        return Known(since)
    runs = [(len([*same]), time - since) for time, same in groupby(times)]
    return Known(since, _encode(runs))


def _continues(old: Journal, new: Journal) -> bool:
    """Whether new events came after all old ones: nearly always, and quick to see."""
    columns = ("ats", "fields", "olds", "news", "actors", "source_ids")
    return all(getattr(new, name)[: len(old)] == getattr(old, name) for name in columns)


def _fact(event: Event) -> tuple[object, ...]:
    """What happened, when, by whom: a source that numbers it anew says nothing new."""
    return (event.at, event.field, event.old, event.new, event.actor)


def _beginning(ticket: Ticket) -> tuple[object, ...]:
    """What the events start from, and whether they have holes."""
    return (ticket.created_at, ticket.created_by, ticket.initial, ticket.incomplete, ticket.gaps)


def _put_aside(db: Connection, old: Sequence[Row[tuple[object, ...]]], until: Instant) -> None:
    """Known until now. Of several at one instant the first counts: the others were never known."""
    if old:
        new = inserting(db.dialect.name, SUPERSEDED)
        db.execute(new, [{**row._mapping, "until": until, "rewritten": True} for row in old])


def _take_up(db: Connection, aside: Sequence[Row[tuple[object, ...]]]) -> None:
    for row in aside:
        this = _is(SUPERSEDED, (row.connection, row.id))
        db.execute(delete(SUPERSEDED).where(*this, SUPERSEDED.c.until == row.until))


def _is(table: Table, identity: Identity) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.c.connection == identity[0], table.c.id == identity[1]


def _columns(table: Table) -> list[ColumnElement[object]]:
    return [table.c[name] for name in _COLUMNS]
