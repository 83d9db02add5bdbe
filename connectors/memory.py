"""The reference connector: tickets in a dict, changes carried out on them at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import takewhile

import msgspec

from connectors.base import (
    GONE,
    Allowance,
    Batch,
    ConnectorError,
    Fate,
    Finding,
    Outcome,
    OutcomeKind,
    PermanentError,
    Use,
    Written,
)
from sla_engine.changes import (
    AddComment,
    AddLabels,
    Assign,
    Change,
    Notify,
    SetFields,
    SetTicketFields,
    Transition,
)
from sla_engine.model import Actor, Event, Journal, Ref, Ticket, Value
from sla_engine.units import Instant
from sla_engine.vocabulary import Vocabulary

OURSELVES = Actor("sla-sync", "SLA sync", "self")
BATCH = 1000


class Fault(msgspec.Struct, frozen=True):
    """How the next write shall go wrong. A doubtful one may have been `applied` all the same."""

    kind: OutcomeKind
    message: str = "made to fail"
    code: str = ""
    applied: bool = False


class MemoryConnector:
    """Keeps the Connector's contract without any server; `now` is its clock and stands still;
    `theirs` is what it says its clock shows, None for nothing, and `grants` its allowance.

    `broken` is raised by every call while it is set, `faults` befall the next writes in order, one
    for each change; `closed` fields are refused by name; while `lost` is set, pulls say so.
    `writes` is every change that was sent, whatever became of it.
    """

    def __init__(
        self, name: str = "memory", tickets: Iterable[Ticket] = (), system: str = "memory"
    ) -> None:
        self.name, self.system = name, system
        self.now: Instant | None = None
        self.theirs: Instant | None = None
        self.grants: Allowance | None = None
        self.words = Vocabulary()
        self.lost = False
        self.broken: ConnectorError | None = None
        self.faults: deque[Fault] = deque()
        self.closed: set[str] = set()
        self.writes: list[Change] = []
        self._tickets: dict[str, Ticket] = {}
        self._revisions: dict[str, int] = {}
        self._revision = 0
        self._spoilt: dict[str, str] = {}
        self._fates: dict[str, Fate] = {}
        for ticket in tickets:
            self.put(ticket)

    def put(self, ticket: Ticket) -> None:
        """A ticket as it now is: new, or changed by somebody."""
        self._revision += 1
        self._tickets[ticket.ref.id] = ticket
        self._fates.pop(ticket.ref.id, None)
        self._revisions.pop(ticket.ref.id, None)
        self._revisions[ticket.ref.id] = self._revision  # so the newest change always stands last

    def remove(self, identity: str, fate: Fate | None = None) -> None:
        """The ticket is gone: no pull tells it, `fetch` leaves it out, and only a `fate` says why.
        `put` brings it back."""
        del self._tickets[identity], self._revisions[identity]
        self._spoilt.pop(identity, None)
        if fate is not None:
            self._fates[identity] = fate

    def spoil(self, identity: str, why: str) -> None:
        """The ticket cannot be read any more, though it is there."""
        self._spoilt[identity] = why
        self.put(self._tickets[identity])

    def add_event(
        self, identity: str, field: str, new: Value, actor: Actor, at: Instant | None = None
    ) -> None:
        """Something happens to a ticket, `now` unless said otherwise."""
        self.put(_with_event(self._tickets[identity], field, new, actor, self._stamp(identity, at)))

    def check(self) -> Instant | None:
        self._raise_if_broken()
        return self.now

    def vocabulary(self) -> Vocabulary:
        self._raise_if_broken()
        return self.words

    def pull(self, cursor: str) -> Iterator[Batch]:
        self._raise_if_broken()
        seen = _revision(cursor)
        backwards = ((of, identity) for identity, of in reversed(self._revisions.items()))
        changed = [*takewhile(lambda one: one[0] > seen, backwards)][::-1]
        for start in range(0, max(len(changed), 1), BATCH):
            part = changed[start : start + BATCH]
            yield self._batch([identity for _, identity in part], part[-1][0] if part else seen)

    def _batch(self, identities: Sequence[str], revision: int) -> Batch:
        return Batch(
            tuple(self._tickets[identity] for identity in identities if self._is_sound(identity)),
            str(revision),
            tuple(
                (self._tickets[identity].ref, self._spoilt[identity])
                for identity in identities
                if not self._is_sound(identity)
            ),
            self.lost,
        )

    def examine(self, uses: Set[Use]) -> Iterator[Finding]:  # noqa: ARG002 -- it allows all
        self._raise_if_broken()
        yield Finding("ok", "tickets", f"{len(self._tickets)} in memory")

    def fetch(self, refs: Sequence[Ref]) -> tuple[Ticket, ...]:
        self._raise_if_broken()
        return tuple(
            self._tickets[ref.id]
            for ref in refs
            if ref.id in self._tickets and self._is_sound(ref.id)
        )

    def fates(self, refs: Sequence[Ref]) -> Mapping[str, Fate]:
        self._raise_if_broken()
        told = {identity: Fate("there") for identity in self._spoilt} | self._fates
        return {ref.id: told[ref.id] for ref in refs if ref.id in told}

    def census(self, since: Instant) -> Iterator[Sequence[str]]:  # noqa: ARG002 -- others too
        self._raise_if_broken()
        yield list(self._tickets)

    def write(self, ref: Ref, changes: Sequence[Change]) -> Written:
        self._raise_if_broken()
        outcomes = tuple(self._carry_out(ref, change) for change in changes)
        ticket = self._tickets.get(ref.id)
        return Written(outcomes, ticket.updated_at if ticket else None)

    def server_now(self) -> Instant | None:
        return self.theirs

    def allowance(self) -> Allowance | None:
        return self.grants

    def requests(self) -> int:
        return 0

    def _is_sound(self, identity: str) -> bool:
        return identity not in self._spoilt

    def _raise_if_broken(self) -> None:
        if self.broken is not None:
            raise self.broken

    def _stamp(self, identity: str, at: Instant | None = None) -> Instant:
        return at if at is not None else self.now or self._tickets[identity].updated_at

    def _carry_out(self, ref: Ref, change: Change) -> Outcome:
        self.writes.append(change)
        fault = self.faults.popleft() if self.faults else None
        if ref.id not in self._tickets:
            return Outcome("rejected", f"{ref.key} is gone", code=GONE)
        if isinstance(change, Notify):
            return Outcome("rejected", "a ticket system notifies nobody", code="SLA400")
        if isinstance(change, SetFields) and self.closed & dict(change.fields).keys():
            return self._without_the_closed(ref, change)
        if fault is None or fault.applied:
            self.put(_applied(self._tickets[ref.id], change, self._stamp(ref.id)))
        if fault is not None:
            code = fault.code or ("SLA400" if fault.kind == "rejected" else "SLA502")
            return Outcome(fault.kind, fault.message, code=code)
        return Outcome("confirmed", remote_id=str(self._revision))

    def _without_the_closed(self, ref: Ref, change: SetFields) -> Outcome:
        taken = tuple(pair for pair in change.fields if pair[0] not in self.closed)
        left = msgspec.structs.replace(change, fields=taken)
        self.put(_applied(self._tickets[ref.id], left, self._stamp(ref.id)))
        names = tuple(name for name, _ in change.fields if name in self.closed)
        said = f"{', '.join(names)} cannot be set"
        return Outcome("rejected", said, code="SLA110", refused=names)


def _revision(cursor: str) -> int:
    if (cursor and not cursor.isascii()) or (cursor and not cursor.isdigit()):
        raise PermanentError(f'"{cursor[:40]}" is no cursor of this connection')
    return int(cursor or 0)


def _applied(ticket: Ticket, change: Change, at: Instant) -> Ticket:
    match change:
        case SetFields(fields=fields):
            return msgspec.structs.replace(
                ticket, written={**ticket.written, **dict(fields)}, updated_at=at
            )
        case AddComment(key=key, internal=internal):
            ticket = msgspec.structs.replace(ticket, marks=ticket.marks | {key})
            return _by_us(ticket, [("comment", "internal" if internal else "public")], at)
        case Assign(to=to):
            return _by_us(ticket, [("assignee", to)], at)
        case Transition(to=to):
            return _by_us(ticket, [("status", to)], at)
        case AddLabels(labels=labels):
            return _by_us(ticket, [("labels", _joined(_current(ticket, "labels"), labels))], at)
        case SetTicketFields(fields=pairs):
            return _by_us(ticket, list(pairs), at)
        case _:
            return ticket


def _by_us(ticket: Ticket, news: Sequence[tuple[str, Value]], at: Instant) -> Ticket:
    for field, new in news:
        ticket = _with_event(ticket, field, new, OURSELVES, at)
    return ticket


def _joined(there: Value, labels: Sequence[str]) -> tuple[str, ...]:
    before = there if isinstance(there, tuple) else ()
    return (*before, *(label for label in labels if label not in before))


def _current(ticket: Ticket, field: str) -> Value:
    value = ticket.initial.get(field)
    for event in ticket.journal:
        if event.field == field:
            value = event.new
    return value


def _with_event(ticket: Ticket, field: str, new: Value, actor: Actor, at: Instant) -> Ticket:
    sequence = len(ticket.journal) + 1
    old = None if field == "comment" else _current(ticket, field)
    event = Event(at, sequence, field, old, new, actor, f"change {sequence}")
    return msgspec.structs.replace(
        ticket, journal=Journal([*ticket.journal, event]), updated_at=max(at, ticket.updated_at)
    )
