"""The tickets of a system as they truly are: every version of them, and all that was done there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from connectors.memory import MemoryConnector
from sla_engine.changes import AddComment, Assign, Change
from sla_engine.model import Ref, Ticket
from sla_engine.units import Instant

if TYPE_CHECKING:
    from tests.sim.world import World


class Server:
    """`visible` counts by ticket and key what people see; `refused` is what was turned down."""

    def __init__(self, world: World, tickets: Sequence[Ticket]) -> None:
        self.world = world
        self.truth = MemoryConnector("desk", tickets)
        self.versions: dict[str, list[tuple[Instant, Ticket]]] = {
            ticket.ref.id: [(ticket.updated_at, ticket)] for ticket in tickets
        }
        self.coming: list[tuple[Instant, Ref, Change]] = []
        self.visible: Counter[tuple[str, str]] = Counter()
        self.refused: set[tuple[str, str]] = set()

    def ticket(self, identity: str) -> Ticket:
        return self.versions[identity][-1][1]

    def as_of(self, identity: str, at: Instant) -> Ticket:
        """How a ticket stood; from the beginning on as it was made."""
        for since, ticket in reversed(self.versions[identity]):
            if since <= at:
                return ticket
        return self.versions[identity][0][1]

    def change(self, identity: str, how: Callable[[MemoryConnector], None]) -> None:
        """Something happens to a ticket now, and is its newest version."""
        self.truth.now = self.world.now
        how(self.truth)
        (ticket,) = self.truth.fetch([self.ticket(identity).ref])
        self.versions[identity].append((self.world.now, ticket))

    def apply(self, ref: Ref, change: Change) -> None:
        """Carry out one change as often as it is asked: nothing here refuses a repeat."""
        self.change(ref.id, lambda truth: _written(truth, ref, change))
        if isinstance(change, AddComment | Assign):
            self.visible[ref.id, change.key] += 1
        self.world.note("applied", ref.key, type(change).__name__)

    def next_before(self, at: Instant) -> Instant | None:
        """When the first of the delayed writes is carried out, if that is not after `at`."""
        return min((when for when, _, _ in self.coming if when <= at), default=None)

    def catch_up(self) -> None:
        """Carry out what was delayed until now."""
        ready = [one for one in self.coming if one[0] <= self.world.now]
        self.coming = [one for one in self.coming if one[0] > self.world.now]
        for _, ref, change in ready:
            self.apply(ref, change)


def _written(truth: MemoryConnector, ref: Ref, change: Change) -> None:
    truth.write(ref, [change])
