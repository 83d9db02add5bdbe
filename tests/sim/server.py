"""A ticket system as bad as they come: its index lags, its replicas are stale, its answers get
lost, and some writes are carried out long after the client gave up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from typing import TYPE_CHECKING

import msgspec

from connectors.base import Batch, Finding, Outcome, UnreachableError, Use, Written
from connectors.memory import MemoryConnector
from sla_engine.changes import AddComment, Assign, Change, SetFields
from sla_engine.model import Ref, Ticket
from sla_engine.units import MINUTE, SECOND, Instant
from sla_engine.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tests.sim.world import World

INDEX_LAG = 2 * MINUTE
STALE = 1 * MINUTE
LATEST = 5 * MINUTE
"""How long after its sending a write may still be carried out: within the quiet period."""
OVERLAP = 2 * INDEX_LAG


class Server:
    """The tickets as they truly are, every version of them, and all that we did to them."""

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
        versions = self.versions[identity]
        return [ticket for since, ticket in versions if since <= max(at, versions[0][0])][-1]

    def change(self, identity: str) -> None:
        """Note the newest version, after whatever was done to the truth."""
        (ticket,) = self.truth.fetch([self.ticket(identity).ref])
        self.versions[identity].append((self.world.now, ticket))

    def apply(self, ref: Ref, change: Change) -> None:
        """Carry out one change as often as it is asked: nothing here refuses a repeat."""
        self.truth.now = self.world.now
        self.truth.write(ref, [change])
        self.change(ref.id)
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


class Line:
    """One client's connection to the server: the Connector that the service is given."""

    name, system = "desk", "memory"

    def __init__(self, world: World, server: Server) -> None:
        self.world, self.server = world, server

    def check(self) -> Instant | None:
        return self.world.now

    def vocabulary(self) -> Vocabulary:
        return Vocabulary()

    def requests(self) -> int:
        return 0

    def server_now(self) -> Instant | None:
        return self.world.now

    def examine(self, uses: Set[Use]) -> Iterator[Finding]:
        raise AssertionError(f"no pass examines {uses}")

    def pull(self, cursor: str) -> Iterator[Batch]:
        """By the index as it was some time ago; the cursor is the newest stamp seen."""
        self._travel("pull")
        seen = int(cursor or 0)
        at = Instant(self.world.now - self.world.within(INDEX_LAG))
        index = [self.server.as_of(identity, at) for identity in self.server.versions]
        changed = [t for t in index if t.updated_at >= seen - OVERLAP or not cursor]
        for ticket in sorted(changed, key=lambda t: t.updated_at):
            seen = max(seen, ticket.updated_at)
            yield Batch((ticket,), str(seen))
            self._travel("pull")
        if not changed:
            yield Batch((), str(seen))

    def fetch(self, refs: Sequence[Ref]) -> tuple[Ticket, ...]:
        """From a replica that may be behind."""
        self._travel("fetch")
        at = Instant(self.world.now - self.world.within(STALE))
        return tuple(self.server.as_of(ref.id, at) for ref in refs)

    def write(self, ref: Ref, changes: Sequence[Change]) -> Written:
        outcomes = tuple(self._write(ref, change) for change in changes)
        return Written(outcomes, self.server.ticket(ref.id).updated_at)

    def _write(self, ref: Ref, change: Change) -> Outcome:
        """One request, and what the client learns of it."""
        fate = self.world.pick("write", FATES)
        self.world.crash_perhaps()
        self.world.advance(self.world.within(2 * SECOND))
        match fate:
            case "retryable":
                return Outcome("retryable", "never left")
            case "rejected" if not isinstance(change, SetFields):
                self.server.refused.add((ref.id, change.key))
                return Outcome("rejected", "the workflow forbids it", code="SLA400")
            case "dropped":
                return Outcome("doubtful", "no answer")
            case "late":
                at = Instant(self.world.now + self.world.within(LATEST))
                self.server.coming.append((at, ref, change))
                return Outcome("doubtful", "no answer")
            case "broken":
                raise UnreachableError("the line broke")
        self.server.apply(ref, change)
        self.world.crash_perhaps()
        if fate == "lost":
            return Outcome("doubtful", "no answer")
        if fate == "broken after":
            raise UnreachableError("the line broke")
        return Outcome("confirmed", remote_id=str(self.world.now))

    def _travel(self, what: str) -> None:
        self.world.crash_perhaps()
        self.world.advance(self.world.within(SECOND))
        if self.world.pick(what, ("well",) * 12 + ("broken",)) == "broken":
            raise UnreachableError("the line broke")


FATES = (
    *("well",) * 8, "lost", "lost", "late", "late", "dropped", "retryable", "rejected", "broken",
    "broken after",
)  # fmt: skip


def reverted(ticket: Ticket, field: str) -> Ticket:
    """The ticket as a bot leaves it that clears one of our fields."""
    return msgspec.structs.replace(ticket, written={**ticket.written, field: None})
