"""First touches: when a team that was given a ticket does something to it.

A touch is anything that a person of the team does: a comment, an assignment, a change. Where the
groups of the actor tell of no team at all, it is anything that staff do but whoever gave the ticket
to the team. A touch is an event of its own, just before what it was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import groupby

from sla_engine.happening import TOUCH
from sla_engine.model import NOBODY, Actor, Event, Ticket, Value
from sla_engine.slots import canonical
from sla_engine.terms import FieldTerms

TEAM = "team"


def touches(
    ticket: Ticket, team: FieldTerms, kind: Callable[[Actor], str], *, given: bool = False
) -> Iterator[Event]:
    """The first touch of each hand-off; `kind` says what the policies call an actor. With `given`
    the creation is a hand-off too."""
    names = {raw: value for value, raws in team.values.items() for raw in raws}
    teams = {*team.values, *_teams(ticket, names)}
    holder, giver, waiting = canonical(ticket.initial.get(TEAM), names), ticket.created_by, given
    for _, group in groupby(ticket.journal, key=lambda event: (event.at, event.source_id)):
        step = list(group)
        actor = step[0].actor
        handed = next((event for event in step if event.field == TEAM), None)
        if waiting and kind(actor) == "staff" and _belongs(actor, holder, giver, teams, names):
            waiting = False
            told = f"{step[0].source_id} (first touch)"
            yield Event(step[0].at, step[0].sequence, TOUCH, None, "", actor, told)
        if handed is not None:
            holder, giver, waiting = canonical(handed.new, names), actor, True


def _teams(ticket: Ticket, names: dict[str, str]) -> Iterator[str]:
    told = [event.new for event in ticket.journal if event.field == TEAM]
    for value in (ticket.initial.get(TEAM), *told):
        name = canonical(value, names)
        if isinstance(name, str):
            yield name


def _belongs(
    actor: Actor, holder: Value, giver: Actor, teams: Collection[str], names: dict[str, str]
) -> bool:
    """Whether the actor counts as one of the team that holds the ticket."""
    known = {names.get(group, group) for group in actor.groups} & set(teams)
    if known:
        return holder in known
    return giver is NOBODY or actor.id != giver.id
