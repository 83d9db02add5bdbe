"""A replay under two sets of policies as a screen: the answer first, then where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from reports import screen
from reports.backtest import (
    Backtest,
    Row,
    by_weight,
    headline,
    left_out,
    moved,
    over,
    percent,
    points,
    rows,
)
from reports.backtest_weeks import Weeks, weeks_of
from reports.backtest_words import because, change_text, kinds, promise_of, used
from reports.words import count, number

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sla_engine.differences import Difference


def render_backtest(told: Backtest, *, zone: ZoneInfo, most: int | None = None) -> RenderableType:
    """The whole screen; of the changes at most `most` are listed."""
    found = told.found
    table = rows(found)
    parts: list[RenderableType] = [
        Text(_opening(told)),
        Text(headline(found), style="bold"),
    ]
    if table:
        parts += [Text(), screen.indented(_promises(table))]
    if weeks := weeks_of(table):
        parts += _weeks(weeks)
    parts += _changes(by_weight(found), most)
    if left := left_out(found):
        parts += [Text(), Text(f"Left out  {' · '.join(left)}")]
    return Group(*parts, Text(), Text(f"{over(told, zone)} · nothing was written"))


def _opening(told: Backtest) -> str:
    old, new = told.versions
    return f"Policies {told.before} ({old}) → {told.after} ({new})"


def _promises(table: Sequence[Row]) -> Table:
    columns = ("Decided", "Met before", "Met after", "Δ", "Breached")
    made = screen.table(("Promise", "left"), *((name, "right") for name in columns))
    for row in table:
        before, after = row.before, row.after
        made.add_row(
            row.name,
            moved(before.decided, after.decided),
            percent(before),
            percent(after),
            points(before, after),
            moved(before.breached, after.breached),
        )
    return made


def _weeks(weeks: Weeks) -> Iterator[RenderableType]:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for line in weeks.lines:
        grid.add_row(*line)
    yield Text()
    yield Text(weeks.caption)
    yield screen.indented(grid)


def _changes(found: Sequence[Difference], most: int | None) -> Iterator[RenderableType]:
    if not found:
        return
    yield Text()
    yield Text(f"{count(len({one.ref for one in found}), 'ticket')} with another verdict", "bold")
    yield screen.indented(_kinds(kinds(found)))
    yield Text()
    yield from map(Text, _list(found[:most]))
    if most is not None and len(found) > most:
        yield Text(f"  … and {number(len(found) - most)} more; --all lists them")


def _kinds(told: Sequence[tuple[int, str, str]]) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(justify="right")
    for times, change, why in told:
        grid.add_row(number(times), change, why)
    return grid


def _list(found: Sequence[Difference]) -> Iterator[str]:
    """Columns by hand: a table of rich takes minutes for many thousands."""
    told = [
        (
            one.ref.key,
            promise_of(one),
            change_text(one),
            f"used {used(one)}" if used(one) else "",
        )
        for one in found
    ]
    widths = [max(map(cell_len, column)) for column in zip(*told, strict=True)]
    for one, cells in zip(found, told, strict=True):
        padded = (set_cell_size(cell, width) for cell, width in zip(cells, widths, strict=True))
        yield f"  {'  '.join(padded)}  {because(one)}"
