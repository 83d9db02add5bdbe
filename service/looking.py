"""Kept tickets judged and planned for, some hundreds at once; nothing is written anywhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from service import deeds, keeping
from service.apply import Item
from service.failure import Failure
from sla_engine.evaluate import evaluate, next_change
from sla_engine.model import Ref, Ticket, Verdict
from sla_engine.plan import plan
from sla_engine.terms import Policies
from sla_engine.units import Instant

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Look(msgspec.Struct, frozen=True):
    """What was found: the verdicts by ticket, an item a ticket, and what could not be judged."""

    verdicts: Mapping[Ref, tuple[Verdict, ...]]
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
        tickets, unfit = keeping.load(db, self.connection, ids)
        done = deeds.settled(db, self.connection, ids)
        failures = {ref: Failure(ref.key, why) for ref, why in unfit}
        found: dict[Ref, tuple[Verdict, ...]] = {}
        items: list[Item] = []
        for ticket in tickets:
            try:
                verdicts, item = self._one(ticket, done.get(ticket.ref.id, ()))
            except Exception as error:  # whatever it is, it is this ticket's
                what = f"{type(error).__name__}: {error}"
                failures[ticket.ref] = Failure(ticket.ref.key, what)
            else:
                found[ticket.ref] = verdicts
                items.append(item)
        return Look(found, tuple(items), failures)

    def _one(self, ticket: Ticket, done: Collection[str]) -> tuple[tuple[Verdict, ...], Item]:
        judged = evaluate(self.policies, ticket, self.now)
        changes = plan(
            self.policies,
            ticket,
            judged,
            self.now,
            done=done,
            since=self.since,
            channels=self.channels,
        )
        return judged, Item(ticket, changes, next_change(judged))
