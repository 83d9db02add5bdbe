"""One run of a clock: what it counted, and when it comes, or came, to its limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sla_engine.calendars import advance
from sla_engine.model import Reached, Span
from sla_engine.signals import Signals
from sla_engine.units import Instant, Millis

Ended = Literal["open", "stopped", "cancelled"]

ZERO = Millis(0)


class Cycle:
    """One run of a clock from its start to its stop, with what was counted so far.

    `terms` holds the signals of each span. `breached_at` is the last instant at which elapsed was
    not over the limit; `cap_at` is when a pause in progress will be cut short; `hidden` cycles
    belong to a policy that came too late for them.
    """

    __slots__ = (
        "breached_at", "cap_at", "capped", "ended", "flags", "hidden", "number", "paused",
        "reason", "spans", "started_at", "steps", "stopped_at", "terms", "used", "used_at_breach",
    )  # fmt: skip

    def __init__(self, number: int, started_at: Instant) -> None:
        self.number, self.started_at = number, started_at
        self.stopped_at: Instant | None = None
        self.ended: Ended = "open"
        self.reason = ""
        self.flags: tuple[str, ...] = ()
        self.hidden = self.capped = False
        self.used = self.used_at_breach = self.paused = ZERO
        self.breached_at: Instant | None = None
        self.cap_at: Instant | None = None
        self.spans: list[Span] = []
        self.terms: list[Signals] = []
        self.steps: list[Reached] = []


def passing(signals: Signals, start: Instant, used: Millis, limit: Millis) -> Instant:
    """The last instant at which elapsed is not over the limit: `start` where a new target found it
    exceeded, the next opening where the limit is used up exactly at closing."""
    if used > limit:
        return start
    rest: Millis = limit - used + 1  # type: ignore[assignment]  # Millis() is a call a breach
    first_over = advance(signals.calendar, start, rest)
    assert first_over is not None, "the span holds more than the limit"
    return Instant(first_over - 1)


def rejudged(cycle: Cycle, limit: Millis | None) -> Instant | None:
    """When a cycle would have breached had one limit been in force throughout."""
    used = ZERO
    for span, signals in zip(cycle.spans, cycle.terms, strict=True):
        if limit is not None and used + span.counted > limit:
            return passing(signals, span.start, used, limit)
        used = Millis(used + span.counted)
    return None


def due(spans: Sequence[Span], terms: Sequence[Signals], limit: Millis) -> Instant | None:
    """The earliest instant at which elapsed comes to the limit, going on as in the last span."""
    used = ZERO
    for span, signals in zip(spans, terms, strict=True):
        if used + span.counted >= limit or span is spans[-1]:
            return advance(signals.calendar, span.start, Millis(max(limit - used, 0)))
        used = Millis(used + span.counted)
    return None
