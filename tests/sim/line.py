"""A client's connection to the server, as bad as they come: the index lags, replicas are stale,
rows move between pages, answers get lost, and some writes are done long after we gave up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING

from connectors.base import (
    AuthError,
    Batch,
    ConnectorError,
    Fate,
    Finding,
    Outcome,
    TransientError,
    UnreachableError,
    Use,
    Written,
)
from connectors.envelope import SlowDownError
from sla_engine.changes import Change, SetFields
from sla_engine.model import Ref, Ticket
from sla_engine.units import MINUTE, SECOND, Instant
from sla_engine.vocabulary import Vocabulary
from tests.sim.fates import PAGES, READS, WELL, WRITES

if TYPE_CHECKING:
    from tests.sim.server import Server
    from tests.sim.world import World

INDEX_LAG = 2 * MINUTE
STALE = 1 * MINUTE
LATEST = 5 * MINUTE
"""How long after its sending a write may still be carried out: within the quiet period."""
OVERLAP = 2 * INDEX_LAG
GRAIN = {"jira": MINUTE, "servicenow": SECOND}
"""In what steps a system's queries tell times."""

ERRORS: dict[str, type[ConnectorError]] = {
    "broke": UnreachableError,
    "429": SlowDownError,
    "401": AuthError,
    "503": TransientError,
}
UNSENT = {
    "never left": Outcome("retryable", "never left", code=UnreachableError.code),
    "429": Outcome("retryable", "slow down", code=SlowDownError.code),
    "401": Outcome("retryable", "who are you?", code=AuthError.code),
}
OUT_OF_REACH = (UnreachableError.code, AuthError.code)
DOUBT = Outcome("doubtful", "no answer")


class Line:
    """The Connector that the service is given. Jira takes a request for each change, ServiceNow one
    for all of a ticket; the one searches by the minute, the other by the second."""

    name = "desk"

    def __init__(self, world: World, server: Server, system: str) -> None:
        self.world, self.server, self.system = world, server, system

    def check(self) -> Instant | None:
        return self.world.now

    def allowance(self) -> None:
        """Nobody counts."""

    def vocabulary(self) -> Vocabulary:
        return Vocabulary()

    def requests(self) -> int:
        return 0

    def server_now(self) -> Instant | None:
        return self.world.now

    def examine(self, uses: Set[Use]) -> Iterator[Finding]:
        raise AssertionError(f"no pass examines {uses}")

    # Reading

    def pull(self, cursor: str) -> Iterator[Batch]:
        """A row a page, each by the index as it was some time ago; the cursor is the newest stamp
        seen."""
        self._read()
        seen = int(cursor or 0)
        low = (seen - OVERLAP) // GRAIN[self.system] * GRAIN[self.system]
        rows = [self._as_of(one, INDEX_LAG, "index lag") for one in self.server.versions]
        changed = sorted((t for t in rows if t.updated_at >= low), key=lambda t: t.updated_at)
        if len({t.updated_at for t in changed}) < len(changed) and cursor:
            self.world.befall("tie")
        yield Batch((), cursor)
        for ticket in self._walk(changed):
            seen = max(seen, ticket.updated_at)
            yield Batch((ticket,), str(seen))
            self._read()

    def _walk(self, rows: Sequence[Ticket]) -> Iterator[Ticket]:
        """The rows as the pages have them. One that changes before its page comes stands behind
        the last one, where this walk does not come any more."""
        again: list[Ticket] = []
        for row in rows:
            match self.world.pick("page", PAGES):
                case "shifted":
                    self.world.people.touch(row.ref.id)
                    continue
                case "twice":
                    again.append(row)
                case "empty":
                    self._read()
            yield row
        yield from again

    def fetch(self, refs: Sequence[Ref]) -> tuple[Ticket, ...]:
        """From a replica that may be behind."""
        self._read()
        return tuple(self._as_of(ref.id, STALE, "stale read") for ref in refs)

    def fates(self, refs: Sequence[Ref]) -> Mapping[str, Fate]:
        raise AssertionError(f"no ticket is ever gone: {refs}")

    def census(self, since: Instant) -> Iterator[Sequence[str]]:
        """Every ticket, as the index has them; since when does not matter."""
        self._read()
        yield [identity for identity in self.server.versions if since]

    def _as_of(self, identity: str, most: int, fault: str) -> Ticket:
        found = self.server.as_of(identity, Instant(self.world.now - self.world.within(most)))
        if found is not self.server.ticket(identity):
            self.world.befall(fault, identity)
        return found

    def _read(self) -> None:
        self.world.crash_perhaps()
        self.world.advance(self.world.within(SECOND))
        fate = self.world.pick("read", READS)
        if fate != WELL:
            raise ERRORS[fate]("the line broke")

    # Writing

    def write(self, ref: Ref, changes: Sequence[Change]) -> Written:
        outcomes: list[Outcome] = []
        requests = [changes] if self.system == "servicenow" else [[change] for change in changes]
        for request in requests:
            if outcomes and outcomes[-1].kind == "retryable" and outcomes[-1].code in OUT_OF_REACH:
                outcomes.append(outcomes[-1])
            else:
                outcomes += self._request(ref, request)
        return Written(tuple(outcomes), self.server.ticket(ref.id).updated_at)

    def _request(self, ref: Ref, changes: Sequence[Change]) -> list[Outcome]:
        """What the client learns of one request, a change."""
        fate = self.world.pick("write", WRITES)
        self.world.crash_perhaps()
        self.world.advance(self.world.within(2 * SECOND))
        if fate in UNSENT:
            return [UNSENT[fate]] * len(changes)
        if fate in ("dropped", "503"):
            return [DOUBT] * len(changes)
        if fate == "broke before":
            raise UnreachableError("the line broke")
        if fate == "late":
            at = Instant(self.world.now + self.world.within(LATEST))
            self.server.coming += [(at, ref, change) for change in changes]
            return [DOUBT] * len(changes)
        outcomes = [self._done(ref, change, fate) for change in changes]
        self.world.crash_perhaps()
        if fate == "broke after":
            raise UnreachableError("the line broke")
        return [DOUBT] * len(changes) if fate in ("lost", "503 though done") else outcomes

    def _done(self, ref: Ref, change: Change, fate: str) -> Outcome:
        """Fields are never refused here: they are tried again until people give in."""
        if fate == "refused" and not isinstance(change, SetFields):
            self.server.refused.add((ref.id, change.key))
            return Outcome("rejected", "the workflow forbids it", code="SLA400")
        self.server.apply(ref, change)
        return Outcome("confirmed", remote_id=str(self.world.now))
