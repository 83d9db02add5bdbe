"""Breakers: what is refused, or undone by people, again and again is not done any more.

Each looks at what a policy did of late with one kind of deed (assignments of "gold"), so that one
mistaken step stops nothing else. It closes when people say so (`sla resume`), or a day later, and
then opens again as soon as it must. Fields that tickets refuse are a matter of `bars`.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING

from service.delivery.deeds import name_of
from service.delivery.items import LEFT
from service.delivery.lately import Deed
from service.state import keeping
from sla_engine.changes import AddLabels, Assign, Change, SetTicketFields, Transition
from sla_engine.units import MINUTE, Millis

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from connectors.base import Outcome
    from sla_engine.model import Ticket

LATEST = 50
"""Deeds of a kind that are looked at."""

REFUSED = 10
"""So many of them may be refused: 20 %."""

UNDONE = 3
"""Tickets on which people undo a deed: then they do not want it."""

SOON = Millis(10 * MINUTE)
"""How long after a deed what people do is taken to be about it."""

Group = tuple[str, str]
"""(policy, kind of deed)."""

_KINDS = {
    "AddComment": "comments",
    "AddLabels": "labels",
    "Assign": "assignments",
    "Notify": "messages",
    "SetTicketFields": "fields set",
    "Transition": "transitions",
}


class Breakers:
    """The breakers of one connection, by what was done of late."""

    def __init__(self, db: Connection, connection: str, tried: Iterable[Deed]) -> None:
        self._latest: dict[Group, deque[bool]] = defaultdict(lambda: deque(maxlen=LATEST))
        done: dict[Group, deque[Deed]] = defaultdict(lambda: deque(maxlen=LATEST))
        for deed in tried:
            group = group_of(deed.change)
            self._latest[group].append(deed.state == "dead")
            if deed.state == "done" and not isinstance(deed.change, AddLabels):
                done[group].append(deed)
        self._undone = {group: _undone(db, connection, some) for group, some in done.items()}

    def against(self, change: Change) -> str:
        """Why this is not done for now; "" where it may be."""
        policy, kind = group = group_of(change)
        latest = self._latest[group]
        what = f"{_KINDS[kind]} of {policy}"
        if sum(latest) > REFUSED:
            return f"{what} are refused: {sum(latest)} of the last {len(latest)}"
        undone = self._undone.get(group, 0)
        return f"people undo {what} at once, on {undone} tickets" if undone >= UNDONE else ""

    def learn(self, change: Change, outcome: Outcome) -> None:
        """What became of one just now."""
        if outcome.kind in ("confirmed", "rejected") and outcome.code not in LEFT:
            self._latest[group_of(change)].append(outcome.kind == "rejected")


def group_of(change: Change) -> Group:
    """What counts together: the keys of deeds begin with their policy and a dot."""
    return name_of(change).partition(".")[0], type(change).__name__


def _undone(db: Connection, connection: str, done: Iterable[Deed]) -> int:
    """On how many tickets people took back what was done, soon after."""
    by_ticket = {deed.ticket: deed for deed in done}
    tickets, _ = keeping.load(db, connection, list(by_ticket))
    return sum(_is_undone(by_ticket[ticket.ref.id], ticket) for ticket in tickets)


def _is_undone(deed: Deed, ticket: Ticket) -> bool:
    """Whether somebody else set a field back to what stood there before."""
    if not isinstance(deed.change, Assign | Transition | SetTicketFields):
        return False
    stood = dict(deed.change.stood)
    return any(
        event.field in stood
        and event.new == stood[event.field]
        and event.actor.kind != "self"
        and deed.sent_at < event.at <= deed.sent_at + SOON
        for event in ticket.journal
    )
