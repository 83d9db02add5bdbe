"""What would be written: for every ticket the fields and deeds, old → new, with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from reports import screen
from reports.words import count, field_text, named, number, standing, value_text
from sla_engine.changes import (
    AddComment,
    AddLabels,
    Assign,
    Change,
    Deed,
    Notify,
    SetFields,
    SetTicketFields,
    Transition,
)
from sla_engine.model import At, FieldValue, Ticket, Value
from sla_engine.units import Instant, to_datetime

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sla_engine.changes import Why

_STYLES = {"~": "yellow", "+": "green", "-": "red"}


class Planned(msgspec.Struct, frozen=True):
    """The changes to one ticket, and, where it is shown, its fields now in the policies'
    vocabulary."""

    ticket: Ticket
    changes: tuple[Change, ...]
    fields: Mapping[str, Value] = {}


class Line(msgspec.Struct, frozen=True):
    """One line of a plan: `~` changes, `+` adds, `-` clears."""

    sign: str
    what: str
    words: str
    why: str


def render_plan(
    items: Sequence[Planned],
    *,
    version: str,
    tickets: int,
    now: Instant,
    zone: ZoneInfo,
    mode: str,
    refusals: Sequence[str] = (),
    waiting: Sequence[str] = (),
    most: int | None = None,
    before: str = "",
    impact: RenderableType | None = None,
    kept: str = "",
) -> RenderableType:
    """The whole screen. `tickets` were looked at; of those with changes at most `most` are listed.
    `refusals` say why a run would refuse this plan, `waiting` the names of those that need a
    person's word ("" before a run gave it one); `before` is the version that they were judged
    by last, if another, and `impact` what the change does; `kept` the file that holds the plan."""
    planned = [item for item in items if item.changes]
    changed = f"{before} → {version}" if before else version
    parts: list[RenderableType] = [
        Text(f"Policies {changed} · {count(tickets, 'ticket')} looked at · read only"),
        *render_tickets(planned, now, zone, most, "--all"),
    ]
    if impact is not None:
        parts += [Text(), impact]
    came_to = totals(planned) if tickets else "Plan: no ticket was read yet."
    parts += [Text(), Text(came_to, style="bold")]
    parts += [Text(f"! {words}", style="yellow") for words in refusals]
    step = "Next  sla run --once reads them"
    if tickets:
        step = _next(planned, mode, kept, waiting, refused=bool(refusals))
    return Group(*parts, Text(step))


def render_tickets(
    planned: Sequence[Planned], now: Instant, zone: ZoneInfo, most: int | None, option: str
) -> Iterator[RenderableType]:
    """The changes of each ticket, of at most so many; `option` of the command shows all."""
    for item in planned[:most]:
        yield Text()
        yield from _ticket(item, now, zone)
    if most is not None and len(planned) > most:
        yield Text()
        yield Text(f"… and {count(len(planned) - most, 'more ticket')}; all: {option}")


def _ticket(item: Planned, now: Instant, zone: ZoneInfo) -> Iterator[RenderableType]:
    title = item.ticket.title
    title = f"{title[:47]}…" if len(title) > 48 else title
    head = Text(item.ticket.ref.key, style="bold")
    who = standing(named(item.fields, item.ticket))
    yield head.append(f"  {title:<48}  {who}".rstrip(), style="not bold")
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column()
    grid.add_column(min_width=14)
    for line in lines(item, now, zone):
        words = Text(line.words).append(f"   {line.why}" if line.why else "", style="dim")
        grid.add_row(Text(line.sign, style=_STYLES[line.sign]), line.what, words)
    yield screen.indented(grid)


def lines(item: Planned, now: Instant, zone: ZoneInfo) -> tuple[Line, ...]:
    """The plan for one ticket, fields first; the reason stands on the first line of a change."""
    found: list[Line] = []
    for change in item.changes:
        why = _why(change.why)
        if isinstance(change, SetFields):
            for field, new in change.fields:
                found.append(_field(item.ticket, field, new, why, now, zone))
                why = ""
        else:
            what, words = _deed(change)
            found.append(Line("+", what, words, why))
    return tuple(found)


def _field(
    ticket: Ticket, field: str, new: FieldValue, why: str, now: Instant, zone: ZoneInfo
) -> Line:
    old = ticket.written.get(field)
    was, will = _said(old, zone, now), _said(new, zone, now)
    if not old:
        return Line("+", field, will, why)
    if not new:
        return Line("-", field, f"{was} → cleared", why)
    return Line("~", field, f"{was} → {will}", why)


def _said(value: FieldValue, zone: ZoneInfo, near: Instant) -> str:
    """An instant bears its zone: the texts around it may be on the wall clock of another."""
    words = field_text(value, zone, near)
    return f"{words} {to_datetime(value.at, zone):%Z}" if isinstance(value, At) else words


def what_of(change: Change) -> str:
    """A change in a word or two: the fields it sets, or the kind of deed."""
    if isinstance(change, SetFields):
        return ", ".join(name for name, _ in change.fields)
    return _deed(change)[0]


_CALLS = {"tell": "escalation", "page": "page", "webhook": "webhook", "run": "run"}


def _deed(deed: Deed) -> tuple[str, str]:
    match deed:
        case AddComment():
            who = "internal" if deed.internal else "public"
            return "comment", f'"{deed.lines[0] if deed.lines else ""}"  {who}, once per step'
        case Notify():
            return _CALLS[deed.way], f"{deed.channel}: {deed.text}"
        case Assign():
            return "assign", f"to {deed.to}"
        case Transition():
            return "transition", f"to {deed.to}"
        case AddLabels():
            return "labels", f"add {value_text(deed.labels)}"
        case SetTicketFields():
            return "set", ", ".join(f"{field} = {value}" for field, value in deed.fields)


def _why(why: Why) -> str:
    where = f"({why.policy.file}:{why.policy.line})" if why.policy else ""
    return " ".join(filter(None, (why.text, where)))


def totals(planned: Sequence[Planned]) -> str:
    """`Plan: 58 tickets · 18 to add, 71 to change, 1 to clear · 31 comments · 5 escalations`."""
    if not planned:
        return "Plan: nothing to do. Every ticket shows what the policies say."
    signs = [sign for item in planned for sign in _signs(item)]
    comments = sum(isinstance(c, AddComment) for item in planned for c in item.changes)
    deeds = sum(not isinstance(c, SetFields) for item in planned for c in item.changes) - comments
    add, change, clear = (number(signs.count(sign)) for sign in "+~-")
    fields = f"{add} to add, {change} to change, {clear} to clear"
    return " · ".join(
        (
            f"Plan: {count(len(planned), 'ticket')}",
            fields,
            count(comments, "comment"),
            count(deeds, "escalation"),
        )
    )


def _signs(item: Planned) -> Iterator[str]:
    for change in item.changes:
        if isinstance(change, SetFields):
            for field, new in change.fields:
                old = item.ticket.written.get(field)
                yield "+" if not old else "~" if new else "-"


def _next(
    planned: Sequence[Planned], mode: str, kept: str, waiting: Sequence[str], *, refused: bool
) -> str:
    if not planned:
        return "Next  sla run keeps it so"
    if mode == "write" and waiting and not kept:
        words = ", ".join(f"sla approve {name}" for name in waiting if name)
        if words:
            return f"Next  {words}: the next pass writes it; or undo the change"
        return "Next  sla run writes nothing of it, and names it for sla approve"
    if mode == "write" and kept:
        return f"Next  sla apply {kept}   writes exactly this, as far as it still holds then"
    if mode == "write":
        run = "sla run --once --force" if refused else "sla run --once"
        return f"Next  {run} writes it; sla plan --out FILE keeps it for sla apply"
    if kept:
        return f"Next  {kept} can be applied once service.yaml says mode: write"
    return "Next  nothing is written until service.yaml says mode: write"


def plan_json(items: Sequence[Planned], *, version: str, now: Instant) -> dict[str, object]:
    """The same for machines: every change as the engine planned it, instants in ISO 8601."""
    from reports.json_values import change_json, iso

    return {
        "schema": 1,
        "policies": version,
        "now": iso(now),
        "tickets": [
            {
                "connection": item.ticket.ref.connection,
                "ticket": item.ticket.ref.key,
                "url": item.ticket.url,
                "changes": [change_json(change, item.ticket) for change in item.changes],
            }
            for item in items
            if item.changes
        ],
    }
