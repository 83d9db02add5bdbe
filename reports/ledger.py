"""A verdict as a ledger: stretches that count or do not, their sum, and the evidence for each.

The engine's spans hold one phase each; here a running span falls apart into open and closed hours,
and at the instant where the limit was passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from reports.words import names_of, person, value_text
from sla_engine.calendars import Calendar, in_zone, is_open, is_zone, open_intervals
from sla_engine.model import Event, Span, Ticket, Verdict
from sla_engine.units import Instant, Millis
from sla_engine.words import duration

if TYPE_CHECKING:
    from sla_engine.terms import Policies

Kind = Literal["running", "over", "closed", "paused", "stopped", "end"]


OPENING = "opening time"
LONG_RUN = 7


class Row(msgspec.Struct, frozen=True):
    """[start, end) of one kind; `total` is elapsed at its end. The row of kind `end` is an
    instant: the event that stopped the cycle. `because` and `evidence` are for people who may see
    everything; `cause` is the source_id of the event that began it and `reason` the engine's word,
    both empty where time alone did."""

    start: Instant
    end: Instant
    kind: Kind
    counted: Millis
    total: Millis
    because: str
    evidence: str = ""
    cause: str = ""
    reason: str = ""


class _Piece(NamedTuple):
    start: Instant
    end: Instant
    kind: Kind
    counted: int


def calendars_of(policies: Policies, verdicts: Sequence[Verdict] = ()) -> dict[str, Calendar]:
    """Every calendar that spans may name: the named ones, those written in a policy, and those that
    these verdicts have on the wall clock of a requester."""
    found = {c.name: c for p in policies.policies for t in p.clocks for c in t.calendar.leaves()}
    found |= policies.calendars
    for name in {span.calendar for verdict in verdicts for span in verdict.spans} - found.keys():
        own, _, zone = name.rpartition(" in ")
        if own in found and is_zone(zone):
            found[name] = in_zone(found[own], zone)
    return found


def closed_hours(calendars: Mapping[str, Calendar], now: Instant) -> Callable[[Verdict], bool]:
    """Tells of a verdict whether its clock stands still now only because nobody works."""

    def closed(verdict: Verdict) -> bool:
        calendar = calendars.get(verdict.spans[-1].calendar) if verdict.spans else None
        return calendar is not None and not is_open(calendar, now)

    return closed


def ledger(ticket: Ticket, verdict: Verdict, calendars: Mapping[str, Calendar]) -> tuple[Row, ...]:
    """The rows in order; what they counted adds up to the verdict's elapsed."""
    rows: list[Row] = []
    total = Millis(0)
    before = verdict.spans[0] if verdict.spans else None
    for span in verdict.spans:
        pieces = _pieces(span, calendars.get(span.calendar), verdict.breached_at)
        because, evidence = _why_span(ticket, span, before)
        cause, reason = span.cause, span.reason
        for piece in pieces:
            begun, end, kind, counted = piece
            total = Millis(total + counted)
            late = any(row.kind == "over" for row in rows[-2:])
            own = _why_piece(span, piece, first_over=not late)
            told = (because or own, evidence, cause, reason)
            rows.append(Row(begun, end, kind, Millis(counted), total, *told))
            because = evidence = cause = reason = ""
        before = span
    if verdict.stopped_at is not None:
        at = verdict.stopped_at
        because, evidence = _why_stopped(ticket, at)
        reason = verdict.reason if verdict.state == "cancelled" else ""
        told = (reason or because, evidence, "", reason)
        rows.append(Row(at, at, "end", Millis(0), total, *told))
    return tuple(rows)


def _pieces(span: Span, calendar: Calendar | None, breached_at: Instant | None) -> list[_Piece]:
    """Never none: a span of no length yields one piece of none."""
    if span.phase != "running" or span.start == span.end:
        return [_Piece(span.start, span.end, span.phase, span.counted)]
    opens = open_intervals(calendar, span.start, span.end) if calendar else []
    if calendar is None or sum(end - start for start, end in opens) != span.counted:
        late = breached_at is not None and span.start >= breached_at
        return [_Piece(span.start, span.end, "over" if late else "running", span.counted)]
    return list(_expanded(span, opens, breached_at))


def _expanded(
    span: Span, opens: list[tuple[Instant, Instant]], breached_at: Instant | None
) -> Iterator[_Piece]:
    at = span.start
    for start, end in [*opens, (span.end, span.end)]:
        if start > at:
            yield _Piece(at, start, "closed", 0)
        turn = end if breached_at is None else min(max(breached_at, start), end)
        if turn > start:
            yield _Piece(start, turn, "running", turn - start)
        if end > turn:
            yield _Piece(turn, end, "over", end - turn)
        at = end


def _why_span(ticket: Ticket, span: Span, before: Span | None) -> tuple[str, str]:
    """What began a span, with its evidence; a new target or calendar is told where it begins."""
    if span.phase == "stopped":
        return _why_stopped(ticket, span.start)
    to_status = span.phase == "paused" and not span.cause.startswith("exclusion ")
    reason = f"→ {span.reason}" if to_status and span.reason else span.reason
    if reason == "started":
        begun = [e for e in ticket.journal if e.source_id == span.cause and e.at == span.start]
        reason = happened(ticket, begun[0]) if begun else reason
    news = []
    if before and span.limit != before.limit:
        news.append("no target" if span.limit is None else f"target {duration(span.limit)}")
    if before and span.calendar != before.calendar:
        news.append(f"calendar {span.calendar}")
    told = ": ".join(filter(None, (reason, f"now {', '.join(news)}" if news else "")))
    return told, evidence_of(ticket, span.cause, span.start)


def _why_piece(span: Span, piece: _Piece, *, first_over: bool) -> str:
    if piece.kind == "closed":
        return f"calendar {span.calendar}" if span.calendar else "closed hours"
    if piece.kind == "over" and first_over and piece.start > span.start and span.limit is not None:
        return f"past the target of {duration(span.limit)}"
    return OPENING if piece.start > span.start else ""


def folded(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows with long runs of plain days, in which nothing happened, made one row each."""
    result: list[Row] = []
    run: list[Row] = []
    for row in rows:
        plain = not row.evidence and (row.kind == "closed" or row.because == OPENING)
        if plain and (row.kind == "closed" or all(r.kind in ("closed", row.kind) for r in run)):
            run.append(row)
            continue
        result += _fold(run)
        run = [row] if plain else []
        result += [] if plain else [row]
    return (*result, *_fold(run))


def _fold(run: Sequence[Row]) -> Sequence[Row]:
    working = [row for row in run if row.kind != "closed"]
    if len(run) < LONG_RUN:
        return run
    counted = Millis(sum(row.counted for row in working))
    because = f"opening time of {len(working)} days"
    first, last = working[0], run[-1]
    made = Row(first.start, last.end, first.kind, counted, last.total, because)
    return [*run[: run.index(first)], made]


def _why_stopped(ticket: Ticket, at: Instant) -> tuple[str, str]:
    """What happened at the instant of a stop."""
    event = stopping(ticket, at)
    if event is None:
        return "stopped", ""
    return happened(ticket, event), evidence_of(ticket, event.source_id, at)


def stopping(ticket: Ticket, at: Instant) -> Event | None:
    """The event that people take for the stop at an instant."""
    events = [event for event in ticket.journal if event.at == at]
    told = [event for event in events if event.field in ("status", "comment", "assignee")]
    return next(iter((told or events)[-1:]), None)


def happened(ticket: Ticket, event: Event) -> str:
    """What an event did, shortly: `→ Resolved`, `public comment`, `assigned to Ada Lovelake`."""
    value = value_text(event.new)
    match event.field:
        case "comment":
            return f"{value} comment"
        case "status":
            return f"→ {value}"
        case "assignee" if value:
            return f"assigned to {names_of(ticket).get(value, value)}"
        case field:
            return f"{field} → {value or 'none'}"


def evidence_of(ticket: Ticket, cause: str, at: Instant) -> str:
    """Who did it and where to find it: `a.lovelake, history 88240`."""
    if cause == "created":
        return f"by {person(ticket.created_by)}"
    actors = [e.actor for e in ticket.journal if e.source_id == cause and e.at == at]
    actors = actors or [e.actor for e in ticket.journal if e.source_id == cause]
    return f"{person(actors[0])}, {cause}" if actors else cause
