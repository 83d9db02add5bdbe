"""A ledger as one line of blocks under a scale: where the time went, at a glance.

Time is to scale, except that closed hours and long waits are shortened so that work stays visible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sla_engine.units import to_datetime

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
LONGEST_SHARE = {"closed": 0.04, "stopped": 0.06, "paused": 0.4}
"""At most this share of the line for one stretch that does not count, unless there is room."""


class Bar(NamedTuple):
    """`blocks` and `scale` are as long as each other; `kinds` are those that occur."""

    scale: str
    blocks: tuple[tuple[Kind, int], ...]
    kinds: tuple[Kind, ...]


def timeline(rows: Sequence[Row], width: int, zone: ZoneInfo) -> Bar:
    """Blocks for the rows that last; the ledger's order is kept, each kind shows if it can."""
    lasting = [row for row in rows if row.end > row.start]
    weights = _weights(lasting)
    cells = _cells(weights, width)
    blocks: list[tuple[Kind, int]] = []
    for row, size in zip(lasting, cells, strict=True):
        if blocks and blocks[-1][0] == row.kind:
            blocks[-1] = (row.kind, blocks[-1][1] + size)
        elif size:
            blocks.append((row.kind, size))
    kinds = tuple(kind for kind in BLOCKS if any(kind == other for other, _ in blocks))
    return Bar(_scale(lasting, cells, zone), tuple(blocks), kinds)


def _weights(rows: Sequence[Row]) -> list[float]:
    working = sum(row.end - row.start for row in rows if row.kind in ("running", "over"))
    if not working:
        return [float(row.end - row.start) for row in rows]
    return [
        min(row.end - row.start, LONGEST_SHARE.get(row.kind, 1.0) * 2 * working) * 1.0
        for row in rows
    ]


def _cells(weights: Sequence[float], width: int) -> list[int]:
    """Whole cells for the weights: one at least for each where there is room for that."""
    least = 1 if 2 * len(weights) <= width else 0
    rest = width - least * len(weights)
    whole = sum(weights) or 1.0
    cells, spent, passed = [], 0, 0.0
    for weight in weights:
        passed += weight
        upto = round(rest * passed / whole)
        cells.append(least + upto - spent)
        spent = upto
    return cells


def _scale(rows: Sequence[Row], cells: Sequence[int], zone: ZoneInfo) -> str:
    """The times at which rows begin, where there is room: the day's name when the day is new."""
    scale, at, day = "", 0, None
    for row, size in zip(rows, cells, strict=True):
        local = to_datetime(row.start, zone)
        new_day = local.date() != day
        label = f"{local:%a %H:%M}" if new_day else f"{local:%H:%M}"
        if not scale or at >= len(scale) + 2:
            scale = scale.ljust(at) + label
            day = local.date()
        at += size
    return scale


def draw(bar: Bar, style: Callable[[Kind], str]) -> list[tuple[str, str]]:
    """The blocks as (text, style) pairs."""
    return [(BLOCKS[kind] * size, style(kind)) for kind, size in bar.blocks]
