"""Brakes: what a connection, a channel, a ticket or a field gets no more of for now.

A brake never loses anything: what it holds stays due, and is done when there is room again. One
that is about mistakes opens when they are mended: see `breakers` and `bars`.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, select

from service.delivery import lately
from service.delivery.breakers import Breakers
from service.delivery.deeds import name_of
from service.delivery.promises import is_late, seen
from service.state.bars import bars
from service.state.keeping import AT_ONCE
from service.state.schema import AUDIT
from service.state.standing import resumed_at
from sla_engine.changes import (
    AddComment,
    Assign,
    Change,
    Notify,
    SetFields,
    SetTicketFields,
    Transition,
)
from sla_engine.units import DAY, HOUR, Instant

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.delivery.items import Done, Item
    from service.state.store import Store
    from sla_engine.model import FieldValue, Ref, Ticket

DEEDS_AN_HOUR = 200
"""Comments and escalations of a connection in any hour."""

COMMENTS_AN_HOUR = 3
"""Comments to one ticket in any hour."""

MESSAGES_AN_HOUR = 30
"""Messages and pages to one channel in any hour; one message may be about many tickets."""

WRITES_A_DAY = 4
"""Times that one value may be written to one field of one ticket in any day: whoever clears it as
often, a person or another program, means it."""


_FIELD_WRITES = select(AUDIT.c.change).where(
    AUDIT.c.connection == bindparam("of"),
    AUDIT.c.ticket == bindparam("ref"),
    AUDIT.c.kind == SetFields.__name__,
    AUDIT.c.outcome == "confirmed",
    AUDIT.c.at > bindparam("since"),
)


class Brakes:
    """What may still be done to one connection from `now` on; `asked` for, whatever is too much for
    an hour. `held` tells what was held back, `broken` what is refused or undone again and again,
    `barred` which fields are not written: by reason, to how many tickets."""

    def __init__(self, store: Store, connection: str, now: Instant, *, asked: bool = False) -> None:
        self._store, self._now, self._asked = store, now, asked
        self.held: Counter[str] = Counter()
        self.broken: Counter[str] = Counter()
        self.barred: Counter[str] = Counter()
        with store.read() as db:
            yesterday = Instant(max(now - DAY, resumed_at(db, connection) or 0))
            hour = Instant(now - HOUR)
            tried = lately.since(db, connection, min(yesterday, hour))
            self._breakers = Breakers(db, connection, (d for d in tried if d.tried_at > yesterday))
            self._bars = bars(db, connection)
        self._deeds = 0
        self._comments: Counter[str] = Counter()
        self._messages: dict[str, set[object]] = {}
        for deed in tried:
            if deed.tried_at > hour and deed.state != "dead":
                self._count(deed.change, deed.sent_at)

    def held_in(self, item: Item) -> Item:
        """The item without what must wait; a ticket with a deed that waits stays due."""
        going: list[Change] = []
        held, broken, barred = set[str](), set[str](), set[str]()
        for change in item.changes:
            if isinstance(change, SetFields):
                going += self._fields(change, held, barred)
            elif why := self._breakers.against(change):
                broken.add(why)
            elif why := self._too_much(change, item.ticket):
                held.add(why)
            else:
                self._count(change, None)
                going.append(change)
        self.held.update(held)
        self.broken.update(broken)
        self.barred.update(barred)
        left_out = sum(not isinstance(change, SetFields) for change in item.changes)
        left_out -= sum(not isinstance(change, SetFields) for change in going)
        next_at = AT_ONCE if left_out else item.next_at
        return msgspec.structs.replace(item, changes=tuple(going), next_at=next_at)

    def learn(self, done: Done) -> None:
        """What became of a ticket's changes, before those of the next are begun."""
        for change, outcome in done.results:
            if not isinstance(change, SetFields):
                self._breakers.learn(change, outcome)
            elif outcome.kind == "confirmed":
                for field, _ in change.fields:
                    self._bars.take(change.ref, field)
            for field in outcome.refused:
                self._bars.refuse(change.ref, field)

    def _count(self, change: Change, at: Instant | None) -> None:
        self._deeds += 1
        if isinstance(change, AddComment):
            self._comments[change.ref.id] += 1
        if isinstance(change, Notify) and change.way in ("tell", "page"):
            self._messages.setdefault(change.channel, set()).add(_message(change, at, self._now))

    def _too_much(self, change: Change, ticket: Ticket) -> str:
        if seen(change, ticket):
            return ""  # nothing is sent for it
        return self._too_much_an_hour(change) or self._too_much_a_day(change)

    def _too_much_an_hour(self, change: Change) -> str:
        if self._asked:
            return ""
        if self._deeds + 1 > DEEDS_AN_HOUR:
            return f"{DEEDS_AN_HOUR} comments and escalations an hour are most"
        if isinstance(change, AddComment) and self._comments[change.ref.id] >= COMMENTS_AN_HOUR:
            return f"{COMMENTS_AN_HOUR} comments an hour to a ticket are most"
        if isinstance(change, Notify) and change.way in ("tell", "page"):
            told = self._messages.get(change.channel, set())
            if len(told | {_message(change, None, self._now)}) > MESSAGES_AN_HOUR:
                return f"{MESSAGES_AN_HOUR} messages an hour to {change.channel} are most"
        return ""

    def _too_much_a_day(self, change: Change) -> str:
        """Whether another step did the same to this ticket within a day: a ticket that goes round
        and round is not pushed round once more."""
        if not isinstance(change, Assign | Transition | SetTicketFields):
            return ""
        with self._store.read() as db:
            before = lately.to_ticket(db, change.ref, Instant(self._now - DAY))
        same = (one.key != name_of(change) and _what(one.change) == _what(change) for one in before)
        return "the same value is set once a day to a ticket" if any(same) else ""

    def _fields(self, change: SetFields, held: set[str], barred: set[str]) -> tuple[Change, ...]:
        """The change without the fields that somebody clears again and again, and those that
        other tickets refuse."""
        with self._store.read() as db:
            written = _field_writes(db, change.ref, Instant(self._now - DAY))
        going = []
        for pair, plain in zip(change.fields, _plain(change), strict=True):
            if bar := self._bars.against(change.ref, pair[0]):
                barred.add(bar)
            elif written[plain] >= WRITES_A_DAY:
                held.add(f"somebody clears our fields again: {WRITES_A_DAY} times a day are most")
            else:
                going.append(pair)
        return (msgspec.structs.replace(change, fields=tuple(going)),) if going else ()


def _message(notice: Notify, at: Instant | None, now: Instant) -> object:
    """What is told as one: all of one pass, but for pages, which are incidents."""
    alone = notice.way == "page" and not is_late(notice, at or now)
    return (notice.ref.id, notice.key) if alone else at


def _what(change: Change) -> object:
    """What a deed does, whichever step it is of."""
    match change:
        case Assign(to=to) | Transition(to=to):
            return type(change), to
        case SetTicketFields(fields=fields):
            return type(change), fields
        case _:
            return name_of(change)


def _plain(change: SetFields) -> list[str]:
    """Each field and value, as the audit says it."""
    pairs: list[tuple[str, FieldValue]] = msgspec.json.decode(msgspec.json.encode(change.fields))
    return [json.dumps(pair) for pair in pairs]


def _field_writes(db: Connection, ref: Ref, since: Instant) -> Counter[str]:
    """How often each value was confirmed to be written to our fields of a ticket."""
    rows = db.execute(_FIELD_WRITES, {"of": ref.connection, "ref": ref.id, "since": since})
    written: Counter[str] = Counter()
    for said in rows.scalars():
        written.update(json.dumps(pair) for pair in json.loads(said)["change"]["fields"])
    return written
