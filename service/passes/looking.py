"""Kept tickets judged and planned for, some hundreds at once; nothing is written anywhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from service.delivery import absences, deeds
from service.delivery.items import Item
from service.delivery.promises import lapsed
from service.record import verdicts
from service.record.cases import with_members
from service.record.freezing import Past, Settled
from service.state import keeping
from service.state.failure import Failure
from sla_engine.evaluate import evaluate, next_change
from sla_engine.model import Ref, Ticket, Verdict
from sla_engine.plan import plan
from sla_engine.terms import Policies
from sla_engine.units import Instant

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Look(msgspec.Struct, frozen=True):
    """What was found: by ticket the verdicts of today and what holds of them, an item a ticket, and
    what could not be judged."""

    verdicts: Mapping[Ref, tuple[Verdict, ...]]
    settled: Mapping[Ref, Settled]
    items: tuple[Item, ...]
    failures: Mapping[Ref, Failure]


class Lens(msgspec.Struct, frozen=True):
    """What judging one connection's tickets depends on beside the tickets. Steps reached before
    `since` say nothing."""

    connection: str
    policies: Policies
    now: Instant
    since: Instant
    channels: Collection[str] = ()

    def look(self, db: Connection, ids: Sequence[str]) -> Look:
        """Judge these, at most CHUNK of them. One ticket that fails never stops the others."""
        loaded, unfit = keeping.load(db, self.connection, ids)
        tickets = with_members(db, self.policies, loaded)
        done = deeds.settled(db, self.connection, ids)
        frozen = verdicts.frozen(db, self.connection, ids)
        absent = absences.among(db, self.connection, ids)
        past = Past(self.policies, self.now)
        failures = {ref: Failure(ref.key, why, stage="read") for ref, why in unfit}
        found: dict[Ref, tuple[Verdict, ...]] = {}
        settled: dict[Ref, Settled] = {}
        items: list[Item] = []
        for ticket in tickets:
            try:
                fresh = evaluate(self.policies, ticket, self.now)
                holds = past.settle(db, ticket, fresh, frozen.get(ticket.ref.id, ()))
                item = Item(ticket, (), next_change(holds.verdicts))
                if ticket.ref.id not in absent:
                    item = self._item(ticket, holds.verdicts, done.get(ticket.ref.id, ()))
            except SQLAlchemyError:
                raise  # of the store, not of this ticket
            except Exception as error:  # whatever it is, it is this ticket's
                failures[ticket.ref] = failure_of(ticket.ref, error)
            else:
                found[ticket.ref], settled[ticket.ref] = fresh, holds
                items.append(item)
        return Look(found, settled, tuple(items), failures)

    def _item(self, ticket: Ticket, judged: Sequence[Verdict], done: Collection[str]) -> Item:
        changes = plan(
            self.policies,
            ticket,
            judged,
            self.now,
            done=done,
            since=self.since,
            channels=self.channels,
        )
        late = tuple(change for change in changes if lapsed(change, self.now))
        going = tuple(change for change in changes if change not in late)
        return Item(ticket, going, next_change(judged), late)


def failure_of(ref: Ref, error: Exception) -> Failure:
    """How a ticket over which the engine stumbles is told of."""
    return Failure(ref.key, f"{type(error).__name__}: {error}")
