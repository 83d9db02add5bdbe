"""Attainment week by week as lines of bars, two a promise, all on one scale."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from reports.backtest import Row
from reports.sparkline import BARS, NOTHING, floor_of, sparkline
from sla_engine.units import Instant, to_datetime

WEEKS = 52
"""As many bars fit on a line; JSON has all."""


class Weeks(msgspec.Struct, frozen=True):
    """A line that says what the bars mean, and (promise, which side, bars) for each line."""

    caption: str
    lines: tuple[tuple[str, str, str], ...]


def weeks_of(table: Sequence[Row]) -> Weeks | None:
    """The last weeks of each promise that fares otherwise, or of all where none does, a line then
    for two that are the same; None where nothing was decided."""
    weeks = [week for week, _, _ in table[0].weeks[-WEEKS:]] if table else []
    if not weeks:
        return None
    table = [row for row in table if row.before != row.after] or table
    shares = [_shares(row) for row in table]
    floor = floor_of([share for pair in shares for side in pair for share in side])
    lines: list[tuple[str, str, str]] = []
    for row, (before, after) in zip(table, shares, strict=True):
        if before == after:
            lines.append((row.name, "both", sparkline(before, floor)))
        else:
            lines.append((row.name, "before", sparkline(before, floor)))
            lines.append(("", "after", sparkline(after, floor)))
    return Weeks(_caption(weeks, floor), tuple(lines))


def _shares(row: Row) -> tuple[list[float | None], list[float | None]]:
    told = row.weeks[-WEEKS:]
    return [before.share for _, before, _ in told], [after.share for _, _, after in told]


def _caption(weeks: Sequence[Instant], floor: float) -> str:
    first = to_datetime(weeks[0])
    scale = f"{BARS[0]} {floor * 100:.0f} % to {BARS[-1]} 100 %"
    return f"Met by week from {first.day} {first:%b %Y}: {scale}, {NOTHING} nothing decided"
