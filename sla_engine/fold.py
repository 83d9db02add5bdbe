"""A journal folded: one pass over what happened, and every clock has done its work."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from sla_engine.clock import Clock
from sla_engine.model import NOBODY, Actor, Ticket, Value
from sla_engine.rules import Decisions, Do, Node, owned_elsewhere
from sla_engine.tables import Situation, State, Tables, Token, canonical
from sla_engine.units import Instant, Millis

CREATED = "created"

ASSIGNED: tuple[Token, ...] = (("assigned", "", ""),)
REPLAY = Do.REPLAY
NONE_LATE: Mapping[int, str] = {}


class Fold:
    """The clocks of one ticket while its journal goes by.

    `late` are lanes whose policy came to own the ticket after its creation, although their clock
    starts with it, with the source change that brought it: they live through what was before.
    """

    __slots__ = ("_decisions", "_tables", "clocks", "late", "restart", "situation")

    def __init__(self, tables: Tables, decisions: Decisions, late: Mapping[int, str]) -> None:
        self._tables, self._decisions, self.late = tables, decisions, late
        self.clocks: dict[int, Clock] = {}
        self.restart: Mapping[int, str] = NONE_LATE
        self.situation: Situation

    def see(self, node: Node, at: Instant, cause: str, situation: Situation) -> Node:
        """One atomic step: have the clocks do what it asks of them; the node it leads to."""
        if self.late:
            node = self._enter_late(node, cause)
        self.situation = situation
        node, work = node.leads.get(situation) or self._decisions.lead(node, situation)
        for index, operation, decision, signals in work:
            if decision.do is REPLAY:
                self.restart = {**self.late, index: cause}
                continue
            clock = self.clocks.get(index)
            if clock is None:
                clock = self.clocks[index] = Clock(self._tables.lanes[index])
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
                lane = self._tables.lanes[index]
                if control.finished and not control.open and index in self.clocks:
                    cycle = self.clocks[index].cycles[-1]
                    cycle.hidden = owned_elsewhere(lane, self.situation)
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
    folded = Fold(tables, decisions, late)
    waits = tables.customer_starts and by_staff_for_another(tables, ticket)
    node = decisions.start(staff_opened=waits, late=late)
    state = _settled(tables, ticket, now)
    tokens = ASSIGNED if ticket.initial.get("assignee") else ()
    situation = tables.situation(state, tokens)
    node = folded.see(node, ticket.created_at, CREATED, situation)
    _go_through(tables, folded, ticket, state, node, now)
    if folded.restart:
        return fold(tables, decisions, ticket, now, folded.restart)
    return folded


def _go_through(  # noqa: C901  # the one loop over all events: a call would cost more than its work
    tables: Tables, folded: Fold, ticket: Ticket, state: State, node: Node, now: Instant
) -> None:
    created, watched, speaking = ticket.created_at, tables.watched, tables.speaking
    requester, before, late = ticket.initial.get("requester"), state, folded.late
    early = created + tables.settles[-1] if tables.settles else created - 1
    dated = bool(tables.effective) and created < tables.effective[-1]
    tokens: tuple[Token, ...] = ()
    for at, field, value, actor, cause, following in ticket.journal.until(now):
        if field in watched:
            moves = state.moves.get(field)
            if moves is not None and at > early:
                state = moves.get(value) or tables.move(state, field, value)
            else:
                state = _move(tables, state, field, value, Millis(at - created), early=at <= early)
        if field in speaking:
            tokens += _tokens(tables, field, value, actor, requester)
            requester = value if field == "requester" else requester
        if cause == following:
            continue
        if dated:
            state = tables.at_era(state, at)
        if tokens:
            situation = state.situations.get(tokens) or tables.situation(state, tokens)
            tokens = ()
        elif state is before:
            continue
        else:
            situation = state.quiet or tables.situation(state, ())
        before = state
        leads = node.leads.get(situation)
        if leads is not None and not leads[1] and not late:
            node, folded.situation = leads[0], situation  # no clock has anything to do
        else:
            node = folded.see(node, at if at > created else created, cause, situation)


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


def _tokens(
    tables: Tables, field: str, value: Value, actor: Actor, requester: Value
) -> tuple[Token, ...]:
    """What a change of this field says to conditions about events."""
    if field == "comment":
        role = actor.kind if tables.names_nobody else tables.kind(actor)
        if actor.id == requester and actor.id and role not in NEVER_REQUESTER:
            role = "requester"  # whatever else they are
        said = tables.said.get((value, role)) or tables.say(value, role)
    else:
        said = ASSIGNED if field == "assignee" and value else ()
    if field in tables.changes_watched:
        return (*said, ("changed", field, ""))
    return said


NEVER_REQUESTER = frozenset({"bot", "ai", "self"})


def by_staff_for_another(tables: Tables, ticket: Ticket) -> bool:
    """Whether staff opened the ticket for somebody else, who has not spoken yet."""
    creator = ticket.created_by
    return (
        creator != NOBODY
        and tables.kind(creator) == "staff"
        and creator.id != ticket.initial.get("requester")
    )


def fields_at(tables: Tables, ticket: Ticket, at: Instant) -> dict[str, Value]:
    """Every canonical field as of an instant, in the policies' vocabulary."""
    fields = dict(ticket.initial)
    journal = ticket.journal
    for position in range(bisect_right(journal.ats, at)):
        if journal.fields[position] != "comment":
            fields[journal.fields[position]] = journal.news[position]
    return {name: canonical(value, tables.values.get(name, {})) for name, value in fields.items()}
