"""What came of a plan that was applied or of a run that was undone: what was written, what not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from reports import screen
from reports.plan_text import Planned, render_tickets, totals
from reports.words import count

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sla_engine.units import Instant


class Left(msgspec.Struct, frozen=True):
    """What was not written to a ticket, and why."""

    key: str
    what: str
    why: str


class Wrote(msgspec.Struct, frozen=True):
    """How much was written, and the name of the run that keeps it. `broken` is how many connections
    could not be worked with."""

    tickets: int
    fields: int
    comments: int
    escalations: int
    failed: int
    run: str
    broken: int = 0


def render_look(
    head: str,
    items: Sequence[Planned],
    left: Sequence[Left],
    *,
    already: int,
    now: Instant,
    zone: ZoneInfo,
    most: int | None,
    next_step: str,
) -> RenderableType:
    """`--dry-run`: what would be written, what not; `already` changes stand there as it is."""
    return Group(
        Text(f"{head} · a look, nothing is written"),
        *render_tickets(items, now, zone, most, "--json"),
        *_left(left, already, most),
        Text(),
        Text(totals(items), style="bold"),
        Text(f"Next  {next_step}"),
    )


def render_wrote(
    head: str,
    wrote: Wrote,
    left: Sequence[Left],
    *,
    already: int,
    most: int | None,
    next_step: str,
) -> RenderableType:
    """What was written, what not, and how to go on."""
    return Group(
        Text(head),
        *_left(left, already, most),
        Text(),
        Text(_wrote(wrote), style="bold"),
        Text(f"Next  {next_step}"),
    )


def _wrote(wrote: Wrote) -> str:
    failed = f" · {count(wrote.failed, 'ticket')} failed" if wrote.failed else ""
    if not wrote.tickets:
        return f"{'✗' if wrote.failed or wrote.broken else '✓'} nothing was written{failed}"
    parts = (
        f"{'!' if wrote.failed or wrote.broken else '✓'} {count(wrote.tickets, 'ticket')} written",
        count(wrote.fields, "field"),
        count(wrote.comments, "comment"),
        count(wrote.escalations, "escalation"),
    )
    return f"{' · '.join(parts)}{failed} · run {wrote.run}"


def _left(left: Sequence[Left], already: int, most: int | None) -> Iterator[RenderableType]:
    """A line for each ticket and reason."""
    if already:
        yield Text(f"{count(already, 'change')} stood there already")
    found: dict[tuple[str, str], list[str]] = {}
    for one in left:
        found.setdefault((one.key, one.why), []).append(one.what)
    if not found:
        return
    yield Text()
    yield Text("Left as it is:")
    grid = Table.grid(padding=(0, 2, 0, 0))
    for (key, why), whats in list(found.items())[:most]:
        grid.add_row(key, ", ".join(dict.fromkeys(whats)), why)
    yield screen.indented(grid)
    if most is not None and len(found) > most:
        yield Text(f"  … and {count(len(found) - most, 'more line')}; all: --json")
