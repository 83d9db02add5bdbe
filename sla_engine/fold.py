"""A journal folded: one pass over what happened, and every clock has done its work."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import islice

from sla_engine.clock import Clock
from sla_engine.happening import VOICES
from sla_engine.model import NOBODY, Actor, Step, Ticket, Value
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

    __slots__ = ("_decisions", "_tables", "clocks", "late", "requester", "restart", "state")

    def __init__(
        self, tables: Tables, decisions: Decisions, state: State, late: Mapping[int, str]
    ) -> None:
        self._tables, self._decisions, self.state, self.late = tables, decisions, state, late
        self.clocks: list[Clock | None] = [None] * len(tables.lanes)
        self.requester: Value = None
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
                self.restart = {**self.late, **self.restart, index: cause}
                entered = node.controls[index]._replace(before=signals)  # it enters only here
                node = self._decisions.replaced(node, index, entered)
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
    folded.requester = ticket.initial.get("requester") or None
    node = decisions.start(waits, late)
    node = folded.see(node, ticket.created_at, CREATED, state)
    _go_through(tables, folded, ticket, node, now)
    if folded.restart:
        return fold(tables, decisions, ticket, now, folded.restart)
    return folded


def _go_through(  # noqa: C901  # the one loop over all events: a call would cost more than its work
    tables: Tables, folded: Fold, ticket: Ticket, node: Node, now: Instant
) -> None:
    steps, created = ticket.journal.until(now), ticket.created_at
    node = _go_early(tables, folded, ticket, node, steps)
    requester, state, late = folded.requester, folded.state, folded.late
    known, moving = tables.known, tables.moving
    dated = bool(tables.effective) and created < tables.effective[-1]
    before = state
    for at, field, value, actor, cause, following in steps:
        if field == "comment":
            field = (
                (VOICES if actor.id != requester else OWN)[actor.kind]
                if known
                else _voice(tables, actor, requester)
            )
        elif state is before and field not in moving:
            continue
        elif field == "requester":
            requester = value or None
        try:
            state = state.moves[field][value]
        except KeyError:
            state = tables.move(state, field, value)
        if state is before or cause == following:
            continue
        if dated:
            state = tables.at_era(state, at)
        if late or state not in node.leads:
            node = folded.see(node, at, cause, state)
        else:
            node, work = node.leads[state]
            if work:
                node = folded.do(work, node, at, cause)
        before = state = state.rest
    folded.state = before


def _go_early(
    tables: Tables, folded: Fold, ticket: Ticket, node: Node, steps: Iterator[Step]
) -> Node:
    """Take the steps before the creation and while fields settle from `steps`; those before the
    creation count as of it."""
    ats, created = ticket.journal.ats, ticket.created_at
    end = created + tables.settles[-1] if tables.settles else created - 1
    before = state = folded.state.rest
    if ats and ats[0] <= end:
        for at, field, value, actor, cause, following in islice(steps, bisect_right(ats, end)):
            name = _voice(tables, actor, folded.requester) if field == "comment" else field
            if field == "requester":
                folded.requester = value or None
            if name in tables.moving:
                age = Millis(at - created)
                state = tables.move_early(state, name, value, age, settling=False)
            if state is not before and cause != following:
                state = tables.at_era(state, at)
                node = folded.see(node, max(at, created), cause, state)
                before = state = state.rest
    folded.state = state
    return node


def _voice(tables: Tables, actor: Actor, requester: Value) -> str:
    """What a comment of this actor is called as a move."""
    role = tables.kind(actor)
    if actor.id == requester and actor.id and role not in NEVER_REQUESTER:
        return VOICES["requester"]  # whatever else they are
    return VOICES[role]


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
    for gap in ticket.gaps:  # some time after its last entry
        if fields.get(gap.field) == gap.before:
            fields[gap.field] = gap.after
    return {name: canonical(value, tables.values.get(name, {})) for name, value in fields.items()}
