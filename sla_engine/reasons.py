"""Why a ticket has the target it has, or none: the line of the policy, and the values it asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import NamedTuple

import msgspec

from sla_engine.conditions import All, FieldTest, holds
from sla_engine.evaluate import compiled
from sla_engine.fold import fields_at
from sla_engine.model import Journal, Ticket, Value, Verdict
from sla_engine.problems import Where
from sla_engine.terms import Choice, ClockTerms, Policies, Policy, Target
from sla_engine.units import DAY, Instant, Millis
from sla_engine.versions import judge_of
from sla_engine.words import duration


def told_of(policies: Policies, verdict: Verdict, ticket: Ticket) -> Ticket:
    """A ticket with all that a verdict on it may follow from: what is about a case follows from
    what happened in any of its tickets, which call it by their keys."""
    policy = judge_of(policies, verdict)
    if policy is None or not policy.case:
        return ticket
    events = list(ticket.journal)
    for member in ticket.members:
        events += (
            msgspec.structs.replace(event, source_id=f"{member.ref.key} {event.source_id}")
            for event in member.journal
        )
    return msgspec.structs.replace(ticket, journal=Journal(sorted(events, key=attrgetter("at"))))


class Chosen(NamedTuple):
    """The target that held in the end: where it is written, and the field values that chose it.
    Without a target no row is for these values."""

    target: Target | None
    where: Where | None
    because: tuple[tuple[str, str], ...]

    @property
    def values(self) -> str:
        """`tier = gold and priority = P1`; "" where every ticket has this target."""
        return " and ".join(f"{field} = {value}" for field, value in self.because)


def terms_of(policies: Policies, verdict: Verdict) -> tuple[Policy, ClockTerms] | None:
    """The policy and clock behind a verdict, if they are still the ones in force."""
    policy = judge_of(policies, verdict)
    clocks = policy.clocks if policy is not None else ()
    return next(((policy, c) for c in clocks if policy and c.name == verdict.clock), None)


def chosen_target(
    policies: Policies, ticket: Ticket, verdict: Verdict, now: Instant
) -> Chosen | None:
    """The row of `targets:` that the fields at the end of the cycle (or now) choose; where a target
    may stick or be the strictest of several, the latest that is the verdict's. None where the
    policy is no longer there."""
    terms = terms_of(policies, verdict)
    if terms is None:
        return None
    policy, clock = terms
    last = verdict.stopped_at or now
    first: Chosen | None = None
    for at in (last, *(span.start for span in reversed(verdict.spans))):
        fields = fields_at(compiled(policies)[0], ticket, at)
        target, because = _pick(clock.targets, fields)
        where = target.where if target is not None else None
        chosen = Chosen(target, where or clock.where or policy.where, because)
        if _limit(clock, target, fields) == verdict.limit:
            return chosen
        first = first or chosen
    return first


def _limit(clock: ClockTerms, target: Target | None, fields: Mapping[str, Value]) -> Millis | None:
    if target is None or target.limit is None:
        return None
    calendar = clock.calendar.pick(fields)
    return target.limit.on(calendar.day if calendar is not None else DAY)


def _pick(
    choice: Choice[Target], fields: Mapping[str, Value]
) -> tuple[Target | None, tuple[tuple[str, str], ...]]:
    """As `Choice.pick`, with the fields looked at on the way to the leaf."""
    if choice.by:
        field = choice.by[0]
        value = fields.get(field)
        asked = (field, _said(value))
        row = choice.rows.get(value) if isinstance(value, str) else None
        if row is not None:
            leaf, because = _pick(row, fields)
            if leaf is not None:
                return leaf, (asked, *because)
        return choice.default, (asked,)
    return choice.default, ()


def target_line(policies: Policies, ticket: Ticket, verdict: Verdict, now: Instant) -> str:
    """`gold.yaml:9 promises 4 h because priority = P1`; "" where no line does."""
    chosen = chosen_target(policies, ticket, verdict, now)
    if chosen is None or chosen.where is None:
        return ""
    limit = "nothing" if verdict.limit is None else duration(verdict.limit)
    because = f" because {chosen.values}" if chosen.because else ""
    return f"{chosen.where.file}:{chosen.where.line} promises {limit}{because}"


def unmatched(policies: Policies, ticket: Ticket, now: Instant) -> Iterator[tuple[Policy, str]]:
    """Each policy and the first thing in its `match:` that this ticket does not fulfil."""
    fields = fields_at(compiled(policies)[0], ticket, now)
    for policy in policies.policies:
        yield policy, _why_unmatched(policy, ticket, fields)


def _why_unmatched(policy: Policy, ticket: Ticket, fields: Mapping[str, Value]) -> str:
    parts = policy.match.parts if isinstance(policy.match, All) else (policy.match,)
    for part in parts:
        if not holds(part, fields):
            if isinstance(part, FieldTest):
                return f"{part.field} is {_said(fields.get(part.field))}"
            return "its match does not hold"
    if policy.effective is not None and ticket.created_at < policy.effective:
        return "the ticket is older than the policy"
    return "it matches, but no clock of it has started"


def _said(value: Value) -> str:
    return (value if isinstance(value, str) else ", ".join(value or ())) or "empty"
