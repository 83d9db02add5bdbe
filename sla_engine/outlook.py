"""What will come if nothing happens: the steps and breaches ahead, and what would be done then."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from sla_engine.calendars import Calendar, advance
from sla_engine.changes import Deed, SetFields
from sla_engine.evaluate import evaluate, next_change
from sla_engine.model import Journal, Ticket, Verdict
from sla_engine.plan import cycle_key, plan
from sla_engine.terms import Policies
from sla_engine.units import Instant
from sla_engine.words import is_open

MOST = 6
"""Steps may repeat for weeks; what is further away is asked again when it is near."""


class Coming(msgspec.Struct, frozen=True):
    """What one cycle, judged as it will be then, comes to at an instant: names of steps, `breach`
    where the limit is used up, the reason where a pause ends by itself; `deeds` are what its ladder
    does then."""

    at: Instant
    verdict: Verdict
    what: tuple[str, ...]
    deeds: tuple[Deed, ...] = ()


_Cycle = tuple[str, str, str, int]


def _cycle(verdict: Verdict) -> _Cycle:
    return verdict.policy, verdict.clock, verdict.of, verdict.cycle


def as_of(ticket: Ticket, now: Instant) -> Ticket:
    """The ticket without what happened after `now`, and without the marks of our deeds if that is
    not all there is: those may be younger."""
    if not ticket.journal or ticket.journal[-1].at <= now:
        return ticket
    before = Journal(event for event in ticket.journal if event.at <= now)
    return msgspec.structs.replace(ticket, journal=before, marks=frozenset())


def outlook(
    policies: Policies, ticket: Ticket, now: Instant, channels: Collection[str] = ()
) -> tuple[Coming, ...]:
    """The next changes of a ticket's verdicts after `now` in order, at most MOST."""
    ticket = as_of(ticket, now)
    before = evaluate(policies, ticket, now)
    planned = plan(policies, ticket, before, now, channels=channels)
    done = {change.key for change in planned if not isinstance(change, SetFields)}
    found: list[Coming] = []
    at = next_change(before)
    while at is not None and len(found) < MOST:
        after = evaluate(policies, ticket, at)
        planned = plan(policies, ticket, after, at, done=done, channels=channels)
        deeds = [change for change in planned if not isinstance(change, SetFields)]
        done |= {deed.key for deed in deeds}
        found += _changes(before, after, at, deeds)
        before, at = after, next_change(after)
    return tuple(found)


def due_if_resumed(
    verdict: Verdict, calendars: Mapping[str, Calendar], now: Instant
) -> Instant | None:
    """When a paused cycle would be due if it ran on from `now`; None for all others, and where it
    is known when the pause ends."""
    if (
        verdict.state != "paused"
        or verdict.due_at is not None
        or verdict.left is None
        or verdict.left < 0
    ):
        return None
    calendar = calendars.get(verdict.spans[-1].calendar)
    return advance(calendar, now, verdict.left) if calendar else None


def _changes(
    before: Sequence[Verdict], after: Sequence[Verdict], at: Instant, deeds: Sequence[Deed]
) -> Iterator[Coming]:
    known = {_cycle(verdict): verdict for verdict in before}
    for verdict in after:
        was = known.get(_cycle(verdict))
        if was is None or not is_open(verdict):
            continue
        what = tuple(_news(was, verdict))
        does = tuple(deed for deed in deeds if deed.key.startswith(cycle_key(verdict)))
        if what or does:
            yield Coming(_when(was, verdict, at), verdict, what, does)


def _news(was: Verdict, verdict: Verdict) -> Iterator[str]:
    if was.breached_at is None and verdict.breached_at is not None:
        yield "breach"
    if was.phase == "paused" and verdict.phase == "running":
        yield verdict.spans[-1].reason
    for reached in verdict.steps[len(was.steps) :]:
        if reached.name != "breach":
            yield reached.name + (", again" if reached.occurrence > 1 else "")


def _when(was: Verdict, verdict: Verdict, at: Instant) -> Instant:
    """A breach is told at the deadline, not at the opening after it."""
    if was.breached_at is not None or verdict.breached_at is None:
        return at
    return was.due_at or verdict.breached_at
