"""Why a ticket stands as it does: for every clock the target, the timeline and the evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import inf
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from reports import screen
from reports.explain_clock import clock_parts, is_done
from reports.explain_view import View
from reports.explanation import Explanation
from reports.knowledge import known_parts
from reports.ledger import calendars_of
from reports.outlook_text import outlook_parts
from reports.restated import record_parts
from reports.shown import shown_fields
from reports.what_if import what_if_parts
from reports.words import count, field_text, fields_of, named, standing
from sla_engine.model import Verdict
from sla_engine.plan import zone_of
from sla_engine.reasons import unmatched
from sla_engine.units import Instant, to_datetime
from sla_engine.words import duration, title, urgency

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sla_engine.terms import Policy

DONE_CYCLES = 2
"""So many cycles of one clock that ended well are told, the latest; a chat has dozens."""

_SYSTEMS = {"jira": "Jira", "servicenow": "ServiceNow"}


def explain(
    what: Explanation, *, zone: ZoneInfo | None = None, width: int = screen.WIDTH
) -> RenderableType:
    """The whole screen. Times are in `zone`, by default that of the calendar of the most urgent
    clock."""
    told = sorted(what.verdicts, key=_telling_order)
    zone = zone or zone_of(what.policies, what.verdicts)
    calendars = calendars_of(what.policies, what.verdicts)
    view = View(what.ticket, told, what.policies, calendars, what.now, zone, width, what.past)
    cycles = Counter((verdict.policy, title(verdict)) for verdict in told)
    shown, earlier = _without_earlier(told)
    parts: list[RenderableType] = [_title(view), *_standing(view, told), *_as_of(view, what)]
    for verdict in shown:
        several = cycles[verdict.policy, title(verdict)] > 1
        parts += [Text(), *clock_parts(view, verdict, several=several)]
    parts += [Text(), *map(Text, earlier)] if earlier else []
    if not told:
        parts += [Text(), *_no_clock(view)]
    parts += outlook_parts(view, shown, what.coming)
    if not what.past and what.in_force is None:
        parts += _in_the_ticket(view, told, what.written_at)
    return Group(*parts, *_next(view, told))


def _as_of(view: View, what: Explanation) -> Iterator[RenderableType]:
    """What the figures stand for, where that is not the present under the policies in force."""
    if what.known is not None:
        yield from known_parts(view, what.known)
    elif what.past:
        words = f"As of {view.full(view.now)}: what happened later is left out"
        yield Text(words, style="yellow")
    if what.record is not None:
        yield from record_parts(what.record, view.zone)
    if what.in_force is not None:
        yield from what_if_parts(view, what.in_force, view.verdicts)


def _telling_order(verdict: Verdict) -> tuple[int, float, int, str, int]:
    """The most urgent first; what is finished the latest first."""
    due = inf if verdict.due_at is None else verdict.due_at
    stopped = -(verdict.stopped_at or 0)
    return urgency(verdict), due, stopped, verdict.clock, -verdict.cycle


def _without_earlier(told: Sequence[Verdict]) -> tuple[list[Verdict], list[str]]:
    """The verdicts without the many cycles of a clock that are done, and a line about those."""
    shown: list[Verdict] = []
    left_out: dict[str, list[Verdict]] = {}
    for verdict in sorted(told, key=lambda v: -v.cycle):
        done = [v for v in shown if title(v) == title(verdict) and is_done(v)]
        if is_done(verdict) and len(done) >= DONE_CYCLES:
            left_out.setdefault(title(verdict), []).append(verdict)
        else:
            shown.append(verdict)
    lines = []
    for clock, cycles in left_out.items():
        longest = duration(max(verdict.elapsed for verdict in cycles))
        number = count(len(cycles), "earlier cycle")
        lines.append(f"{clock}  {number}, none missed, at most {longest}; all: --json")
    return sorted(shown, key=told.index), lines


def _title(view: View) -> Text:
    ticket = view.ticket
    room = view.width - len(ticket.ref.key) - len(ticket.url) - 4
    title = ticket.title
    if len(title) > room >= 20:
        title = f"{title[: room - 1].rstrip()}…"
    line = Text(ticket.ref.key, style="bold")
    gap = room - len(title) + 2
    url = f"{' ' * gap}{ticket.url}" if gap >= 2 else f"\n{ticket.url}"
    return line.append(f"  {title}{url if ticket.url else ''}", style="not bold")


def _standing(view: View, verdicts: Sequence[Verdict]) -> Iterator[RenderableType]:
    """What the ticket is as of now, and the calendars that its clocks count by."""
    said = standing(named(fields_of(view.policies, view.ticket, view.now), view.ticket))
    version = f"policies {view.policies.version}" if view.policies.version else ""
    zone = f"times in {to_datetime(view.now, view.zone).tzname()}"
    yield Text(" · ".join(filter(None, (said, version, zone))), style="dim")
    for name in dict.fromkeys(span.calendar for v in verdicts for span in v.spans[-1:]):
        calendar = view.calendars.get(name)
        if calendar is not None and calendar.describe() != name:
            yield Text(f"calendar {name}: {calendar.describe()}", style="dim")


def _no_clock(view: View) -> list[RenderableType]:
    lines = ["No policy promises anything to this ticket."]
    found = unmatched(view.policies, view.ticket, view.now)
    lines += [f"  {policy.name}{_at(policy)}: {why}" for policy, why in found]
    return [Text(line) for line in lines]


def _at(policy: Policy) -> str:
    return f" ({policy.where.file}:{policy.where.line})" if policy.where else ""


def _in_the_ticket(
    view: View, verdicts: Sequence[Verdict], written_at: Instant | None
) -> list[RenderableType]:
    shown = shown_fields(view.policies, view.ticket, verdicts, view.zone)
    if not shown:
        return []
    system = _SYSTEMS.get(view.ticket.system, view.ticket.system)
    told = {f: field_text(f.there, view.zone, view.now) for f in shown}
    if all(field.same for field in shown):
        written = f"  written {view.short(written_at)}" if written_at is not None else ""
        plain = [field for field in shown if field.there and field.kind != "summary"]
        same = "  ".join(f"{field.field} {told[field]} ✓" for field in plain) or "nothing ✓"
        return [Text(), Text(f"{system} shows the same: {same}{written}")]
    rows = [
        (field.field, f"{told[field]} → {field_text(field.wanted, view.zone, view.now)}")
        for field in shown
        if not field.same
    ]
    return [Text(), Text(f"{system} does not show this yet:"), screen.pairs(rows)]


def _next(view: View, verdicts: Sequence[Verdict]) -> list[RenderableType]:
    at = next((v.breached_at or v.started_at for v in verdicts), None)
    if at is None:
        return []
    iso = to_datetime(at, view.zone).isoformat(timespec="minutes")
    words = f"What if?  sla explain {view.ticket.ref.key} --policy DRAFT  or  --at {iso}"
    return [Text(), Text(words, style="dim")]
