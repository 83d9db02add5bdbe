"""What `explain` tells besides the ledger: the row that chose the target, the comments that did
not count, and what the ticket shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from reports.words import fields_of, person, value_text
from sla_engine.conditions import All, FieldTest, holds
from sla_engine.model import Event, FieldValue, Ticket, Verdict
from sla_engine.plan import same
from sla_engine.roles import kind_of
from sla_engine.terms import Choice, ClockTerms, Policies, Policy, Target
from sla_engine.units import Instant
from sla_engine.wording import published

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from sla_engine.model import Value
    from sla_engine.problems import Where
    from sla_engine.terms import Published

RESPONSES = ("acknowledge", "first_response", "next_response", "update")
_NO_ANSWER = {
    "bot": "bot",
    "ai": "AI agent",
    "self": "our own comment",
    "vendor": "vendor",
    "unknown": "not known as staff",
}


class Chosen(NamedTuple):
    """The target that held in the end: where it is written, and the field values that chose it."""

    target: Target
    where: Where | None
    because: tuple[tuple[str, str], ...]


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


def terms_of(policies: Policies, verdict: Verdict) -> tuple[Policy, ClockTerms] | None:
    """The policy and clock behind a verdict, if they are still the ones in force."""
    for policy in policies.policies:
        for clock in policy.clocks:
            if (policy.name, clock.name) == (verdict.policy, verdict.clock):
                return policy, clock
    return None


def chosen_target(
    policies: Policies, ticket: Ticket, verdict: Verdict, now: Instant
) -> Chosen | None:
    """The row of `targets:` that the fields at the end of the cycle (or now) choose."""
    terms = terms_of(policies, verdict)
    if terms is None:
        return None
    policy, clock = terms
    fields = fields_of(policies, ticket, verdict.stopped_at or now)
    target, because = _pick(clock.targets, fields)
    if target is None:
        return None
    return Chosen(target, target.where or clock.where or policy.where, because)


def _pick(
    choice: Choice[Target], fields: Mapping[str, Value]
) -> tuple[Target | None, tuple[tuple[str, str], ...]]:
    """As `Choice.pick`, with the fields looked at on the way to the leaf."""
    if choice.by:
        field = choice.by[0]
        value = fields.get(field)
        asked = (field, value_text(value) or "empty")
        row = choice.rows.get(value) if isinstance(value, str) else None
        if row is not None:
            leaf, because = _pick(row, fields)
            if leaf is not None:
                return leaf, (asked, *because)
        return choice.default, (asked,)
    return choice.default, ()


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


def unmatched(policies: Policies, ticket: Ticket, now: Instant) -> Iterator[tuple[str, str]]:
    """Each policy and the first thing in its `match:` that this ticket does not fulfil."""
    fields = fields_of(policies, ticket, now)
    for policy in policies.policies:
        yield policy.name, _why_unmatched(policy, ticket, fields)


def _why_unmatched(policy: Policy, ticket: Ticket, fields: Mapping[str, Value]) -> str:
    parts = policy.match.parts if isinstance(policy.match, All) else (policy.match,)
    for part in parts:
        if not holds(part, fields):
            if isinstance(part, FieldTest):
                return f"{part.field} is {value_text(fields.get(part.field)) or 'empty'}"
            return "its match does not hold"
    if policy.effective is not None and ticket.created_at < policy.effective:
        return "the ticket is older than the policy"
    return "it matches, but no clock of it has started"
