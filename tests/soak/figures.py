"""What a soak comes to, and whether anything grew that must not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import linear_regression, mean, median
from typing import NamedTuple

from benchmarks.figures import Figure, at_most
from tests.soak.process import MB, Sample

SETTLED = 0.1
"""The share of the passes after which nothing may grow any more."""
MEMORY_MAY_GROW = 20 * MB
LOG_AT_MOST = 16 * MB
FILES_MAY_GROW = 2


class Kept(NamedTuple):
    """What the state has to hold of what happened in the world, whatever a pass does inside."""

    tickets: int
    updates: int
    lines: int

    @property
    def size(self) -> int:
        """Bytes, as docs/operations.md says it: tickets with their clocks, events, audit lines."""
        return MB + 1_000 * self.tickets + 30 * self.updates + 800 * self.lines


def figures(samples: Sequence[Sample], kept: Kept) -> list[Figure]:
    """The rows of the table; those after the first three are promises."""
    settled = samples[int(len(samples) * SETTLED)]
    after = [one for one in samples if one.number >= settled.number]

    def growth(of: Callable[[Sample], int]) -> int:
        return max(map(of, after)) - of(settled)

    return [
        Figure("updates in the ticket system", f"{kept.updates:,}"),
        Figure("passes", f"{len(samples):,}"),
        Figure("tickets read · written", _read(samples)),
        at_most("memory, grown by (MB)", memory_grown(after) / MB, MEMORY_MAY_GROW / MB),
        at_most("memory at most (MB)", max(one.memory for one in samples) / MB, 300, "{:,.0f}"),
        at_most("threads, grown by", growth(lambda one: one.threads), 0, "{:,.0f}"),
        at_most("open files, grown by", growth(lambda one: one.files), FILES_MAY_GROW, "{:,.0f}"),
        at_most("write-ahead log at most (MB)", max(o.log for o in samples) / MB, LOG_AT_MOST / MB),
        at_most("state ÷ what it has to keep", samples[-1].store / kept.size, 1.1),
        at_most("CPU of a pass, grown by (share)", slope(after), 0.15),
    ]


def memory_grown(samples: Sequence[Sample]) -> float:
    """From the first tenth of these to the last; medians, since a pass itself takes some."""
    tenth = max(1, len(samples) // 10)
    first, last = samples[:tenth], samples[-tenth:]
    return median(one.memory for one in last) - median(one.memory for one in first)


def slope(samples: Sequence[Sample]) -> float:
    """By which share of its mean the work of a pass rises from the first to the last, along the
    straight line that fits best. Work is CPU time by the speed of the machine at that moment."""
    numbers = [float(one.number) for one in samples]
    spent = [one.cpu / one.measure for one in samples]
    rise = linear_regression(numbers, spent).slope * (numbers[-1] - numbers[0])
    return rise / mean(spent)


def _read(samples: Sequence[Sample]) -> str:
    return f"{sum(o.changed for o in samples):,} · {sum(o.written for o in samples):,}"
