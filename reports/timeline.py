"""A ledger as one line of blocks under a scale: where the time went, at a glance.

Time is to scale, except that closed hours and long waits are shortened so that work stays visible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from sla_engine.units import DAY, to_datetime

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from reports.ledger import Kind, Row

BLOCKS: dict[Kind, str] = {
    "running": "█",
    "paused": "‖",
    "closed": "░",
    "over": "▓",
    "stopped": "·",
}
LEGEND: dict[Kind, str] = {
    "running": "counting",
    "paused": "paused",
    "closed": "closed hours (shortened)",
    "over": "over target",
    "stopped": "stopped, not counted",
}
LONGEST: dict[Kind, float] = {"closed": 0.08, "stopped": 0.12, "paused": 0.8}
"""The longest stretch of a kind that does not count, as a share of all time that does; together
they take half of that at most, save for pauses, which take as much again."""


class Bar(NamedTuple):
    """`blocks` and `scale` are as long as each other; `kinds` are those that occur."""

    scale: str
    blocks: tuple[tuple[Kind, int], ...]
    kinds: tuple[Kind, ...]


def timeline(rows: Sequence[Row], width: int, zone: ZoneInfo) -> Bar:
    """Blocks for the rows that last; the ledger's order is kept, each kind shows if it can."""
    lasting = [row for row in rows if row.end > row.start]
    cells = _cells(weights(lasting), width)
    blocks: list[tuple[Kind, int]] = []
    for row, size in zip(lasting, cells, strict=True):
        if blocks and blocks[-1][0] == row.kind:
            blocks[-1] = (row.kind, blocks[-1][1] + size)
        elif size:
            blocks.append((row.kind, size))
    kinds = tuple(kind for kind in BLOCKS if any(kind == other for other, _ in blocks))
    return Bar(_scale(lasting, cells, zone), tuple(blocks), kinds)


def weights(rows: Sequence[Row]) -> list[float]:
    """How long each row is drawn: to scale, what does not count shortened."""
    working = sum(row.end - row.start for row in rows if row.kind in ("running", "over"))
    if not working:
        return [float(row.end - row.start) for row in rows]
    number = Counter(row.kind for row in rows)
    longest = {
        kind: working * min(share, (1.0 if kind == "paused" else 0.5) / max(1, number[kind]))
        for kind, share in LONGEST.items()
    }
    return [min(float(row.end - row.start), longest.get(row.kind, inf)) for row in rows]


def _cells(lengths: Sequence[float], width: int) -> list[int]:
    """Whole cells for the lengths: one at least for each where there is room for that."""
    least = 1 if 2 * len(lengths) <= width else 0
    rest = width - least * len(lengths)
    whole = sum(lengths) or 1.0
    cells, spent, passed = [], 0, 0.0
    for length in lengths:
        passed += length
        upto = round(rest * passed / whole)
        cells.append(least + upto - spent)
        spent = upto
    return cells


def _scale(rows: Sequence[Row], cells: Sequence[int], zone: ZoneInfo) -> str:
    """When rows begin, where there is room: weekday and time, or dates where weeks are shown."""
    scale, at, day = "", 0, ""
    weeks = bool(rows) and rows[-1].end - rows[0].start >= 6 * DAY
    for row, size in zip(rows, cells, strict=True):
        local = to_datetime(row.start, zone)
        date = f"{local.day} {local:%b}" if weeks else f"{local:%a}"
        label = date if weeks else f"{local:%H:%M}" if date == day else f"{date} {local:%H:%M}"
        if (not scale or at >= len(scale) + 2) and not (weeks and date == day):
            scale = scale.ljust(at) + label
            day = date
        at += size
    return scale
