"""Verdicts: what is true of every cycle of every clock of a ticket at an instant.

A pure function of (policies, ticket, now). Met is elapsed <= limit at the stop; breached from the
first instant with elapsed > limit, and latched. Incomplete history gives `unknown`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from sla_engine.calendars import Calendar, advance, opening
from sla_engine.cases import whole_of
from sla_engine.clock import OPERATIONS
from sla_engine.cycle import Cycle, due
from sla_engine.deadlines import DEADLINE
from sla_engine.exceptions import excepted, grants_of, on_record
from sla_engine.exclusions import under_exclusions
from sla_engine.fold import Fold, fold
from sla_engine.gaps import unexplained
from sla_engine.implied import with_implied, with_touches
from sla_engine.ladder import ahead
from sla_engine.lanes import Lane
from sla_engine.mergers import with_first_starts
from sla_engine.model import Ref, State, Ticket, Verdict
from sla_engine.rules import Decisions
from sla_engine.signals import Signals
from sla_engine.tables import Tables
from sla_engine.terms import Policies, TicketException
from sla_engine.units import DAY, Instant, Millis
from sla_engine.versions import one_each

MIGRATED_BY = DAY
MIGRATED = "its history begins before its creation; map fields: created to the original date"
"""Of a ticket that was brought over from elsewhere: its history begins so long before itself that
no two clocks are the reason."""


def evaluate(policies: Policies, ticket: Ticket, now: Instant) -> tuple[Verdict, ...]:
    """All verdicts on a ticket at `now`, in the order of policies, clocks and cycles; on the parent
    of a case those on the case too.

    Events after `now` do not exist yet. A clock that no policy gives the ticket has no verdict.
    """
    verdicts = _judged(policies, ticket, now)
    if ticket.members:
        verdicts = with_first_starts(
            policies, ticket, now, verdicts, lambda moved: _judged(policies, moved, now)
        )
    return (*verdicts, *_of_case(policies, ticket, now)) if policies.links else verdicts


def _of_case(policies: Policies, ticket: Ticket, now: Instant) -> tuple[Verdict, ...]:
    """The verdicts on the case of which the ticket is the parent, if it is one."""
    tables, _ = compiled(policies, case=True)
    whole = whole_of(policies, with_touches(tables, ticket))
    if whole is None:
        return ()
    verdicts = _judged(policies, whole.ticket, now, case=True)
    if not whole.skewed:
        return verdicts
    return tuple(msgspec.structs.replace(v, flags=(*v.flags, "skew")) for v in verdicts)


def _judged(
    policies: Policies, ticket: Ticket, now: Instant, *, case: bool = False
) -> tuple[Verdict, ...]:
    if policies.exceptions and (own := _excepted(policies, ticket.ref.key)):
        mine, granted = own
        return tuple(
            on_record(verdict, granted) for verdict in _judged(mine, ticket, now, case=case)
        )
    tables, decisions = compiled(policies, case=case)
    if tables.implies:
        ticket = with_implied(tables, ticket)
    folded = fold(tables, decisions, ticket, now)
    if reason := ticket.incomplete or unexplained(tables, ticket.gaps):
        return _unknown(tables, ticket, folded, reason)
    ats = ticket.journal.ats
    early = bool(ats) and ats[0] < ticket.created_at
    if early and not case and ticket.created_at - ats[0] > MIGRATED_BY:
        return _unknown(tables, ticket, folded, MIGRATED, ("migrated",))
    coming = Instant(ats[bisect_right(ats, now)]) if ats and ats[-1] > now else None
    flags = ("before_start",) if early else ()
    verdicts = tuple(
        [
            _verdict(policies.version, ticket.ref, clock.lane, cycle, flags, coming)
            for clock in folded.clocks
            if clock is not None
            for cycle in clock.finish(now)
            if not cycle.hidden
        ]
    )
    return one_each(verdicts) if tables.dates.versioned else verdicts


def hole(policies: Policies, ticket: Ticket) -> str:
    """Why the history of a ticket, or of what belongs to it, allows no verdict; "" if it does."""
    every = [compiled(policies, case=case)[0] for case in (False, True)]
    whys = (
        one.incomplete or unexplained(tables, one.gaps)
        for one in (ticket, *ticket.members)
        for tables in every
    )
    return next(filter(None, whys), "")


def _excepted(policies: Policies, key: str) -> tuple[Policies, tuple[TicketException, ...]] | None:
    """The policies of a ticket to which something is granted, made once and kept with them."""
    made = policies.__dict__.get("excepted")
    if made is None:
        grants = grants_of(policies).items()
        made = {ticket: (excepted(policies, granted), granted) for ticket, granted in grants}
        policies.__dict__["excepted"] = made
    found: tuple[Policies, tuple[TicketException, ...]] | None = made.get(key)
    return found


def next_change(verdicts: Iterable[Verdict]) -> Instant | None:
    """The next instant at which one of these verdicts changes though nothing happens; None where
    none does."""
    return min((v.next_at for v in verdicts if v.next_at is not None), default=None)


def compiled(policies: Policies, *, case: bool = False) -> tuple[Tables, Decisions]:
    """The tables of policies, or of those about whole cases, made once and kept with them."""
    name = "compiled_case" if case else "compiled"
    found: tuple[Tables, Decisions] | None = policies.__dict__.get(name)
    if found is None:
        tables = Tables(policies, case=case)
        found = policies.__dict__[name] = (tables, Decisions(tables, OPERATIONS))
    return found


def _verdict(
    version: str,
    ref: Ref,
    lane: Lane,
    cycle: Cycle,
    flags: tuple[str, ...],
    coming: Instant | None,
) -> Verdict:
    """One cycle told as a verdict; `coming` is the next event dated after now."""
    span, terms = cycle.spans[-1], cycle.terms[-1]
    limit = terms.limit
    if terms.deadline is not None:
        flags = (*flags, DEADLINE)
    due_at, next_at = None, coming
    ended = cycle.ended != "open"
    if not ended:
        due_at, soon = _outlook(lane, cycle, terms)
        waits = (coming, soon, *_held(lane.held, cycle))
        next_at = min((at for at in waits if at is not None), default=None)
    verdict = Verdict(
        ref,
        lane.policy.name,
        version,
        lane.terms.name,
        cycle.number,
        _state(cycle, terms),
        "stopped" if ended else span.phase,
        cycle.started_at,
        cycle.stopped_at,
        cycle.used,
        terms.aim,
        limit,
        None if limit is None else limit - cycle.used,  # type: ignore[arg-type]  # as in clock
        due_at,
        cycle.breached_at,
        next_at,
        tuple(cycle.spans),
        tuple(cycle.steps),
        (*cycle.flags, *flags) if flags else cycle.flags,
        cycle.reason,
        terms.of,
        lane.policy.type,
    )
    return under_exclusions(verdict, cycle.terms) if lane.policy.exclusions else verdict


def _held(hours: Mapping[str, Calendar], cycle: Cycle) -> Iterator[Instant]:
    """When steps that were reached out of their hours will act."""
    now = cycle.spans[-1].end
    for reached in cycle.steps:
        opens = opening(hours[reached.name], reached.at) if reached.name in hours else None
        if opens is not None and opens > now:
            yield opens


def _state(cycle: Cycle, terms: Signals) -> State:
    if cycle.ended == "cancelled":
        return "cancelled"
    if not terms.promised:
        return "no_target"
    if terms.limit is None:
        return "none"
    if cycle.breached_at is not None:
        return "breached"
    if cycle.ended == "open":
        return "paused" if cycle.spans[-1].phase == "paused" else "running"
    return "tolerated" if terms.aim is not None and cycle.used > terms.aim else "met"


def _outlook(lane: Lane, cycle: Cycle, terms: Signals) -> tuple[Instant | None, Instant | None]:
    """(due, the next instant at which the verdict changes) of an open cycle. What is over keeps
    its due; what is paused has none."""
    limit, span = terms.limit, cycle.spans[-1]
    running = span.phase == "running"
    due_at = None
    if limit is not None and cycle.breached_at is not None:
        due_at = cycle.breached_at if cycle.used_at_breach > limit else _came_due(cycle, limit)
    elif limit is not None and running:
        due_at = due(cycle.spans, cycle.terms, limit)
    if not running:
        return due_at, cycle.cap_at
    coming = list(ahead(cycle, lane.policy.steps, terms)) if lane.policy.steps else []
    if limit is not None and cycle.breached_at is None:
        coming.append(Millis(limit + 1))
    if not coming:
        return due_at, None
    begun = cycle.used - span.counted
    return due_at, advance(terms.calendar, span.start, Millis(min(coming) - begun))


def _came_due(cycle: Cycle, limit: Millis) -> Instant | None:
    at = due(cycle.spans, cycle.terms, limit)
    return (
        cycle.breached_at if at is None or cycle.breached_at is None else min(at, cycle.breached_at)
    )


def _unknown(
    tables: Tables, ticket: Ticket, folded: Fold, reason: str, flags: tuple[str, ...] = ()
) -> tuple[Verdict, ...]:
    return tuple(
        Verdict(
            ref=ticket.ref,
            policy=lane.policy.name,
            version=tables.policies.version,
            clock=lane.terms.name,
            cycle=1,
            state="unknown",
            phase="stopped",
            flags=flags,
            reason=reason,
        )
        for lane, signals in zip(tables.lanes, tables.signals(folded.state), strict=True)
        if signals.owned
    )
