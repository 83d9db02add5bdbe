"""A journal folded: one pass over what happened, and every clock has done its work."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from sla_engine.clock import Clock
from sla_engine.happening import VOICES
from sla_engine.model import NOBODY, Actor, Ticket, Value
from sla_engine.rules import Decisions, Node, Work, owned_elsewhere
from sla_engine.slots import canonical
from sla_engine.tables import State, Tables
from sla_engine.units import Instant, Millis

CREATED = "created"

NONE_LATE: Mapping[int, str] = {}
NEVER_REQUESTER = frozenset({"bot", "ai", "self"})
OWN = {kind: VOICES[kind if kind in NEVER_REQUESTER else "requester"] for kind in VOICES}


class Fold:
    """The clocks of one ticket while its journal goes by, and the state it is in.

    `late` are lanes whose policy came to own the ticket after its creation, although their clock
    starts with it, with the source change that brought it: they live through what was before.
    """

    __slots__ = ("_decisions", "_tables", "clocks", "late", "restart", "state")

    def __init__(
        self, tables: Tables, decisions: Decisions, state: State, late: Mapping[int, str]
    ) -> None:
        self._tables, self._decisions, self.state, self.late = tables, decisions, state, late
        self.clocks: list[Clock | None] = [None] * len(tables.lanes)
        self.restart: Mapping[int, str] = NONE_LATE

    def see(self, node: Node, at: Instant, cause: str, state: State) -> Node:
        """One atomic step: have the clocks do what it asks of them; the node it leads to."""
        if self.late:
            node = self._enter_late(node, cause)
        node, work = node.leads.get(state) or self._decisions.lead(node, state)
        if work:
            node = self.do(work, node, at, cause)
        self.state = state
        return node

    def do(self, work: tuple[Work, ...], node: Node, at: Instant, cause: str) -> Node:
        """Carry out what was decided on the way to a node; the node it is after all."""
        clocks = self.clocks
        for index, operation, decision, signals in work:
            if operation is None:
                self.restart = {**self.late, index: cause}
                continue
            clock = clocks[index]
            if clock is None:
                clock = clocks[index] = Clock(self._tables.lanes[index])
            control = operation(clock, decision, at, cause, signals)
            if control is not None:
                node = self._decisions.replaced(node, index, control)
        return node

    def _enter_late(self, node: Node, cause: str) -> Node:
        """The policy of a late lane comes now: what its clock finished before stays with the
        policy that had it then."""
        for index, brought in self.late.items():
            if brought == cause:
                control = node.controls[index]._replace(replaying=False, entered=True)
                node = self._decisions.replaced(node, index, control)
                seen = self._tables.signals(self.state)
                if (clock := self.clocks[index]) is not None and owned_elsewhere(
                    self._tables.lanes, index, seen
                ):
                    for cycle in clock.cycles:
                        cycle.hidden = cycle.ended != "open"
        return node


def fold(
    tables: Tables,
    decisions: Decisions,
    ticket: Ticket,
    now: Instant,
    late: Mapping[int, str] = NONE_LATE,
) -> Fold:
    """Show every step to all clocks, the creation first, up to and including `now`. Events dated
    before the creation count as of the creation; events after `now` do not exist yet."""
    waits = tables.customer_starts and by_staff_for_another(tables, ticket)
    state = _settled(tables, ticket, now)
    folded = Fold(tables, decisions, state, late)
    node = decisions.start(waits, late)
    node = folded.see(node, ticket.created_at, CREATED, state)
    _go_through(tables, folded, ticket, node, now)
    if folded.restart:
        return fold(tables, decisions, ticket, now, folded.restart)
    return folded


def _go_through(  # noqa: C901  # the one loop over all events: a call would cost more than its work
    tables: Tables, folded: Fold, ticket: Ticket, node: Node, now: Instant
) -> None:
    created, moving, late, known = ticket.created_at, tables.moving, folded.late, tables.known
    requester, state = ticket.initial.get("requester") or None, folded.state.rest
    early = created + tables.settles[-1] if tables.settles else created - 1
    dated = bool(tables.effective) and created < tables.effective[-1]
    before = state
    for at, field, value, actor, cause, following in ticket.journal.until(now):
        if field == "comment":
            field = (
                (VOICES if actor.id != requester else OWN)[actor.kind]
                if known
                else _voice(tables, actor, requester)
            )
        elif field == "requester":
            requester = value or None
        moves = state.moves.get(field)
        if moves is not None and at > early:
            state = moves.get(value) or tables.move(state, field, value)
        elif field in moving:
            state = _move(tables, state, field, value, Millis(at - created), early=at <= early)
        if state is before or cause == following:
            continue
        if dated:
            state = tables.at_era(state, at)
        leads = node.leads.get(state)
        if leads is None or late:
            node = folded.see(node, at if at > created else created, cause, state)
        else:
            node, work = leads
            if work:
                node = folded.do(work, node, at if at > created else created, cause)
        if late:
            folded.state = state
        before = state = state.rest
    folded.state = before


def _voice(tables: Tables, actor: Actor, requester: Value) -> str:
    """What a comment of this actor is called as a move."""
    role = tables.kind(actor)
    if actor.id == requester and actor.id and role not in NEVER_REQUESTER:
        return VOICES["requester"]  # whatever else they are
    return VOICES[role]


def _move(
    tables: Tables, state: State, field: str, value: Value, age: Millis, *, early: bool
) -> State:
    if early:
        return tables.move_early(state, field, value, age, settling=False)
    return tables.move(state, field, value)


def _settled(tables: Tables, ticket: Ticket, now: Instant) -> State:
    """The state at the creation, classifying fields with the values that they settle on."""
    state = tables.start(ticket.initial, ticket.created_at)
    if not tables.settles:
        return state
    created, journal = ticket.created_at, ticket.journal
    until = min(now, created + tables.settles[-1])
    for position in range(bisect_right(journal.ats, until)):
        field = journal.fields[position]
        if field in tables.watched:
            age = Millis(journal.ats[position] - created)
            state = tables.move_early(state, field, journal.news[position], age, settling=True)
    return state


def by_staff_for_another(tables: Tables, ticket: Ticket) -> bool:
    """Whether staff opened the ticket for somebody else, who has not spoken yet."""
    creator = ticket.created_by
    if creator.id == ticket.initial.get("requester") or creator == NOBODY:
        return False
    return tables.kind(creator) == "staff"


def fields_at(tables: Tables, ticket: Ticket, at: Instant) -> dict[str, Value]:
    """Every canonical field as of an instant, in the policies' vocabulary."""
    fields = dict(ticket.initial)
    journal = ticket.journal
    for position in range(bisect_right(journal.ats, at)):
        if journal.fields[position] != "comment":
            fields[journal.fields[position]] = journal.news[position]
    return {name: canonical(value, tables.values.get(name, {})) for name, value in fields.items()}
