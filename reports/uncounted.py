"""What a clock did not count though it looks as if it might: comments and reopenings, with why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reports.words import fields_of, person, value_text
from sla_engine.conditions import FieldTest, atoms, holds
from sla_engine.model import Event, Ticket, Value, Verdict
from sla_engine.reasons import terms_of
from sla_engine.roles import kind_of
from sla_engine.terms import ClockTerms, Policies
from sla_engine.units import Instant

RESPONSES = ("acknowledge", "first_response", "next_response", "update")
_NO_ANSWER = {
    "bot": "bot",
    "ai": "AI agent",
    "self": "our own comment",
    "vendor": "vendor",
    "unknown": "not known as staff",
}


class Uncounted(NamedTuple):
    """An event without effect on a clock, and why."""

    event: Event
    why: str

    def __str__(self) -> str:
        """`comment 40099 by automation-bot (bot)`."""
        event = self.event
        what = "" if event.field == "comment" else f"→ {value_text(event.new)}, "
        return f"{what}{event.source_id} by {person(event.actor)} ({self.why})"


def uncounted(
    policies: Policies, ticket: Ticket, verdicts: Sequence[Verdict], verdict: Verdict, now: Instant
) -> tuple[Uncounted, ...]:
    """In order of time, as of `now`; `verdicts` are all of the ticket."""
    terms = terms_of(policies, verdict)
    if terms is None or verdict.started_at is None:
        return ()
    clock = terms[1]
    found = list(_comments(policies, ticket, verdict, clock, now)) if _answered(clock) else []
    if verdict.cycle == max(v.cycle for v in verdicts if _whose(v) == _whose(verdict)):
        found += _reopenings(policies, ticket, verdict, clock, now)
    return tuple(found)


def _whose(verdict: Verdict) -> tuple[str, str, str]:
    return verdict.policy, verdict.clock, verdict.of


def _answered(clock: ClockTerms) -> bool:
    return (clock.preset or clock.name) in RESPONSES


def _comments(
    policies: Policies, ticket: Ticket, verdict: Verdict, clock: ClockTerms, now: Instant
) -> Iterator[Uncounted]:
    """Comments within a cycle that were no answer; and what staff said in a ticket that they opened
    for a customer, before the customer's first word."""
    waited = clock.customer_starts and verdict.cycle == 1
    started, ended = verdict.started_at or 0, verdict.stopped_at or now
    requester = ticket.initial.get("requester")
    for event in ticket.journal:
        if event.field == "requester":
            requester = event.new
        if event.field != "comment" or event.at > now:
            continue
        why = _why_not(policies, event, requester)
        if started <= event.at < ended and why:
            yield Uncounted(event, why)
        elif waited and event.at < started and not why and _by_staff(policies, event):
            yield Uncounted(event, "before the clock started")


def _why_not(policies: Policies, event: Event, requester: Value) -> str:
    kind = kind_of(event.actor, policies.actors)
    if kind in _NO_ANSWER:
        return _NO_ANSWER[kind]
    if event.new == "internal":
        return "internal note"
    return "is the requester" if kind == "staff" and event.actor.id == requester else ""


def _by_staff(policies: Policies, event: Event) -> bool:
    return kind_of(event.actor, policies.actors) == "staff"


def _reopenings(
    policies: Policies, ticket: Ticket, verdict: Verdict, clock: ClockTerms, now: Instant
) -> Iterator[Uncounted]:
    """Leaving the state that stopped the last cycle, where the cycle stayed stopped."""
    stopped = verdict.stopped_at
    if stopped is None or verdict.state == "cancelled":
        return
    fields = {test.field for test in atoms(clock.stop) if isinstance(test, FieldTest)}
    held = holds(clock.stop, fields_of(policies, ticket, stopped))
    if not held:
        return
    for event in ticket.journal:
        if stopped < event.at <= now and event.field in fields:
            holding = holds(clock.stop, fields_of(policies, ticket, event.at))
            if held and not holding:
                yield Uncounted(_seen(ticket, event), "the policy ignores this reopening")
            held = holding


def _seen(ticket: Ticket, event: Event) -> Event:
    """Of what changed in one step the status: that is what people see."""
    step = (e for e in ticket.journal if (e.at, e.source_id) == (event.at, event.source_id))
    return next((e for e in step if e.field == "status"), event)
