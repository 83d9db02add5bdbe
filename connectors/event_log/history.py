"""Rows gathered by ticket, and what differs from row to row as the ticket's journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

import msgspec

from connectors.event_log.layout import NOT_THERE, Layout
from connectors.event_log.rows import Cells
from sla_engine.model import NOBODY, Actor, Event, Value
from sla_engine.units import Instant


class Row(NamedTuple):
    """One update, with all cells of its line. Rows order as they stand here: time first."""

    at: Instant
    sequence: int
    line: int
    cells: Cells


class Gathered(msgspec.Struct):
    """All that the file says: rows by ticket, and why some lines could not be read.

    Lines of which not even the ticket is known are under "". A reason bears its line's number.
    """

    rows: dict[str, list[Row]] = msgspec.field(default_factory=dict)
    bad: dict[str, list[tuple[int, str]]] = msgspec.field(default_factory=dict)

    def spoil(self, key: str, line: int, why: str) -> None:
        self.bad.setdefault(key, []).append((line, why))

    def touched_after(self, line: int) -> list[str]:
        """The tickets that rows or bad lines behind that line tell of."""
        return [
            key
            for key, rows in self.rows.items()
            if any(row.line > line for row in rows)
            or any(number > line for number, _ in self.bad.get(key, ()))
        ]


def gather(
    lines: Iterable[tuple[int, Cells | str]],
    layout: Layout,
    read_date: Callable[[str], Instant],
) -> Gathered:
    """Every line put to its ticket, each ticket's rows in order."""
    found = Gathered()
    for line, cells in lines:
        if isinstance(cells, str):
            found.spoil("", line, f"line {line} {cells}")
            continue
        key = cells[layout.ticket]
        if not isinstance(key, str):
            column = layout.columns[layout.ticket]
            found.spoil("", line, f'line {line} has no "{column}"')
        else:
            _put(found, layout, read_date, key, line, cells)
    for rows in found.rows.values():
        rows.sort()
    return found


def _put(
    found: Gathered,
    layout: Layout,
    read_date: Callable[[str], Instant],
    key: str,
    line: int,
    cells: Cells,
) -> None:
    try:
        at = read_date(str(cells[layout.at] or ""))
        order = 0 if layout.sequence == NOT_THERE else int(str(cells[layout.sequence]))
    except (ValueError, OverflowError) as error:
        found.spoil(key, line, f"line {line}: {error}")
        return
    found.rows.setdefault(key, []).append(Row(at, order, line, cells))


def actor(cells: Cells, place: int) -> Actor:
    """Who stands in that cell; NOBODY where none does or the log does not tell."""
    who = None if place == NOT_THERE else cells[place]
    return Actor(who, who) if isinstance(who, str) else NOBODY


def events(
    rows: Iterable[Row], layout: Layout, category: Callable[[Value], Value]
) -> Iterator[Event]:
    """One event for every canonical field in which a row differs from the row before it.

    `category` gives a status its status category, an event of its own where no column says it.
    """
    watched = [
        (name, place)
        for name, place in zip(layout.names, layout.places, strict=True)
        if name not in layout.timeless
    ]
    derived = "status" in layout.names and "status_category" not in layout.names
    for sequence, (before, row) in enumerate(pairwise(rows), 1):
        if row.cells == before.cells:
            continue
        who, source_id = actor(row.cells, layout.actor), f"line {row.line}"
        for name, place in watched:
            old, new = before.cells[place], row.cells[place]
            if old == new:
                continue
            yield Event(row.at, sequence, name, old, new, who, source_id)
            if derived and name == "status" and category(old) != category(new):
                yield Event(
                    row.at,
                    sequence,
                    "status_category",
                    category(old),
                    category(new),
                    who,
                    source_id,
                )
