"""Brakes of the last hour and day: what a connection or a ticket gets no more of for now.

A brake never loses anything: what it holds stays due, and is done when there is room again.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import and_, select

from service.keeping import AT_ONCE
from service.schema import AUDIT, DEEDS
from sla_engine.changes import AddComment, Change, SetFields
from sla_engine.units import DAY, HOUR, Instant

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.apply import Item
    from sla_engine.model import Ref

DEEDS_AN_HOUR = 200
"""Comments and escalations of a connection in any hour."""

COMMENTS_AN_HOUR = 3
"""Comments to one ticket in any hour."""

WRITES_A_DAY = 4
"""Times that one value may be written to one field of one ticket in any day: whoever clears it as
often, a person or another program, means it."""


class Brakes:
    """What may still be done to one connection from `now` on. `held` tells what was held back, by
    reason; to how many tickets."""

    def __init__(self, db: Connection, connection: str, now: Instant) -> None:
        self._db, self._connection, self._now = db, connection, now
        self.held: Counter[str] = Counter()
        self._deeds = 0
        self._comments: Counter[str] = Counter()
        for ticket, kind in _arrived(db, connection, Instant(now - HOUR)):
            self._deeds += 1
            self._comments[ticket] += kind == AddComment.__name__

    def held_in(self, item: Item) -> Item:
        """The item without what must wait; such a ticket stays due."""
        deeds = [change for change in item.changes if not isinstance(change, SetFields)]
        comments = sum(isinstance(change, AddComment) for change in deeds)
        ticket = item.ticket.ref.id
        if deeds and self._deeds + len(deeds) > DEEDS_AN_HOUR:
            return self._without(item, f"{DEEDS_AN_HOUR} comments and escalations an hour are most")
        if comments and self._comments[ticket] + comments > COMMENTS_AN_HOUR:
            return self._without(item, f"{COMMENTS_AN_HOUR} comments an hour to a ticket are most")
        self._deeds += len(deeds)
        self._comments[ticket] += comments
        return self._settled(item)

    def _without(self, item: Item, why: str) -> Item:
        self.held[why] += 1
        fields = tuple(change for change in item.changes if isinstance(change, SetFields))
        return self._settled(msgspec.structs.replace(item, changes=fields, next_at=AT_ONCE))

    def _settled(self, item: Item) -> Item:
        """Without the fields that somebody clears again and again."""
        return msgspec.structs.replace(
            item, changes=tuple(one for change in item.changes for one in self._fields(change))
        )

    def _fields(self, change: Change) -> tuple[Change, ...]:
        if not isinstance(change, SetFields):
            return (change,)
        written: Counter[str] = Counter()
        for said in _field_writes(self._db, change.ref, Instant(self._now - DAY)):
            pairs = json.loads(said)["change"]["fields"]
            written.update(json.dumps(pair) for pair in pairs)
        wanted = msgspec.json.decode(msgspec.json.encode(change.fields))
        going = tuple(
            pair
            for pair, plain in zip(change.fields, wanted, strict=True)
            if written[json.dumps(plain)] < WRITES_A_DAY
        )
        if len(going) < len(change.fields):
            self.held[f"somebody clears our fields again: {WRITES_A_DAY} times a day are most"] += 1
        return (msgspec.structs.replace(change, fields=going),) if going else ()


def _arrived(db: Connection, connection: str, since: Instant) -> list[tuple[str, str]]:
    """(ticket, kind) of the deeds sent since then, but for those proven not to have arrived."""
    same = (
        DEEDS.c.connection == AUDIT.c.connection,
        DEEDS.c.ticket == AUDIT.c.ticket,
        DEEDS.c.deed == AUDIT.c.deed,
    )
    rows = (
        select(AUDIT.c.ticket, AUDIT.c.kind, AUDIT.c.deed)
        .join(DEEDS, and_(*same))
        .where(
            AUDIT.c.connection == connection,
            AUDIT.c.at > since,
            AUDIT.c.kind != SetFields.__name__,
            DEEDS.c.state.in_(("sending", "done")),
        )
    )
    return [(row.ticket, row.kind) for row in db.execute(rows.distinct())]


def _field_writes(db: Connection, ref: Ref, since: Instant) -> list[str]:
    """What was confirmed to be written to our fields of a ticket, as the audit tells it."""
    rows = select(AUDIT.c.change).where(
        AUDIT.c.connection == ref.connection,
        AUDIT.c.ticket == ref.id,
        AUDIT.c.kind == SetFields.__name__,
        AUDIT.c.outcome == "confirmed",
        AUDIT.c.at > since,
    )
    return list(db.execute(rows).scalars())
