"""What happened to a ticket in words for its customer: roles for people, nothing internal.

Built from what may be said, never by taking away what may not: an event, a field or a reason that
is not named here is told without its content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.ledger import OPENING, Row
from reports.words import fields_of, value_text
from sla_engine.model import Actor, ActorKind, Event, Ticket, Value
from sla_engine.roles import kind_of
from sla_engine.words import duration

if TYPE_CHECKING:
    from sla_engine.terms import Policies
    from sla_engine.units import Instant, Millis

ROLES: dict[ActorKind, str] = {
    "staff": "the service desk",
    "customer": "the customer",
    "bot": "an automatic process",
    "ai": "an automatic process",
    "self": "an automatic process",
    "vendor": "a supplier",
}
TOLD = ("status", "priority")
"""The fields whose values a customer may read; they stand in every customer portal."""

WAITS = ("status", "hold_reason", "pending_reason")
"""The fields that may say why a clock waits."""

_REASONS = {
    "created": "request received",
    "customer replied": "the customer replied",
    "pause ended": "work went on",
    "resumed": "work went on",
    "reopened": "reopened",
    "calendar changed": "other service hours apply",
    "pause cap reached": "the longest agreed pause was over",
}


def because(policies: Policies, ticket: Ticket, row: Row, limit: Millis | None) -> str:
    """Why a stretch began, or how it ended."""
    match row.kind:
        case "closed":
            return "outside service hours"
        case "paused":
            return waiting(policies, ticket, row)
        case "end" | "stopped":
            return happened_at(policies, ticket, row.start) or "done"
        case "over" if not row.cause:
            return "past the promise" if limit is None else f"past the promise of {duration(limit)}"
    if not row.cause:
        return "service hours began" if row.because.startswith(OPENING) else ""
    if row.reason == "target changed":
        changed = happened_at(policies, ticket, row.start)
        return f"another promise applies: {changed}" if changed else "another promise applies"
    told = happened_at(policies, ticket, row.start) if row.reason == "started" else ""
    return _REASONS.get(row.reason) or told or "work went on"


def waiting(policies: Policies, ticket: Ticket, row: Row) -> str:
    """`Waiting for customer`, where a field that may be told says so."""
    if row.cause.startswith("exclusion "):
        return "excluded by agreement"
    fields = fields_of(policies, ticket, row.start)
    known = {part for name in WAITS for part in _parts(fields.get(name))}
    said = [part for part in row.reason.split(" · ") if part in known]
    return ", ".join(said) or "paused as agreed"


def _parts(value: Value) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()


def happened_at(policies: Policies, ticket: Ticket, at: Instant) -> str:
    """What a customer may know of what happened at an instant; "" where that is nothing."""
    told = (told_event(policies, ticket, event) for event in ticket.journal if event.at == at)
    return next(filter(None, told), "")


def told_event(policies: Policies, ticket: Ticket, event: Event) -> str:
    """One event, "" for all that is not named here."""
    if event.field == "comment" and event.new == "public":
        return f"message from {role(policies, ticket, event.actor)}"
    return f"{event.field}: {value_text(event.new)}" if event.field in TOLD and event.new else ""


def role(policies: Policies, ticket: Ticket, actor: Actor) -> str:
    """What somebody was to the ticket, never who."""
    if actor.id and actor.id == ticket.initial.get("requester"):
        return ROLES["customer"]
    return ROLES.get(kind_of(actor, policies.actors), "somebody")
