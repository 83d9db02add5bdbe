"""Shares over time as one line of small bars."""

from __future__ import annotations

from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇"
NOTHING = "·"


def floor_of(shares: Sequence[float | None]) -> float:
    """What the smallest bar stands for: the least share cut to ten percent, 90 % at most, so that
    good weeks among good ones still differ."""
    known = [share for share in shares if share is not None]
    return min(0.9, int(min(known, default=0.0) * 10) / 10)


def sparkline(shares: Sequence[float | None], floor: float) -> str:
    """A bar a share, from `floor` to 1; a dot where there is no figure, which is no full bar.

    The full bar is kept for all of it, and the least for what is not above the floor.
    """
    return "".join(NOTHING if share is None else _bar(share, floor) for share in shares)


def _bar(share: float, floor: float) -> str:
    steps = len(BARS) - 1
    if share >= 1:
        return BARS[-1]
    return BARS[max(0, min(steps - 1, int((share - floor) / (1 - floor) * steps)))]
