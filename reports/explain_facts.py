"""What `explain` tells besides the ledger: what did not count, and what the ticket shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from reports.words import person
from sla_engine.model import Event, FieldValue, Ticket, Verdict
from sla_engine.plan import same
from sla_engine.roles import kind_of
from sla_engine.terms import Policies
from sla_engine.units import Instant
from sla_engine.wording import published

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sla_engine.model import Value
    from sla_engine.terms import Published

RESPONSES = ("acknowledge", "first_response", "next_response", "update")
_NO_ANSWER = {
    "bot": "bot",
    "ai": "AI agent",
    "self": "our own comment",
    "vendor": "vendor",
    "unknown": "not known as staff",
}


class Disregarded(NamedTuple):
    """A comment that is no answer, and why."""

    event: Event
    why: str


class Shown(NamedTuple):
    """A field of ours: what the ticket shows and what it should."""

    field: str
    kind: Published
    there: FieldValue
    wanted: FieldValue

    @property
    def same(self) -> bool:
        """As the plan sees it: what is the same is not written."""
        return same(self.there, self.wanted)


def disregarded(
    policies: Policies, ticket: Ticket, verdict: Verdict, now: Instant
) -> Iterator[Disregarded]:
    """Comments within a cycle of a response clock that were no answer, but look like one."""
    if verdict.clock not in RESPONSES or verdict.started_at is None:
        return
    requester = ticket.initial.get("requester")
    for event in ticket.journal:
        if event.field == "requester":
            requester = event.new
        within = verdict.started_at <= event.at < (verdict.stopped_at or now)
        if event.field == "comment" and within and (why := _why_not(policies, event, requester)):
            yield Disregarded(event, why)


def _why_not(policies: Policies, event: Event, requester: Value) -> str:
    kind = kind_of(event.actor, policies.actors)
    if kind in _NO_ANSWER:
        return _NO_ANSWER[kind]
    if event.new == "internal":
        return "internal note"
    return "is the requester" if kind == "staff" and event.actor.id == requester else ""


def shown_fields(
    policies: Policies, ticket: Ticket, verdicts: Sequence[Verdict], zone: ZoneInfo
) -> tuple[Shown, ...]:
    """Our fields in this ticket against what `publish:` says of its system."""
    terms = policies.publish.get(ticket.system)
    wanted = terms.fields if terms else {}
    return tuple(
        Shown(field, kind, ticket.written.get(field), published(kind, verdicts, zone))
        for field, kind in wanted.items()
    )


def comment_line(item: Disregarded) -> str:
    """`comment 40099 by automation-bot (bot)`."""
    return f"{item.event.source_id} by {person(item.event.actor)} ({item.why})"
