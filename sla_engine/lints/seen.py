"""What was seen of the systems: one look at every kept ticket, summed up for lints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from sla_engine.cases import child_keys, fields_of
from sla_engine.conditions import FieldTest, atoms, holds
from sla_engine.model import Actor, Ticket, Value
from sla_engine.resolving.files import Reading
from sla_engine.roles import kind_of
from sla_engine.slots import canonical
from sla_engine.units import DAY, SECOND, Instant, Millis

RECENT = 90 * DAY
QUICK = 5 * SECOND
"""Whoever comments so soon after a ticket's creation is hardly a person."""


class Quick(msgspec.Struct):
    """Comments of one account within 5 s of the creation of tickets that others created."""

    actor: Actor
    tickets: int
    example: str
    after: Millis


class Uncovered(msgspec.Struct):
    """Tickets of the last 90 days that no policy matches and that look alike to policies."""

    tickets: int
    example: str


class Seen(msgspec.Struct, frozen=True):
    """The sum of all kept tickets. `values` counts tickets that ever had a value, by canonical
    field and value. `named` are those of exceptions, and whether any policy matches them. Of
    `blind` systems there should be tickets and none is kept."""

    tickets: int
    values: Mapping[str, Counter[str]]
    examples: Mapping[tuple[str, str], str]
    recent: int
    uncovered: Mapping[tuple[tuple[str, Value], ...], Uncovered]
    quick: Mapping[str, Quick]
    named: Mapping[str, bool]
    blind: frozenset[str] = frozenset()


class _Sum:
    """What was seen so far."""

    def __init__(self, reading: Reading, now: Instant) -> None:
        self._now = now
        self._policies = reading.policies
        self._names = {
            name: {raw: value for value, raws in terms.values.items() for raw in raws}
            for name, terms in reading.policies.fields.items()
        }
        self._asked = frozenset(asked.field for asked in reading.asked)
        matches = (policy.match for policy in reading.policies.policies)
        matching = (test.field for test in atoms(*matches) if isinstance(test, FieldTest))
        self._matching = tuple(dict.fromkeys(matching))
        self.tickets = self.recent = 0
        self.values: dict[str, Counter[str]] = {field: Counter() for field in self._asked}
        self.examples: dict[tuple[str, str], str] = {}
        self.uncovered: dict[tuple[tuple[str, Value], ...], Uncovered] = {}
        self.quick: dict[str, Quick] = {}
        self.named: dict[str, bool] = {}
        self._wanted = frozenset(one.ticket for one in reading.policies.exceptions)

    def add(self, ticket: Ticket) -> None:
        self.tickets += 1
        fields: dict[str, Value] = {
            name: canonical(value, self._names.get(name, {}))
            for name, value in ticket.initial.items()
        }
        first = dict(fields)
        met = {(name, value) for name, value in fields.items() if name in self._asked}
        for name, raw in zip(ticket.journal.fields, ticket.journal.news, strict=True):
            if name in self._asked:
                fields[name] = value = canonical(raw, self._names.get(name, {}))
                met.add((name, value))
        self._count(met, ticket.ref.key)
        self._cover(ticket, first, fields)
        self._hurry(ticket)

    def _count(self, met: Iterable[tuple[str, Value]], key: str) -> None:
        for name, value in met:
            for one in (value,) if isinstance(value, str) else value or ():
                self.values[name][one] += 1
                self.examples.setdefault((name, one), key)

    def _cover(self, ticket: Ticket, first: dict[str, Value], last: dict[str, Value]) -> None:
        kinds = {
            policy.type
            for policy in self._policies.policies
            if holds(policy.match, last) or holds(policy.match, first)
        }
        if ticket.ref.key in self._wanted:
            self.named[ticket.ref.key] = bool(kinds)
        if ticket.created_at < self._now - RECENT:
            return
        self.recent += 1
        if "sla" in kinds or self._belongs(ticket):
            return
        look = tuple((field, last[field]) for field in self._matching if last.get(field))
        alike = self.uncovered.setdefault(look, Uncovered(0, ticket.ref.key))
        alike.tickets += 1

    def _belongs(self, ticket: Ticket) -> bool:
        """Whether it may be part of a case, of which the parent owns what is promised."""
        links, known = self._policies.links, self._policies.fields
        return bool(links and child_keys(links, fields_of(known, ticket)))

    def _hurry(self, ticket: Ticket) -> None:
        for at, field, _, actor, _, _ in ticket.journal.until(Instant(ticket.created_at + QUICK)):
            if field != "comment" or actor.id == ticket.created_by.id:
                continue
            if kind_of(actor, self._policies.actors) in ("staff", "unknown"):
                after = Millis(at - ticket.created_at)
                quick = self.quick.setdefault(actor.id, Quick(actor, 0, ticket.ref.key, after))
                quick.tickets += 1
                return


def see(
    reading: Reading,
    tickets: Iterable[Ticket],
    now: Instant,
    blind: frozenset[str] = frozenset(),
) -> Seen:
    """All tickets summed up; each is looked at once and forgotten."""
    total = _Sum(reading, now)
    for ticket in tickets:
        total.add(ticket)
    return Seen(
        total.tickets,
        total.values,
        total.examples,
        total.recent,
        total.uncovered,
        total.quick,
        total.named,
        blind,
    )
