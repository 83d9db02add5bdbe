"""What is promised of each kind of effect: how long to wait in doubt, when it comes too late, and
what stands against it. In words for people: docs/operations.md, "Never lost, never twice"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.state.journals import current
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
from sla_engine.units import DAY, MINUTE, SECOND, Instant, Millis

if TYPE_CHECKING:
    from sla_engine.model import Ticket, Value

QUIET = Millis(10 * MINUTE)
"""How long after its sending a write may still arrive, unless service.yaml says otherwise: it is
more than the send window, the longest that a server works on a request and the age of a read."""

SEND_WINDOW = Millis(10 * SECOND)
"""How long after its intent a write may be sent. A process that was paused for longer sends
nothing: somebody may have read the ticket meanwhile and concluded that it never will."""

FRESH = Millis(MINUTE)
"""How old a reading of the ticket may be when a deed is done to it."""

COMMENT_LIFE = Millis(DAY)
"""A step reached longer ago is told by fields and digests: a comment on it would be old news."""

PAGE_LIFE = Millis(30 * MINUTE)
"""A notice of a step reached longer ago wakes nobody by itself: it goes into a digest."""


def quiet_of(change: Change, quiet: Millis) -> Millis:
    """How long a write of unknown end must be left before a read may prove that it never arrived.

    Nothing for fields, which are compared anyway, and for notices, which no read can prove."""
    return Millis(0) if isinstance(change, SetFields | Notify) else quiet


def lapsed(change: Change, now: Instant) -> bool:
    """Whether it comes too late to be said at all."""
    return isinstance(change, AddComment) and _age(change.at, now) > COMMENT_LIFE


def is_late(notice: Notify, now: Instant) -> bool:
    """Whether a notice comes too late to stand alone."""
    return _age(notice.at, now) > PAGE_LIFE


def _age(at: Instant | None, now: Instant) -> int:
    return 0 if at is None else now - at


def seen(change: Change, ticket: Ticket) -> bool:
    """Whether the ticket shows that this was done: a mark, or the value itself."""
    fields = current(ticket)
    match change:
        case AddComment(key=key):
            return key in ticket.marks
        case Assign(to=to):
            return to in (fields.get("team"), fields.get("assignee"))
        case Transition(to=to):
            return fields.get("status") == to
        case AddLabels(labels=labels):
            return set(labels) <= _several(fields.get("labels"))
        case SetTicketFields(fields=pairs):
            return all(value in _several(fields.get(name)) for name, value in pairs)
        case _:
            return False


def _several(value: Value) -> set[str]:
    return set() if value is None else {value} if isinstance(value, str) else set(value)


def overtaken(change: Change, ticket: Ticket) -> str:
    """Who set the fields that this deed is about since it was first planned; "" where nobody but we
    did. What a person decided meanwhile is not undone."""
    if not isinstance(change, Assign | Transition | SetTicketFields):
        return ""
    fields = current(ticket)
    for name, stood in change.stood:
        if fields.get(name) == stood:
            continue
        last = next((e for e in reversed(list(ticket.journal)) if e.field == name), None)
        if last is not None and last.actor.kind != "self":
            who = last.actor.name or last.actor.id or "somebody"
            return f"{who} set {name} meanwhile"
    return ""
