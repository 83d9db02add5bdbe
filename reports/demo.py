"""The screen of `sla demo`: what was set up, five tickets that show what can happen, what next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from reports import screen
from reports.ledger import calendars_of, closed_hours
from reports.run_text import seconds_text
from reports.words import NOTHING, fields_of, full_cell, moment, state_of, value_text
from sla_engine.model import Ticket, Verdict
from sla_engine.units import Instant
from sla_engine.words import is_at_risk, is_missed, title
from sla_engine.words import is_open as undecided

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sla_engine.terms import Policies


class Done(NamedTuple):
    """One line of what was done: `✓ pulled    240 tickets, 1 914 changes   1.4 s`."""

    what: str
    said: str
    seconds: float | None = None


class Shown(NamedTuple):
    """A ticket and the one clock of it that the table shows."""

    ticket: Ticket
    verdict: Verdict


def render_demo(
    done: Sequence[Done],
    shown: Sequence[Shown],
    policies: Policies,
    *,
    now: Instant,
    zone: ZoneInfo,
    next_steps: Sequence[tuple[str, str]],
) -> RenderableType:
    """The whole screen; `next_steps` are commands and what they are for."""
    width = max((len(said) for _, said, took in done if took is not None), default=0)
    return Group(
        *(Text(_done(item, width)) for item in done),
        Text(),
        screen.indented(_table(shown, policies, now, zone)),
        Text(),
        _next(next_steps),
    )


def _next(steps: Sequence[tuple[str, str]]) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for number, (command, words) in enumerate(steps):
        grid.add_row("" if number else "Next", command, words)
    return grid


def _done(item: Done, width: int) -> str:
    took = "" if item.seconds is None else f"  {seconds_text(item.seconds):>7}"
    return f"✓ {item.what:<9} {item.said:<{width}}{took}".rstrip()


def _table(shown: Sequence[Shown], policies: Policies, now: Instant, zone: ZoneInfo) -> Table:
    table = screen.table(
        ("Ticket", "left"),
        ("Priority", "left"),
        ("SLA", "left"),
        ("Due", "left"),
        ("Left", "right"),
        ("State", "left"),
    )
    table.padding = (0, 1, 0, 0)
    closed = closed_hours(calendars_of(policies), now)
    for ticket, verdict in shown:
        due = verdict.due_at or verdict.breached_at
        state = state_of(verdict, closed)
        table.add_row(
            ticket.ref.key,
            value_text(fields_of(policies, ticket, now).get("priority")) or NOTHING,
            title(verdict),
            NOTHING if due is None else moment(due, zone, now),
            NOTHING if verdict.left is None else full_cell(verdict.left),
            Text(str(state), style=state.style),
        )
    return table


def telling(
    judged: Iterable[tuple[Ticket, Sequence[Verdict]]], policies: Policies, now: Instant
) -> tuple[Shown, ...]:
    """One clock of each kind, the most telling one first: missed, breached, at risk, closed hours,
    paused, running. Among several a resolution, then the highest priority, then the most urgent;
    what is over is told the later the better, for it is in people's minds."""
    closed = closed_hours(calendars_of(policies), now)
    best: dict[int, tuple[_Order, Shown]] = {}
    for ticket, verdicts in judged:
        for verdict in verdicts:
            kind = _kind(verdict, closed)
            if kind is None:
                continue
            order = _order(ticket, verdict, policies, now)
            if kind not in best or order < best[kind][0]:
                best[kind] = (order, Shown(ticket, verdict))
    return tuple(best[kind][1] for kind in sorted(best))


_Order = tuple[bool, str, int, str]


def _order(ticket: Ticket, verdict: Verdict, policies: Policies, now: Instant) -> _Order:
    priority = value_text(fields_of(policies, ticket, now).get("priority")) or "~"
    urgent = -verdict.breached_at if verdict.breached_at is not None else verdict.left or 0
    return verdict.clock != "resolution", priority, urgent, ticket.ref.key


def _kind(verdict: Verdict, closed: Callable[[Verdict], bool]) -> int | None:
    if is_missed(verdict):
        return 0
    if not undecided(verdict):
        return None
    if verdict.state == "breached":
        return 1
    if verdict.state == "paused":
        return 4
    return 2 if is_at_risk(verdict) else 3 if closed(verdict) else 5
