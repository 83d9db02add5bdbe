"""One clock of one ticket at work: decisions are carried out into cycles, and time is counted.

A cycle's spans are closed, counted on their calendar and held against their target as they end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from sla_engine.calendars import advance, elapsed
from sla_engine.control import Control, Decision, Do, closed, rests, same_terms
from sla_engine.cycle import ZERO, Cycle, passing, rejudged
from sla_engine.ladder import climb
from sla_engine.lanes import Lane
from sla_engine.model import Phase, Span
from sla_engine.pause_cap import CAP_REACHED, PAUSE_CAPPED
from sla_engine.retargeting import dated, held, is_retargeted, prorated
from sla_engine.signals import Signals
from sla_engine.units import Duration, Instant, Millis

Running = tuple[Instant, Phase, str, str, Signals]
"""The span in progress: since when, in which phase, by which cause, why, under what terms."""


class Clock:
    """Carries out decisions for one lane of one ticket."""

    __slots__ = (
        "_cap", "_cycle", "_held", "_holds", "_ladder", "_retarget", "_span", "cycles", "lane"
    )  # fmt: skip

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self._ladder, self._cap, self._retarget = lane.policy.steps, lane.cap, lane.retarget
        self._holds = self._retarget != "carry" or lane.policy.local
        self.cycles: list[Cycle] = []
        self._cycle: Cycle
        self._span: Running | None = None
        self._held: tuple[Instant, str]

    def start(self, decision: Decision, at: Instant, cause: str, signals: Signals) -> None:
        """Begin a cycle; one whose stop holds already ends at once."""
        cycles = self.cycles
        cycle = self._cycle = Cycle(len(cycles) + 1, at)
        cycles.append(cycle)
        if self._holds and self.lane.policy.local and not signals.zone:
            cycle.flags = ("unknown_zone",)
        if signals.deadline is not None:
            signals = dated(signals, None, ZERO, at, at)
        if rests(decision.control, signals) and not signals.stop:
            self._span = (at, "paused", cause, signals.pause_reason, signals)
        else:
            self._span = (at, "running", cause, decision.reason, signals)
        if signals.stop:
            cycle.flags = (*cycle.flags, "instant")
            self.stop(decision, at, cause, signals)

    def start_held(self, decision: Decision, _at: Instant, _cause: str, signals: Signals) -> None:
        """Begin a cycle at the moment that was held back."""
        self.start(decision, *self._held, signals)

    def hold(self, _decision: Decision, at: Instant, cause: str, _signals: Signals) -> None:
        """Remember a start in a done ticket."""
        self._held = (at, cause)

    def stop(self, _decision: Decision, at: Instant, _cause: str, signals: Signals) -> None:
        """End the cycle as done."""
        cycle = self._cycle
        if signals.stop_rest and self.lane.by_resolution:
            cycle.flags = (*cycle.flags, "by_resolution")
        self._close(at)
        cycle.ended, cycle.stopped_at, self._span = "stopped", at, None

    def restart(self, decision: Decision, at: Instant, cause: str, signals: Signals) -> None:
        """End the cycle as done and begin the next."""
        self.stop(decision, at, cause, signals)
        self.start(decision, at, cause, signals)

    def cancel(self, decision: Decision, at: Instant, _cause: str, _signals: Signals) -> None:
        """End the cycle without a verdict but for a breach that was."""
        self._cancel(at, decision.reason)

    def _cancel(self, at: Instant, reason: str) -> None:
        cycle = self._cycle
        self._close(at)
        cycle.ended, cycle.reason, cycle.stopped_at = "cancelled", reason, at
        self._span = None

    def turn(self, decision: Decision, at: Instant, cause: str, signals: Signals) -> Control | None:
        """Run or pause on, or under other terms; time alone may have used up the pause cap."""
        if self._holds:
            assert self._span is not None
            before = self._span[4]
            if self._retarget == "restart" and is_retargeted(before, signals):
                return self._begin_anew(decision, at, cause, signals)
            signals = held(self._retarget, before, signals)
            phase: Phase = "paused" if decision.paused else "running"
            if phase == self._span[1] and same_terms(signals, before):
                return None
        self._close(at)
        signals = self._judging(signals, at)
        if self._cycle.capped and not decision.capped:
            reason = CAP_REACHED if decision.paused else decision.reason
            self._span = (at, "running", cause, reason, signals)
            return decision.control._replace(capped=True, paused=False)
        phase = "paused" if decision.paused else "running"
        self._span = (at, phase, cause, decision.reason, signals)
        return None

    def reopen(
        self, decision: Decision, at: Instant, cause: str, signals: Signals
    ) -> Control | None:
        """Go on, begin anew or leave it, by the policy and the time since the stop."""
        reopen, stopped_at = self.lane.terms.reopen, self._cycle.stopped_at
        assert stopped_at is not None
        within = reopen.within
        late = within is not None and at - stopped_at > within.millis
        then = reopen.later if late else reopen.then
        anew = self._retarget == "restart" and is_retargeted(self._cycle.terms[-1], signals)
        if then == "new" or (anew and then != "ignore"):
            self.start(decision, at, cause, signals)
        elif then != "ignore":
            self._go_on(decision, at, cause, signals, counting=then == "count")
        control = decision.later if late else None
        return (control or decision.control)._replace(capped=False) if anew else control

    def resume(self, decision: Decision, at: Instant, cause: str, signals: Signals) -> None:
        """Go on with the cycle that had stopped; what lies between does not count."""
        self._go_on(decision, at, cause, signals, counting=False)

    def take(self, decision: Decision, at: Instant, cause: str, signals: Signals) -> Control | None:
        """Begin the cycle of the value that the field has, or go on with it."""
        known = [cycle for cycle in self.cycles if cycle.terms[0].of == signals.of]
        if not known or self.lane.terms.cycles == "every":
            self.start(decision, at, cause, signals)
            return None
        if self.lane.terms.cycles == "once":
            return closed(decision.control)
        self._cycle = cycle = known[-1]
        self._go_on(decision, at, cause, signals, counting=False)
        return decision.control._replace(capped=True, paused=False) if cycle.capped else None

    def leave(self, decision: Decision, at: Instant, cause: str, signals: Signals) -> None:
        """The field has another value: what is summed up stops, anything else is cancelled."""
        if self.lane.terms.cycles == "sum":
            self.stop(decision, at, cause, signals)
        else:
            self.cancel(decision, at, cause, signals)

    def hand_over(
        self, decision: Decision, at: Instant, cause: str, signals: Signals
    ) -> Control | None:
        """One value's cycle ends as another's begins."""
        self.leave(decision, at, cause, signals)
        began = msgspec.structs.replace(decision, reason="started")
        return self.take(began, at, cause, signals)

    def finish(self, now: Instant) -> list[Cycle]:
        """All cycles, hidden ones too, the open one counted up to `now`."""
        if self._span is not None:
            self._close(max(now, self._span[0]), True)
        return self.cycles

    def _go_on(
        self, decision: Decision, at: Instant, cause: str, signals: Signals, *, counting: bool
    ) -> None:
        cycle = self._cycle
        assert cycle.stopped_at is not None
        between: Phase = "running" if counting else "stopped"
        why = "elsewhere in between" if signals.of else "closed in between"
        self._span = (cycle.stopped_at, between, cause, why, cycle.terms[-1])
        self._close(at)
        signals = self._judging(held(self._retarget, cycle.terms[-1], signals), at)
        cycle.stopped_at, cycle.ended, cycle.hidden = None, "open", False
        paused = rests(decision.control, signals) and not cycle.capped
        reason = signals.pause_reason if paused else decision.reason
        self._span = (at, "paused" if paused else "running", cause, reason, signals)

    def _begin_anew(self, decision: Decision, at: Instant, cause: str, signals: Signals) -> Control:
        """Under `restart` a new target is a new cycle."""
        self._cancel(at, "target changed")
        self.start(decision, at, cause, signals)
        paused = rests(decision.control, signals)
        return decision.control._replace(paused=paused, capped=False)

    def _judging(self, signals: Signals, at: Instant) -> Signals:
        """The terms to go on under, once the span before is counted."""
        if signals.deadline is not None:
            assert self._span is not None
            at = max(at, self._cycle.started_at)
            return dated(signals, self._span[4], self._cycle.used, at, self._cycle.started_at)
        if self._retarget == "latest":
            self._rejudge(signals)
        elif self._retarget == "prorate":
            cycle = self._cycle
            counted = (span.counted for span in cycle.spans)
            return prorated(zip(counted, cycle.terms, strict=True), signals)
        return signals

    def _rejudge(self, signals: Signals) -> None:
        """Under `latest` a new target judges all that was, and only its own steps are reached."""
        assert self._span is not None
        cycle, before = self._cycle, self._span[4]
        if (before.limit, before.aim) == (signals.limit, signals.aim):
            return
        cycle.breached_at = rejudged(cycle, signals.limit)
        cycle.used_at_breach = signals.limit or ZERO
        cycle.steps.clear()

    def _close(self, at: Instant, last: bool = False) -> None:
        """End the span in progress at `at`, count it and hold it against the limit; an open cycle
        keeps even an empty last one, and so does a cycle that has no other."""
        if self._cap is not None:
            self._charge(self._cap, at)
        cycle = self._cycle
        span = self._span
        assert span is not None
        start, phase, cause, reason, signals = span
        if at <= start and not last and cycle.spans:
            return
        calendar, limit, total = signals.calendar, signals.limit, cycle.used
        counted = ZERO
        if phase == "running":
            counted = elapsed(calendar, start, at)
            total += counted  # type: ignore[assignment]  # Millis() would be a call a span
        if limit is not None and total > limit and cycle.breached_at is None:
            used = cycle.used
            cycle.used_at_breach = used if used > limit else limit
            cycle.breached_at = passing(signals, start, used, limit)
        if self._ladder:
            climb(cycle, self._ladder, signals, start, at, total)
        cycle.used = total
        cycle.terms.append(signals)
        cycle.spans.append(Span(start, at, phase, cause, reason, counted, calendar.name, limit))

    def _charge(self, cap: Duration, at: Instant) -> None:
        """Charge a pause to its cap; where that is used up the clock runs on from there."""
        assert self._span is not None
        start, phase, cause, _, signals = self._span
        if phase != "paused":
            return
        cycle, calendar = self._cycle, signals.calendar
        over = advance(calendar, start, Millis(max(cap.on(calendar.day) - cycle.paused, 0)))
        cycle.paused = Millis(cycle.paused + elapsed(calendar, start, at))
        cycle.cap_at = over
        if over is None or over > at:
            return
        cycle.capped, cycle.cap_at, self._cap = True, None, None
        cycle.flags = (*cycle.flags, PAUSE_CAPPED)
        self._close(over)
        self._span = (over, "running", cause, CAP_REACHED, signals)
        self._cap = cap


Operation = Callable[[Clock, Decision, Instant, str, Signals], Control | None]

OPERATIONS: Mapping[Do, Operation] = {
    Do.START: Clock.start,
    Do.START_HELD: Clock.start_held,
    Do.STOP: Clock.stop,
    Do.RESTART: Clock.restart,
    Do.CANCEL: Clock.cancel,
    Do.TURN: Clock.turn,
    Do.HOLD: Clock.hold,
    Do.REOPEN: Clock.reopen,
    Do.RESUME: Clock.resume,
    Do.TAKE: Clock.take,
    Do.LEAVE: Clock.leave,
    Do.HAND_OVER: Clock.hand_over,
}
