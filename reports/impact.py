"""What a change of policies does to the figures, as a table: now, after, and the difference."""

from __future__ import annotations

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from reports import screen
from reports.words import NOTHING, count, number


class Column(msgspec.Struct, frozen=True):
    """The figures under one version of the policies; `met` of so many `decided` cycles."""

    open: int
    breached: int
    at_risk: int
    met: int
    decided: int


def render_impact(now: Column, after: Column, *, news: int) -> RenderableType:
    """The table. `news` are the tickets that neither column counts."""
    table = screen.table(("", "left"), ("now", "right"), ("after", "right"), ("Δ", "right"))
    for what, one, other in (
        ("open tickets with an SLA", now.open, after.open),
        ("breached now", now.breached, after.breached),
        ("at risk now", now.at_risk, after.at_risk),
    ):
        table.add_row(what, number(one), number(other), _signed(other - one))
    table.add_row("met, last 30 days", _share(now), _share(after), _points(now, after))
    parts: list[RenderableType] = [
        Text("Impact of this policy change"),
        Text(),
        screen.indented(table),
    ]
    if news:
        had = f"{count(news, 'ticket')} had news since the last pass"
        parts.append(Text(f"{had}; they count in neither column", style="dim"))
    return Group(*parts)


def _rate(column: Column) -> float | None:
    return 100 * column.met / column.decided if column.decided else None


def _share(column: Column) -> str:
    rate = _rate(column)
    return NOTHING if rate is None else f"{rate:.1f} %"


def _points(now: Column, after: Column) -> str:
    one, other = _rate(now), _rate(after)
    if one is None or other is None:
        return NOTHING
    difference = round(other, 1) - round(one, 1)
    return f"{difference:+.1f} pt" if round(difference, 1) else "0"


def _signed(difference: int) -> str:
    sign = "+" if difference > 0 else "-" if difference else ""
    return f"{sign}{number(abs(difference))}"


def impact_json(now: Column, after: Column, *, news: int) -> dict[str, object]:
    """The same for machines."""
    return {
        "now": msgspec.to_builtins(now),
        "after": msgspec.to_builtins(after),
        "left_out": news,
    }
