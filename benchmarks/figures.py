"""A benchmark's result: what was measured, what was aimed at, and whether it was reached."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rich.table import Table


class Figure(NamedTuple):
    """One row; `reached` is None where nothing was aimed at, or nothing could be measured."""

    name: str
    measured: str
    target: str = ""
    reached: bool | None = None


def at_most(name: str, measured: float, target: float, form: str = "{:,.2f}") -> Figure:
    """A figure that shall not be more than its target."""
    return Figure(name, form.format(measured), f"<= {target:,g}", measured <= target)


def table_of(title: str, figures: Iterable[Figure]) -> Table:
    """The rows as a table."""
    table = Table(title=title, title_justify="left")
    for column in ("figure", "measured", "target", "reached"):
        table.add_column(column, justify="right" if column != "figure" else "left")
    words = {True: "yes", False: "NO", None: ""}
    for figure in figures:
        table.add_row(figure.name, figure.measured, figure.target, words[figure.reached])
    return table
