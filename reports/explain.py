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
from reports.knowledge import Known, known_parts
from reports.ledger import calendars_of
from reports.outlook_text import outlook_parts
from reports.shown import shown_fields
from reports.what_if import InForce, what_if_parts
from reports.words import count, field_text, fields_of, named, standing
from sla_engine.model import Ticket, Verdict
from sla_engine.outlook import Coming
from sla_engine.plan import zone_of
from sla_engine.reasons import unmatched
from sla_engine.units import Instant, to_datetime
from sla_engine.words import duration, title, urgency

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sla_engine.terms import Policies, Policy

DONE_CYCLES = 2
"""So many cycles of one clock that ended well are told, the latest; a chat has dozens."""

_SYSTEMS = {"jira": "Jira", "servicenow": "ServiceNow"}


def explain(
    ticket: Ticket,
    verdicts: Sequence[Verdict],
    policies: Policies,
    *,
    now: Instant,
    zone: ZoneInfo | None = None,
    width: int = screen.WIDTH,
    past: bool = False,
    written_at: Instant | None = None,
    coming: Sequence[Coming] = (),
    in_force: InForce | None = None,
    known: Known | None = None,
) -> RenderableType:
    """The whole screen. `now` is the instant of the verdicts; `past` says that it is not the
    present (`--at`), so that the ticket's fields cannot be compared with it. Times are in `zone`,
    by default that of the calendar of the most urgent clock. With `in_force` the policies are a
    draft, and this is what it is compared with; with `known` the ticket is as it was known then."""
    told = sorted(verdicts, key=_telling_order)
    calendars = calendars_of(policies)
    zone = zone or zone_of(policies, verdicts)
    view = View(ticket, told, policies, calendars, now, zone, width, past)
    cycles = Counter((verdict.policy, title(verdict)) for verdict in told)
    parts: list[RenderableType] = [_title(view), *_standing(view, told)]
    if known is not None:
        parts += known_parts(view, known)
    elif past:
        words = f"As of {view.full(now)}: what happened later is left out"
        parts.append(Text(words, style="yellow"))
    if in_force is not None:
        parts += what_if_parts(view, in_force, told)
    shown, earlier = _without_earlier(told)
    for verdict in shown:
        parts += [
            Text(),
            *clock_parts(view, verdict, several=cycles[verdict.policy, title(verdict)] > 1),
        ]
    parts += [Text(), *map(Text, earlier)] if earlier else []
    if not told:
        parts += [Text(), *_no_clock(view)]
    parts += outlook_parts(view, shown, coming)
    if not past and in_force is None:
        parts += _in_the_ticket(view, verdicts, written_at)
    return Group(*parts, *_next(view, told))


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
