"""A journal as moments: the instants at which something that policies care about happened."""

from __future__ import annotations

from bisect import bisect_right

import msgspec

from sla_engine.model import NOBODY, Actor, Journal, Ticket, Value
from sla_engine.tables import Situation, Tables, Token, canonical
from sla_engine.units import Instant

CREATED = "created"


class Moment(msgspec.Struct, frozen=True, gc=False):
    """One atomic step of a ticket: when, because of which source change, and what then held."""

    at: Instant
    cause: str
    situation: Situation


def moments(tables: Tables, ticket: Ticket, now: Instant) -> list[Moment]:
    """All steps up to and including `now`, the creation first. Events dated before the creation
    count as of the creation; events after `now` do not exist yet."""
    created = ticket.created_at
    journal = ticket.journal
    end = bisect_right(journal.ats, now)
    state, requester = _initial(tables, ticket)
    if tables.settle:
        _settle(tables, journal, state, created, end)
    tokens: tuple[Token, ...] = ()
    if ticket.initial.get("assignee"):
        tokens = (("assigned", "", ""),)
    found = tables.situation(tuple(state), tokens, created, created)
    result = [Moment(created, CREATED, found)]
    position = 0
    while position < end:
        first = position
        at, cause = journal.ats[position], journal.source_ids[position]
        while position < end and journal.source_ids[position] == cause:
            if journal.ats[position] != at:
                break
            position += 1
        changed, happened, requester = _apply(
            tables, journal, range(first, position), state, requester, created
        )
        if changed or happened:
            when = Instant(max(at, created))
            found = tables.situation(tuple(state), happened, created, when)
            result.append(Moment(when, cause, found))
    return result


def _initial(tables: Tables, ticket: Ticket) -> tuple[list[int], Value]:
    initial = ticket.initial
    state = [0] * len(tables.slots)
    for field, entries in tables.watched.items():
        value = initial.get(field)
        for index, classes, _ in entries:
            number = classes.get(value)
            state[index] = tables.slots[index].classify(value) if number is None else number
    return state, initial.get("requester")


def _settle(tables: Tables, journal: Journal, state: list[int], created: Instant, end: int) -> None:
    """Let classifying fields begin with the value that they have when they have settled."""
    for position in range(end):
        age = journal.ats[position] - created
        if age > tables.settle:
            break
        value = journal.news[position]
        for index, classes, settle in tables.watched.get(journal.fields[position], ()):
            if settle > 0 and age <= settle:
                number = classes.get(value)
                state[index] = tables.slots[index].classify(value) if number is None else number


def _apply(
    tables: Tables,
    journal: Journal,
    positions: range,
    state: list[int],
    requester: Value,
    created: Instant,
) -> tuple[bool, tuple[Token, ...], Value]:
    """Fold one source change into `state`; tells whether a class changed, what happened, and who
    is the requester then."""
    changed = False
    happened: tuple[Token, ...] = ()
    for position in positions:
        field, value = journal.fields[position], journal.news[position]
        for index, classes, settle in tables.watched.get(field, ()):
            if settle and journal.ats[position] - created <= settle:
                continue
            number = classes.get(value)
            if number is None:
                number = tables.slots[index].classify(value)
            if number != state[index]:
                state[index] = number
                changed = True
        if field in tables.speaking:
            happened += _tokens(tables, field, value, journal.actors[position], requester)
            requester = value if field == "requester" else requester
    return changed, happened, requester


def _tokens(
    tables: Tables, field: str, value: Value, actor: Actor, requester: Value
) -> tuple[Token, ...]:
    """What a change of this field says to conditions about events."""
    changed = (("changed", field, ""),) if field in tables.changes_watched else ()
    if field == "comment":
        return (*changed, ("comment", str(value), _role(tables, actor, requester)))
    if field == "assignee" and value:
        return (*changed, ("assigned", "", ""))
    return changed


def _role(tables: Tables, actor: Actor, requester: Value) -> str:
    """A requester is one whatever else they are; a bot that opens tickets stays a bot."""
    kind = tables.kind(actor)
    if actor.id and actor.id == requester and kind not in ("bot", "ai", "self"):
        return "requester"
    return kind


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
    for event in ticket.journal:
        if event.at > at:
            break
        if event.field != "comment":
            fields[event.field] = event.new
    return {name: canonical(value, tables.values.get(name, {})) for name, value in fields.items()}
