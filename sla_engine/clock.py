"""One clock over the moments of one ticket: cycles of segments, before any time is counted.

In every step the operations apply in the order stop, reset, cancel, pause, start or resume.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from sla_engine.calendars import advance, elapsed
from sla_engine.model import Phase
from sla_engine.moments import CREATED, Moment
from sla_engine.tables import Lane, Signals
from sla_engine.units import Instant, Millis

Ended = Literal["open", "stopped", "cancelled"]

MONTH = 30 * 86_400_000


class Segment(msgspec.Struct, frozen=True, gc=False):
    """[start, end) in one phase under one target and calendar. `cause` began it."""

    start: Instant
    end: Instant
    phase: Phase
    cause: str
    reason: str
    signals: Signals


class Cycle(msgspec.Struct):
    """One run of a clock from its start to its stop. While `ended` is open the last segment
    reaches to now; `cap_at` is when a pause in progress will be cut short."""

    number: int
    started_at: Instant
    segments: list[Segment]
    stopped_at: Instant | None = None
    ended: Ended = "open"
    reason: str = ""
    flags: tuple[str, ...] = ()
    stopped_by_state: bool = False
    hidden: bool = False
    paused: Millis = Millis(0)
    capped: bool = False
    cap_at: Instant | None = None


def cycles(
    lane: Lane, number: int, steps: Sequence[Moment], now: Instant, *, staff_opened: bool
) -> list[Cycle]:
    """The cycles of lane `number` up to `now`; `staff_opened` as `moments.by_staff_for_another`."""
    fold = _Fold(lane, number, waits=staff_opened and lane.terms.customer_starts)
    fold.run(steps)
    return fold.finish(now)


class _Fold:
    """The state of one clock while a ticket's moments go by."""

    __slots__ = (
        "_begun",
        "_cause",
        "_clock",
        "_cycle",
        "_done",
        "_fresh",
        "_held",
        "_lane",
        "_number",
        "_phase",
        "_reason",
        "_released",
        "_replaying",
        "_signals",
        "_stops_seen",
        "_waits",
    )

    def __init__(self, lane: Lane, number: int, *, waits: bool) -> None:
        self._lane, self._number, self._clock = lane, number, lane.terms
        self._waits = waits
        self._done: list[Cycle] = []
        self._cycle: Cycle | None = None
        self._fresh = True  # the creation may still start the clock
        self._replaying = False
        self._stops_seen = False  # the stop condition was met once: what `after` asks for
        self._held: tuple[Instant, str] | None = (
            None  # a start in a done ticket: waits for reopening
        )
        self._begun, self._cause, self._reason = Instant(0), "", ""
        self._phase: Phase = "stopped"
        self._signals: Signals
        self._released = False  # the pause ended early: its `until` happened

    def run(self, steps: Sequence[Moment]) -> None:
        number = self._number
        before: Signals | None = None
        for index, moment in enumerate(steps):
            signals = moment.situation[number]
            if signals is before and not signals.pulse:
                continue
            if signals.owned and before is not None and not before.owned:
                self._enter_policy(steps[:index])
            self._step(moment.at, moment.cause, signals, before)
            before = signals

    def finish(self, now: Instant) -> list[Cycle]:
        cycle = self._cycle
        if cycle is not None:
            self._cut(max(now, self._begun), last=True)
            self._done.append(cycle)
        return [cycle for cycle in self._done if not cycle.hidden]

    def _enter_policy(self, steps: Sequence[Moment]) -> None:
        """Count what went before, too, where the clock starts with the creation."""
        if not self._fresh or self._clock.start is not None:
            return
        self._replaying, before = True, None
        for moment in steps:
            signals = moment.situation[self._number]
            self._step(moment.at, moment.cause, signals, before)
            before = signals
        self._replaying = False
        if self._cycle is None and self._done and self._done[-1].ended == "stopped":
            name = self._clock.name
            self._done[-1].hidden = any(_owned_elsewhere(m, self._number, name) for m in steps)

    def _step(self, at: Instant, cause: str, now: Signals, before: Signals | None) -> None:
        if self._cycle is not None:
            self._while_open(at, cause, now, before)
        elif now.owned or self._replaying:
            self._while_closed(at, cause, now, before)
        self._stops_seen = self._stops_seen or now.stop

    def _while_open(self, at: Instant, cause: str, now: Signals, before: Signals | None) -> None:
        if not self._belongs(now):
            self._fresh = True
            self._end(at, "cancelled", "no longer under this policy")
        elif now.stop:
            self._stop(at, now)
        elif now.reset and not (before and before.reset_rest):
            self._stop(at, now)
            self._start(at, cause, now)
        elif now.cancel:
            self._end(at, "cancelled", "cancel condition")
        else:
            self._go_on(at, cause, now, before)

    def _while_closed(self, at: Instant, cause: str, now: Signals, before: Signals | None) -> None:
        last = self._done[-1] if self._done else None
        reopened = before is not None and before.stop_rest and not now.stop_rest
        if reopened and last and last.stopped_by_state and self._reopen(last, at, cause, now):
            return
        if reopened and self._held is not None:
            self._start(*self._held, now)
        elif self._starts(now, before):
            if before is not None and before.stop_rest and now.stop_rest:
                self._held = self._held or (at, cause)
            elif self._clock.cycles == "sum" and last and last.ended == "stopped":
                self._resume(last, at, cause, now, counting=False)
            else:
                self._start(at, cause, now)

    def _starts(self, now: Signals, before: Signals | None) -> bool:
        if self._clock.start is None:
            return self._fresh and (now.spoke or not self._waits)
        if not now.start or (before is not None and before.start_rest):
            return False
        if self._clock.after and not self._stops_seen:
            return False
        return self._clock.cycles != "once" or not self._done

    def _belongs(self, now: Signals) -> bool:
        if self._replaying:
            return True
        return now.owned if self._clock.start is None else now.matched

    def _start(self, at: Instant, cause: str, now: Signals) -> None:
        self._fresh, self._held = False, None
        self._cycle = Cycle(len(self._done) + 1, at, [])
        self._released = False
        reason = "created" if cause == CREATED else "started"
        self._enter(at, cause, reason, now, paused=now.pause)
        if now.stop:
            self._cycle.flags = ("instant",)
            self._stop(at, now)

    def _stop(self, at: Instant, now: Signals) -> None:
        cycle = self._cycle
        assert cycle is not None
        cycle.stopped_by_state = now.stop_rest
        if now.stop_rest and self._clock.preset in ("first_response", "next_response"):
            cycle.flags = (*cycle.flags, "by_resolution")
        cycle.stopped_at = at
        self._end(at, "stopped", "")

    def _end(self, at: Instant, ended: Ended, reason: str) -> None:
        cycle = self._cycle
        assert cycle is not None
        self._cut(at)
        cycle.ended, cycle.reason = ended, reason
        cycle.stopped_at = at
        self._done.append(cycle)
        self._cycle = None

    def _reopen(self, last: Cycle, at: Instant, cause: str, now: Signals) -> bool:
        reopen = self._clock.reopen
        then = reopen.then
        stopped_at = last.stopped_at
        assert stopped_at is not None
        if reopen.within is not None:
            window = reopen.within.millis + reopen.within.months * MONTH
            then = reopen.then if at - stopped_at <= window else reopen.later
        if then == "new":
            self._start(at, cause, now)
        elif then != "ignore":
            self._resume(last, at, cause, now, counting=then == "count")
        return then != "ignore"

    def _resume(
        self, last: Cycle, at: Instant, cause: str, now: Signals, *, counting: bool
    ) -> None:
        assert last.stopped_at is not None
        phase: Phase = "running" if counting else "stopped"
        if last.segments or counting:
            since = last.stopped_at
            signals = last.segments[-1].signals if last.segments else now
            last.segments.append(Segment(since, at, phase, cause, "closed in between", signals))
        last.stopped_at, last.ended, last.hidden = None, "open", False
        self._done.pop()
        self._cycle, self._released = last, False
        self._enter(at, cause, "reopened", now, paused=now.pause and not last.capped)

    def _go_on(self, at: Instant, cause: str, now: Signals, before: Signals | None) -> None:
        cycle = self._cycle
        assert cycle is not None
        if not now.pause:
            self._released = False
        elif now.until and before is not None and before.pause:
            self._released = True
        paused = now.pause and not self._released and not cycle.capped
        phase = "paused" if paused else "running"
        was = self._signals
        if phase == self._phase and _same_terms(now, was):
            self._signals = now
            return
        reason = self._why(now, was, paused=paused)
        self._cut(at)
        if paused and cycle.capped:
            paused, reason = False, "pause cap reached"
        self._enter(at, cause, reason, now, paused=paused)

    def _why(self, now: Signals, was: Signals, *, paused: bool) -> str:
        if paused:
            return now.pause_reason if self._phase != "paused" else "target changed"
        if self._phase == "paused":
            return "customer replied" if self._released else "resumed"
        return "target changed" if now.target_index != was.target_index else "calendar changed"

    def _enter(self, at: Instant, cause: str, reason: str, now: Signals, *, paused: bool) -> None:
        self._begun, self._cause, self._signals = at, cause, now
        self._phase = "paused" if paused else "running"
        self._reason = now.pause_reason if paused and not reason.startswith("target") else reason

    def _cut(self, at: Instant, *, last: bool = False) -> None:
        """Close the segment in progress at `at`; an open cycle keeps even an empty last one."""
        cycle = self._cycle
        assert cycle is not None
        start = self._begun
        if self._phase == "paused" and self._clock.pause and self._clock.pause.cap:
            start = self._cap(cycle, start, at)
        if at > start or last or not cycle.segments:
            segment = Segment(start, at, self._phase, self._cause, self._reason, self._signals)
            cycle.segments.append(segment)

    def _cap(self, cycle: Cycle, start: Instant, at: Instant) -> Instant:
        """Charge a pause to its cap; where that is used up the clock runs on from there."""
        assert self._clock.pause is not None
        assert self._clock.pause.cap is not None
        calendar = self._signals.calendar
        allowed = Millis(self._clock.pause.cap.on(calendar.day) - cycle.paused)
        cycle.paused = Millis(cycle.paused + elapsed(calendar, start, at))
        cycle.cap_at = advance(calendar, start, allowed)
        if cycle.cap_at is None or cycle.cap_at > at:
            return start
        over = cycle.cap_at
        cycle.capped, cycle.cap_at = True, None
        if over > start:
            pause = Segment(start, over, "paused", self._cause, self._reason, self._signals)
            cycle.segments.append(pause)
        self._phase, self._reason = "running", "pause cap reached"
        return over


def _same_terms(now: Signals, was: Signals) -> bool:
    return (
        now.limit == was.limit
        and now.aim == was.aim
        and now.promised == was.promised
        and (now.calendar is was.calendar or now.calendar == was.calendar)
    )


def _owned_elsewhere(moment: Moment, number: int, name: str) -> bool:
    return any(
        other.owned and other is not moment.situation[number] and other.clock == name
        for other in moment.situation
    )
