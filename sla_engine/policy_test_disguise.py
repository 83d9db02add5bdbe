"""A real ticket made fit for a test file: people are roles, and values that tell nothing invented.

A value stays only where a policy can tell it from an invented one; the rest is nobody's business.
"""

from __future__ import annotations

from collections import defaultdict

from sla_engine.evaluate import compiled
from sla_engine.model import Actor, Ticket, Value
from sla_engine.roles import kind_of
from sla_engine.terms import Policies

PLAIN = frozenset({"status", "status_category", "priority", "type", "project", "system"})
"""Fields whose values are words of the desk, never of a person or customer."""


class Disguise:
    """Invents names, the same for the same, in the order in which they are met."""

    def __init__(self, policies: Policies, ticket: Ticket) -> None:
        self._tables, self._terms = compiled(policies)[0], policies.actors
        self._requester = ticket.initial.get("requester")
        self._people: dict[tuple[str, str], dict[str, object] | str] = {}
        self._met: dict[str, int] = defaultdict(int)
        self._values: dict[tuple[str, str], str] = {}

    def matters(self, field: str) -> bool:
        """Whether a policy asks for this field, or for its changes."""
        return field in self._tables.moving

    def person(self, actor: Actor) -> dict[str, object] | str:
        """`staff` for the first of a kind, `{id: staff-2, kind: staff}` for the next."""
        if actor.id and actor.id == self._requester:
            return "requester"
        key = (actor.id, actor.name)
        if key not in self._people:
            kind = kind_of(actor, self._terms)
            self._met[kind] += 1
            number = self._met[kind]
            name: dict[str, object] = {"id": f"{kind}-{number}", "kind": kind}
            self._people[key] = kind if number == 1 else name
        return self._people[key]

    def value(self, field: str, value: Value) -> Value:
        """The value, or an invented one that no policy can tell from it."""
        if field in PLAIN or not value:
            return value
        if isinstance(value, str):
            invented = self._invented(field, value)
            return invented if self._alike(field, value, invented) else value
        parts = list(value)
        for index, part in enumerate(value):
            tried = (*parts[:index], self._invented(field, part), *parts[index + 1 :])
            if self._alike(field, value, tried):
                parts[index] = tried[index]
        return tuple(parts)

    def _invented(self, field: str, value: str) -> str:
        if field == "requester" and value == self._requester:
            return "requester"
        key = (field, value)
        if key not in self._values:
            number = sum(name == field for name, _ in self._values) + 1
            self._values[key] = f"{field}-{number}"
        return self._values[key]

    def _alike(self, field: str, one: Value, other: Value) -> bool:
        slots = (self._tables.slots[index] for index in self._tables.watched.get(field, ()))
        return all(slot.class_of(one) == slot.class_of(other) for slot in slots)
