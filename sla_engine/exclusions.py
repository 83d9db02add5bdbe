"""Time that does not count, as evidence: spans taken apart where an exclusion held the clock.

That it does not count is the calendar's work: under an exclusion that pauses, a lane's calendar has
holes (signals.py), so elapsed, due and breach need nothing more. Here the holes get their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from sla_engine.calendars import elapsed, opening, stretch
from sla_engine.model import Phase, Span, Verdict
from sla_engine.signals import Signals
from sla_engine.terms import Exclusion
from sla_engine.units import Instant, Millis

_FAR = 10
"""So many stretches in which nobody works are looked at for one of them that matters."""

_Hole = tuple[Instant, Instant, Exclusion]


def under_exclusions(verdict: Verdict, terms: Sequence[Signals]) -> Verdict:
    """The verdict with its spans taken apart at holes in the calendar, excused where an exclusion
    says so. `terms` are those of each span."""
    is_open = verdict.stopped_at is None
    spans = list(_told(verdict.spans, terms, is_open=is_open))
    changes: dict[str, object] = {
        "spans": tuple(spans),
        "flags": (*verdict.flags, *_noted(verdict.spans, terms)),
    }
    if is_open:
        phase, now = spans[-1].phase, spans[-1].end
        coming = [at for at in (verdict.next_at, _next_edge(terms[-1], now)) if at is not None]
        changes |= {"phase": phase, "next_at": min(coming, default=None)}
        if verdict.state == "running" and phase == "paused":
            changes["state"] = "paused"
    if verdict.state == "breached" and (found := _excuse(verdict, terms)):
        changes |= {"state": "excused", "reason": words(found)}
    return msgspec.structs.replace(verdict, **changes)


def _told(spans: Sequence[Span], terms: Sequence[Signals], *, is_open: bool) -> Iterator[Span]:
    for span, under in zip(spans, terms, strict=True):
        holes = [e for e in under.excluded if e.effect == "pause"]
        if span.phase == "running" and holes:
            now = is_open and span is spans[-1]
            yield from _taken_apart(span, under, holes, end_counts=now)
        else:
            yield span


def _excuse(verdict: Verdict, terms: Sequence[Signals]) -> Exclusion | None:
    """The exclusion that excuses the breach: one in force when it came."""
    at = verdict.breached_at
    assert at is not None
    for span, under in zip(verdict.spans, terms, strict=True):
        if at < span.end or span is verdict.spans[-1]:
            return next((e for e in under.excluded if e.effect == "excuse" and _holds(e, at)), None)
    return None


def _noted(spans: Sequence[Span], terms: Sequence[Signals]) -> tuple[str, ...]:
    """A mark for each exclusion that is only to be noted and fell into working time."""
    found = [
        f"during {exclusion.name}"
        for span, under in zip(spans, terms, strict=True)
        for exclusion in under.excluded
        if exclusion.effect == "note"
        if span.phase == "running"
        and any(start < span.end for start, _, _ in _holes(span, under, [exclusion]))
    ]
    return tuple(dict.fromkeys(found))


def _next_edge(under: Signals, now: Instant) -> Instant | None:
    """The next instant at which a hole begins or ends, or at which to ask again."""
    edges = (_edge(under, e, now) for e in under.excluded if e.effect == "pause")
    return min((at for at in edges if at is not None), default=None)


def _edge(under: Signals, exclusion: Exclusion, now: Instant) -> Instant | None:
    at = now
    for _ in range(_FAR):
        hole = stretch(exclusion.when, at)
        if hole is None:
            return None
        start = opening(under.plain, hole[0])
        if start is not None and start < hole[1]:
            return start if start > now else hole[1]
        at = hole[1]
    return at


def announced_late(exclusion: Exclusion, at: Instant) -> Instant | None:
    """The first stretch that begins too soon after an announcement at `at`: None where all were
    announced in time, or need not be. A day of notice is 24 hours."""
    if exclusion.announced is None:
        return None
    first = stretch(exclusion.when, at)
    notice = exclusion.announced.on(Millis(86_400_000))
    return first[0] if first and first[0] < at + notice else None


def words(exclusion: Exclusion) -> str:
    """`force majeure: carrier outage`, `maintenance patch-sunday`."""
    kind = exclusion.kind.replace("_", " ")
    return f"{kind}: {exclusion.reason}" if exclusion.reason else f"{kind} {exclusion.name}"


def _holds(exclusion: Exclusion, at: Instant) -> bool:
    found = stretch(exclusion.when, at)
    return found is not None and found[0] <= at


def _taken_apart(
    span: Span, under: Signals, exclusions: Sequence[Exclusion], *, end_counts: bool
) -> list[Span]:
    at, cause, reason, held = span.start, span.cause, span.reason, False
    pieces: list[Span] = []
    for start, end, exclusion in _holes(span, under, exclusions):
        begin, stop = max(start, at), min(end, span.end)
        begins_now = end_counts and begin == span.end < end and not held
        if stop < begin or (stop == begin and not begins_now):
            continue
        if begin > at:
            pieces.append(_piece(span, under, at, begin, "running", cause, reason))
        at, held, cause = stop, end > span.end, f"exclusion {exclusion.name}"
        pieces.append(_piece(span, under, begin, stop, "paused", cause, words(exclusion)))
        reason = f"{exclusion.kind.replace('_', ' ')} over"
    if at < span.end or not pieces or (end_counts and not held):
        pieces.append(_piece(span, under, at, span.end, "running", cause, reason))
    return pieces


def _holes(span: Span, under: Signals, exclusions: Iterable[Exclusion]) -> list[_Hole]:
    """The stretches of exclusions up to the end of a span, from where work is done in them."""
    found: list[_Hole] = []
    for exclusion in exclusions:
        at = span.start
        while (hole := stretch(exclusion.when, at)) and hole[0] <= span.end:
            start = opening(under.plain, hole[0])
            if start is not None and start < hole[1]:
                found.append((start, hole[1], exclusion))
            at = hole[1]
    return sorted(found, key=lambda hole: hole[:2])


def _piece(
    span: Span, under: Signals, start: Instant, end: Instant, phase: Phase, cause: str, reason: str
) -> Span:
    counted = elapsed(under.calendar, start, end) if phase == "running" else Millis(0)
    return Span(start, end, phase, cause, reason, counted, span.calendar, span.limit)
