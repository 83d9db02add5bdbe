"""Steps of a ladder: when a cycle reaches them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from sla_engine.calendars import advance
from sla_engine.model import Reached
from sla_engine.signals import Signals
from sla_engine.terms import Action, Step
from sla_engine.units import Instant, Millis

WARNING = (Action("comment", ""), Action("notify", ("assignee",)))
"""What `warn` does: one internal comment in our words, and the assignee is told."""


class Climber(Protocol):
    """What a ladder asks of a cycle."""

    used: Millis
    used_at_breach: Millis
    breached_at: Instant | None
    steps: list[Reached]


def is_over(step: Step) -> bool:
    """Whether the step comes with the breach or after it; the others warn."""
    return step.percent >= 100 and step.offset >= 0 and not step.of_aim


def climb(
    cycle: Climber,
    ladder: Sequence[Step],
    signals: Signals,
    start: Instant,
    end: Instant,
    total: Millis,
) -> None:
    """Note the steps reached while elapsed goes from `cycle.used` to `total` in [start, end)."""
    for step in ladder:
        taken = _taken(cycle, step)
        while taken < step.times:
            threshold = _threshold(step, taken, signals, cycle)
            if threshold is None or threshold > total:
                break
            taken += 1
            at = _when(cycle, threshold, signals, start, end)
            cycle.steps.append(Reached(step.name, at, taken))


def ahead(cycle: Climber, ladder: Sequence[Step], signals: Signals) -> Iterator[Millis]:
    """Elapsed times at which a step will be reached next."""
    for step in ladder:
        taken = _taken(cycle, step)
        if taken < step.times:
            threshold = _threshold(step, taken, signals, cycle)
            if threshold is not None and threshold > cycle.used:
                yield threshold


def _taken(cycle: Climber, step: Step) -> int:
    return sum(reached.name == step.name for reached in cycle.steps)


def _when(
    cycle: Climber, threshold: Millis, signals: Signals, start: Instant, end: Instant
) -> Instant:
    if cycle.breached_at is not None and threshold == cycle.used_at_breach:
        return max(cycle.breached_at, start)  # before it where a new target judges all that was
    if threshold <= cycle.used:
        return start  # a new target found it passed
    rest = Millis(threshold - cycle.used)
    return advance(signals.calendar, start, rest) or end


def _threshold(step: Step, taken: int, signals: Signals, cycle: Climber) -> Millis | None:
    """Elapsed time at which the step is reached once more; None where that cannot be."""
    base = _base(step, signals, cycle)
    if base is None:
        return None
    threshold = base + step.offset + taken * (step.repeat or 0)
    return Millis(threshold) if threshold > 0 else None


def _base(step: Step, signals: Signals, cycle: Climber) -> Millis | None:
    if step.of_aim:
        return signals.aim
    over = is_over(step)
    if over and cycle.breached_at is None:
        return None
    if over and step.percent == 100:
        return cycle.used_at_breach
    if signals.limit is None:
        return None
    share = (step.percent - 100 if over else step.percent) / 100
    begun = cycle.used_at_breach if over else signals.shift
    return Millis(round((signals.limit - signals.shift) * share) + begun)
