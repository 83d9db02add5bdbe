"""Verdicts: the cycles of every clock, counted on their calendars and held against their targets.

A pure function of (policies, ticket, now). Met is elapsed <= limit at the stop; breached from the
first instant with elapsed > limit, and latched. Incomplete history gives `unknown`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

import msgspec

from sla_engine.calendars import advance, elapsed
from sla_engine.clock import Cycle, Segment, cycles
from sla_engine.model import Reached, Ref, Span, State, Ticket, Verdict
from sla_engine.moments import Moment, by_staff_for_another, moments
from sla_engine.tables import Lane, Signals, Tables, tables
from sla_engine.terms import Policies, Step
from sla_engine.units import Instant, Millis

ZERO = Millis(0)


def evaluate(policies: Policies, ticket: Ticket, now: Instant) -> tuple[Verdict, ...]:
    """All verdicts on a ticket at `now`, in the order of policies, clocks and cycles.

    Events after `now` do not exist yet. A clock that no policy gives the ticket has no verdict.
    """
    compiled = tables(policies)
    steps = moments(compiled, ticket, now)
    if ticket.incomplete:
        return _unknown(compiled, ticket, steps[-1])
    staff_opened = by_staff_for_another(compiled, ticket)
    frame = _frame(ticket, policies.version, now)
    return tuple(
        _judge(lane, cycle, frame)
        for number, lane in enumerate(compiled.lanes)
        for cycle in cycles(lane, number, steps, now, staff_opened=staff_opened)
    )


def next_change(verdicts: Iterable[Verdict]) -> Instant | None:
    """The next instant at which one of these verdicts changes though nothing happens; None where
    none does."""
    return min((v.next_at for v in verdicts if v.next_at is not None), default=None)


class _Frame(msgspec.Struct, frozen=True):
    """What all verdicts of one evaluation share. `coming` is the next event dated after now."""

    ref: Ref
    version: str
    now: Instant
    flags: tuple[str, ...]
    coming: Instant | None


class _Count:
    """What a walk over the segments of a cycle has found so far."""

    __slots__ = ("breached_at", "due_at", "spans", "steps", "used", "used_at_breach")

    def __init__(self) -> None:
        self.used: Millis = ZERO
        self.breached_at: Instant | None = None
        self.due_at: Instant | None = None  # of a breach: when elapsed came to the limit
        self.used_at_breach: Millis = ZERO
        self.spans: list[Span] = []
        self.steps: list[Reached] = []


def _judge(lane: Lane, cycle: Cycle, frame: _Frame) -> Verdict:
    last = cycle.segments[-1]
    terms = last.signals
    ladder = lane.policy.steps
    latest = lane.policy.on_target_change == "latest"
    count = _walk(cycle.segments, ladder, terms.limit if latest else None)
    running = cycle.ended == "open" and last.phase == "running"
    due, next_at = count.due_at if cycle.ended == "open" else None, frame.coming
    if running:
        ahead, soon = _outlook(last, ladder, count)
        due, next_at = due or ahead, _sooner(next_at, soon)
    elif cycle.ended == "open":
        next_at = _sooner(next_at, cycle.cap_at)
    return Verdict(
        ref=frame.ref,
        policy=lane.policy.name,
        version=frame.version,
        clock=lane.terms.name,
        cycle=cycle.number,
        state=_state(cycle, terms, count),
        phase=last.phase if cycle.ended == "open" else "stopped",
        started_at=cycle.started_at,
        stopped_at=cycle.stopped_at,
        elapsed=count.used,
        aim=terms.aim,
        limit=terms.limit,
        left=None if terms.limit is None else Millis(terms.limit - count.used),
        due_at=due,
        breached_at=count.breached_at,
        next_at=next_at,
        spans=tuple(count.spans),
        steps=tuple(count.steps),
        flags=cycle.flags + frame.flags,
        reason=cycle.reason,
    )


def _state(cycle: Cycle, terms: Signals, count: _Count) -> State:
    if cycle.ended == "cancelled":
        return "cancelled"
    if not terms.promised:
        return "no_target"
    if terms.limit is None:
        return "none"
    if count.breached_at is not None:
        return "breached"
    if cycle.ended == "open":
        return "paused" if cycle.segments[-1].phase == "paused" else "running"
    return "tolerated" if terms.aim is not None and count.used > terms.aim else "met"


def _walk(segments: Sequence[Segment], ladder: Sequence[Step], latest: Millis | None) -> _Count:
    """Count the segments in order. `latest` is a limit that judges all of them, if there is one."""
    count = _Count()
    for segment in segments:
        terms = segment.signals
        running = segment.phase == "running"
        counted = elapsed(terms.calendar, segment.start, segment.end) if running else ZERO
        limit = terms.limit if latest is None else latest
        total = count.used + counted
        if count.breached_at is None and limit is not None and total > limit:
            count.used_at_breach = max(count.used, limit)
            count.due_at, count.breached_at = _passing(segment, count.used, limit)
        if ladder:
            _climb(count, ladder, segment, limit, Millis(total))
        count.spans.append(
            Span(
                segment.start,
                segment.end,
                segment.phase,
                segment.cause,
                segment.reason,
                counted,
                terms.calendar.name,
                limit,
            )
        )
        count.used = Millis(total)
    return count


def _passing(segment: Segment, used: Millis, limit: Millis) -> tuple[Instant, Instant]:
    """(the first instant at which elapsed is the limit, the last at which it is not over it).

    They differ where the limit is used up exactly at closing. Both are the segment's start where a
    new target found elapsed over it.
    """
    if used > limit:
        return segment.start, segment.start
    calendar = segment.signals.calendar
    due = advance(calendar, segment.start, Millis(limit - used))
    first_over = advance(calendar, segment.start, Millis(limit - used + 1))
    assert due is not None
    assert first_over is not None, "the segment holds more than the limit"
    return due, Instant(first_over - 1)


def _climb(
    count: _Count, ladder: Sequence[Step], segment: Segment, limit: Millis | None, total: Millis
) -> None:
    """Note the steps that this segment reaches, repeats included, in the order of the ladder."""
    for step in ladder:
        taken = sum(reached.name == step.name for reached in count.steps)
        while taken < step.times:
            threshold = _threshold(step, taken, segment.signals, limit, count)
            if threshold is None or threshold > total:
                break
            at = segment.start
            if threshold == count.used_at_breach and count.breached_at is not None:
                at = max(at, count.breached_at)
            elif threshold > count.used:
                rest = Millis(threshold - count.used)
                at = advance(segment.signals.calendar, segment.start, rest) or segment.end
            taken += 1
            count.steps.append(Reached(step.name, at, taken))


def _threshold(
    step: Step, taken: int, terms: Signals, limit: Millis | None, count: _Count
) -> Millis | None:
    """Elapsed time at which the step is reached once more; None where that cannot be."""
    over = step.percent >= 100 and step.offset >= 0 and not step.of_aim
    if over:
        if count.breached_at is None:
            return None
        base = count.used_at_breach
    elif step.of_aim:
        if terms.aim is None:
            return None
        base = terms.aim
    elif limit is None:
        return None
    else:
        base = Millis(round(limit * step.percent / 100))
    threshold = Millis(base + step.offset + taken * (step.repeat or 0))
    return threshold if threshold > 0 else None


def _outlook(
    last: Segment, ladder: Sequence[Step], count: _Count
) -> tuple[Instant | None, Instant | None]:
    """(due, the next instant at which the verdict changes) of a running clock; due is None where
    it has passed."""
    limit, calendar = last.signals.limit, last.signals.calendar
    begun = count.used - count.spans[-1].counted
    ahead: list[int] = []
    due = None
    if limit is not None and count.breached_at is None:
        due = advance(calendar, last.start, Millis(max(limit - begun, 0)))
        ahead.append(limit + 1)
    taken: dict[str, int] = {}
    for reached in count.steps:
        taken[reached.name] = reached.occurrence
    for step in ladder:
        so_far = taken.get(step.name, 0)
        if so_far < step.times:
            threshold = _threshold(step, so_far, last.signals, limit, count)
            if threshold is not None and threshold > count.used:
                ahead.append(threshold)
    if not ahead:
        return due, None
    return due, advance(calendar, last.start, Millis(min(ahead) - begun))


def _frame(ticket: Ticket, version: str, now: Instant) -> _Frame:
    ats = ticket.journal.ats
    position = bisect_right(ats, now)
    coming = Instant(ats[position]) if position < len(ats) else None
    flags = ("before_start",) if ats and ats[0] < ticket.created_at else ()
    return _Frame(ticket.ref, version, now, flags, coming)


def _unknown(compiled: Tables, ticket: Ticket, last: Moment) -> tuple[Verdict, ...]:
    return tuple(
        Verdict(
            ref=ticket.ref,
            policy=lane.policy.name,
            version=compiled.policies.version,
            clock=lane.terms.name,
            cycle=1,
            state="unknown",
            phase="stopped",
            reason=ticket.incomplete,
        )
        for number, lane in enumerate(compiled.lanes)
        if last.situation[number].owned
    )


def _sooner(first: Instant | None, second: Instant | None) -> Instant | None:
    if first is None or second is None:
        return second if first is None else first
    return min(first, second)
