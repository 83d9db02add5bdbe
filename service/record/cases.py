"""Which kept tickets are one case: by what parents and children have in common.

A parent is judged with all tickets of its case, so it falls due when one of them changes.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import and_, delete, func, insert, or_, select, update

from service.state import keeping
from service.state.schema import CONNECTIONS, KIN, TICKETS
from sla_engine.cases import child_keys, fields_of, parent_keys
from sla_engine.mergers import MERGER, kinships
from sla_engine.units import SECOND, Millis

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection

    from sla_engine.cases import Key
    from sla_engine.model import Ticket
    from sla_engine.terms import Policies
    from sla_engine.units import Instant

Which = tuple[str, str]
"""The connection of a ticket, and its id there."""

EXACT = Millis(2 * SECOND)
"""HTTP tells the time in whole seconds: clocks less apart than this count as one."""


def note(db: Connection, policies: Policies, tickets: Sequence[Ticket]) -> None:
    """Keep what these tickets have in common with others, and have the parents judged that one of
    them belongs to, or did."""
    if not tickets:
        return
    these = _these([_which(ticket) for ticket in tickets])
    touched = set(_shared(db, and_(these, KIN.c.role == "child")))
    rows = [row for ticket in tickets for row in _rows(policies, ticket)]
    db.execute(delete(KIN).where(these))
    if rows:
        db.execute(insert(KIN), rows)
    touched |= set(_shared(db, and_(these, KIN.c.role == "child")))
    seen: set[Key] = set()
    while touched:
        seen |= touched
        parents = {parent for key in touched for parent in _parents(db, key)}
        for connection, number in parents:
            this = (TICKETS.c.connection == connection, TICKETS.c.id == number)
            db.execute(update(TICKETS).where(*this).values(next_at=keeping.AT_ONCE))
        touched = set(_merged(db, parents)) - seen


def _parents(db: Connection, key: Key) -> list[Which]:
    link, words = key
    rows = (KIN.c.role == "parent", KIN.c.link == link, KIN.c.words == words)
    found = db.execute(select(KIN.c.connection, KIN.c.id).where(*rows)).all()
    return [(connection, number) for connection, number in found]


def _merged(db: Connection, these: Collection[Which]) -> list[Key]:
    """What those of them that are merged into another have in common with that one."""
    if not these:
        return []
    rows = and_(_these(these), KIN.c.role == "child", KIN.c.link == MERGER.name)
    return _shared(db, rows)


def _these(which: Iterable[Which]) -> ColumnElement[bool]:
    ids: dict[str, list[str]] = defaultdict(list)
    for connection, number in which:
        ids[connection].append(number)
    return or_(*(and_(KIN.c.connection == of, KIN.c.id.in_(some)) for of, some in ids.items()))


def _shared(db: Connection, rows: ColumnElement[bool]) -> list[tuple[str, str]]:
    found = db.execute(select(KIN.c.link, KIN.c.words).where(rows).distinct()).all()
    return [(link, words) for link, words in found]


def _rows(policies: Policies, ticket: Ticket) -> Iterable[dict[str, str]]:
    fields = fields_of(policies.fields, ticket)
    of = {"connection": ticket.ref.connection, "id": ticket.ref.id}
    for role, keys in (("parent", parent_keys), ("child", child_keys)):
        for link, words in sorted(keys(kinships(policies), fields)):
            yield {**of, "role": role, "link": link, "words": words}


def with_members(db: Connection, policies: Policies, tickets: Sequence[Ticket]) -> list[Ticket]:
    """The same tickets, parents with the members of their cases as they are kept."""
    if not tickets or not kinships(policies):
        return list(tickets)
    of = _members(db, [_which(ticket) for ticket in tickets])
    members = _loaded(db, {one for several in of.values() for one in several})
    apart = _apart(db) if of else Millis(0)
    return [
        msgspec.structs.replace(
            ticket,
            members=tuple(
                members[one] for one in sorted(of.get(_which(ticket), ())) if one in members
            ),
            skew=apart,
        )
        for ticket in tickets
    ]


def _members(db: Connection, parents: Iterable[Which]) -> dict[Which, set[Which]]:
    """The members of each of them, and whatever was merged into what was merged."""
    found: dict[Which, set[Which]] = defaultdict(set)
    waiting: dict[Which, set[Which]] = {parent: {parent} for parent in parents}
    links: tuple[ColumnElement[bool], ...] = ()
    while waiting:
        news: dict[Which, set[Which]] = defaultdict(set)
        for link, parent, member in _pairs(db, waiting, links):
            for whole in waiting[parent]:
                if member != whole and member not in found[whole]:
                    found[whole].add(member)
                    if link == MERGER.name:
                        news[member].add(whole)
        waiting, links = news, (KIN.c.link == MERGER.name,)
    return found


def _pairs(
    db: Connection, parents: Iterable[Which], links: Iterable[ColumnElement[bool]]
) -> Iterator[tuple[str, Which, Which]]:
    """Each of them with each of its members, and by which link."""
    child = KIN.alias()
    pairs = (
        select(KIN.c.link, KIN.c.connection, KIN.c.id, child.c.connection, child.c.id)
        .join(child, and_(child.c.link == KIN.c.link, child.c.words == KIN.c.words))
        .where(_these(parents), KIN.c.role == "parent", child.c.role == "child", *links)
    )
    for link, connection, number, its, other in db.execute(pairs.distinct()).all():
        yield link, (connection, number), (its, other)


def _which(ticket: Ticket) -> Which:
    return ticket.ref.connection, ticket.ref.id


def _loaded(db: Connection, wanted: set[Which]) -> dict[Which, Ticket]:
    ids: dict[str, list[str]] = defaultdict(list)
    for connection, number in sorted(wanted):
        ids[connection].append(number)
    found = {}
    for connection, several in ids.items():
        for start in range(0, len(several), keeping.CHUNK):
            for ticket in keeping.load(db, connection, several[start : start + keeping.CHUNK])[0]:
                found[connection, ticket.ref.id] = ticket
    return found


def keep_clock(db: Connection, connection: str, theirs: Instant | None, ours: Instant) -> None:
    """Note by how much a system's clock is ahead of ours; nothing where it does not tell."""
    if theirs is not None:
        this = update(CONNECTIONS).where(CONNECTIONS.c.name == connection)
        db.execute(this.values(ahead=theirs - ours))


def _apart(db: Connection) -> Millis:
    """How far the clocks of all systems are apart at most; 0 within what can be told."""
    least, most = db.execute(
        select(func.min(CONNECTIONS.c.ahead), func.max(CONNECTIONS.c.ahead))
    ).one()
    apart = (most or 0) - (least or 0)
    return Millis(apart if apart >= EXACT else 0)
