"""One clock of `explain`: headline, the line of the policy that chose it, timeline, ledger."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from reports import screen
from reports.explain_view import View
from reports.ledger import Kind, Row, closed_hours, folded, ledger
from reports.timeline import BLOCKS, LEGEND, timeline
from reports.uncounted import uncounted
from reports.words import cell, state_of
from sla_engine.deadlines import DEADLINE, words
from sla_engine.exceptions import EXCEPTION
from sla_engine.model import Verdict
from sla_engine.reasons import chosen_target, told_of
from sla_engine.second_looks import second_looks
from sla_engine.units import Duration, Millis
from sla_engine.words import duration, over, title

STYLES: dict[Kind, str] = {
    "running": "green",
    "over": "bold red",
    "closed": "dim",
    "paused": "cyan",
    "stopped": "dim",
    "end": "",
}


_FLAGS = {
    "instant": "done in the instant it started",
    "by_resolution": "nobody answered; the resolution ended it",
    "unknown_zone": "the requester's time zone is not known; the calendar's own holds",
    "pause_capped": "the longest agreed pause is used up: it runs whatever the ticket waits for",
    "merged": "it counts from the start of a ticket that was merged into this one",
    "silent_pause": "paused without a public word to the customer",
    "replied_pending": "the customer had replied while the ticket still said that it waits",
    "late_downgrade": "the limit was made longer when it was nearly used up",
    "flap": "closed and reopened again and again",
    "migrated": "brought over from another system",
    "skew": "clocks disagree: entries dated ahead wait for their time, near ones are one moment",
    "before_start": "entries dated before the ticket count as of its creation",
}


_TOLD = (EXCEPTION, DEADLINE, "unknown_actor")
"""Flags of which the screen tells elsewhere: in a line of their own, or as what did not count."""


def clock_parts(view: View, verdict: Verdict, *, several: bool) -> list[RenderableType]:
    """The lines of one cycle; `several` that the clock has more than this one."""
    ticket = told_of(view.policies, verdict, view.ticket)
    rows = ledger(ticket, verdict, view.calendars)
    brief = is_done(verdict) and (len(rows) <= 2 or verdict.limit is None)
    parts: list[RenderableType] = [_headline(view, verdict, rows if brief else (), several)]
    if rows and not brief:
        parts += _chosen(view, verdict)
    parts += _granted(verdict)
    if rows and not brief:
        parts += _timeline(view, rows)
        parts += [Text(), screen.indented(_table(view, folded(rows)))]
    parts += _uncounted(view, verdict)
    flags = second_looks(view.policies, view.ticket, verdict, None if view.past else view.now)
    notes = [flag_text(flag) for flag in flags if flag not in _TOLD]
    parts += [screen.indented(Text(f"note: {note}")) for note in notes]
    return parts


def flag_text(flag: str) -> str:
    """What a flag of a verdict means."""
    return _FLAGS.get(flag, flag.replace("_", " "))


def is_done(verdict: Verdict) -> bool:
    """Whether the cycle is over and nothing is wrong with it."""
    return verdict.stopped_at is not None and verdict.state != "breached"


def _headline(view: View, verdict: Verdict, end: Sequence[Row], several: bool) -> Text:
    name = title(verdict) + (f" #{verdict.cycle}" if several else "")
    state = state_of(verdict, closed_hours(view.calendars, view.now))
    line = Text(name, style="bold")
    if verdict.state == "unknown":
        return line.append(f"  {state}: {verdict.reason}", style=state.style)
    target = "" if verdict.limit is None else f"{_target(verdict)} · "
    line.append(f"  {target}used {duration(verdict.elapsed)} · ", style="not bold")
    line.append(f"{state}{_by(verdict)}", style=state.style or "not bold")
    for said in (_due(view, verdict), *(_ending(view, row) for row in end if row.kind == "end")):
        line.append(f" · {said}" if said else "", style="not bold")
    return line


def _granted(verdict: Verdict) -> list[RenderableType]:
    """What is granted to the ticket, unless the headline tells it."""
    told = EXCEPTION in verdict.flags and verdict.state not in ("excused", "cancelled")
    return [Text(f"{EXCEPTION}: {verdict.reason}")] if told else []


def _target(verdict: Verdict) -> str:
    if DEADLINE in verdict.flags:
        return "deadline"
    limit = duration(verdict.limit or Millis(0))
    return (
        f"target {limit}" if verdict.aim is None else f"aim {duration(verdict.aim)}, limit {limit}"
    )


def _by(verdict: Verdict) -> str:
    if verdict.state == "breached":
        return over(verdict)
    if verdict.state in ("running", "paused") and verdict.left is not None:
        return f", {duration(verdict.left)} left"
    told = verdict.state == "excused" or verdict.stopped_at is None
    return f" ({verdict.reason})" if verdict.reason and told else ""


def _due(view: View, verdict: Verdict) -> str:
    if verdict.state in ("breached", "excused"):
        at = verdict.due_at or verdict.breached_at
        return f"was due {view.full(at)}" if at is not None else ""
    return f"due {view.full(verdict.due_at)}" if verdict.due_at is not None else ""


def _ending(view: View, row: Row) -> str:
    """What ended it, shortly: a comment is named by its evidence alone."""
    what = "" if row.because.endswith(" comment") and row.evidence else row.because
    return ", ".join(filter(None, (what, row.evidence, view.short(row.start))))


def _chosen(view: View, verdict: Verdict) -> list[RenderableType]:
    chosen = chosen_target(view.policies, view.ticket, verdict, view.now)
    if chosen is None:
        return [Text(f"policy {verdict.policy}", style="dim")]
    where = f" ({chosen.where.file}:{chosen.where.line})" if chosen.where else ""
    if chosen.target is None:
        return [Text(f"policy {verdict.policy}{where} has no row for {chosen.values}")]
    because = f" because {chosen.values}" if chosen.because else ""
    days = _days(chosen.target.limit)
    if chosen.target.due is not None:
        days = f", due {words(chosen.target.due)}"
    return [Text(f"policy {verdict.policy}{where}{because}{days}")]


def _days(limit: Duration | None) -> str:
    """Says that a target was written in business days, which hours alone would hide."""
    return (
        f", {limit.business_days} business days"
        if limit and limit.business_days > 1
        else (", 1 business day" if limit and limit.business_days else "")
    )


def _timeline(view: View, rows: Sequence[Row]) -> list[RenderableType]:
    ending = _last(view, rows)
    bar = timeline(rows, max(20, view.width - 8 - len(ending)), view.zone)
    if len(bar.blocks) < 2:
        return []
    blocks = Text("  ")
    for kind, size in bar.blocks:
        blocks.append(BLOCKS[kind] * size, style=STYLES[kind])
    blocks.append(f"▏{ending}")
    legend = "  ".join(f"{BLOCKS[kind]} {LEGEND[kind]}" for kind in bar.kinds)
    return [Text(), Text(f"  {bar.scale}"), blocks, Text(f"  {legend}", style="dim")]


def _last(view: View, rows: Sequence[Row]) -> str:
    last = rows[-1]
    return (
        f" {view.short(last.end)} {last.because.partition(' · ')[0]}"
        if last.kind == "end"
        else f" {view.now_word}"
    )


def _table(view: View, rows: Sequence[Row]) -> Table:
    table = screen.table(
        ("From", "left"),
        ("To", "left"),
        ("Clock", "left"),
        ("Counted", "right"),
        ("Total", "right"),
        ("Because", "left"),
    )
    table.padding = (0, 1, 0, 0)
    shown = [row for row in rows if row.end > row.start or row.kind == "end" or row.evidence]
    before = Millis(0)
    for row, (start, end) in zip(shown, view.stamps(shown), strict=True):
        kind = Text(
            f"{BLOCKS[row.kind]} {row.kind}" if row.kind in BLOCKS else "end", STYLES[row.kind]
        )
        between = " " if row.evidence.startswith("by ") else "  "
        because = between.join(filter(None, (row.because, row.evidence)))
        table.add_row(start, end, kind, _counted(row, before), cell(row.total), because)
        before = row.total
    return table


def _counted(row: Row, before: Millis) -> str:
    """To the minute such that the column adds up to the totals beside it."""
    if row.kind == "end":
        return ""
    if 0 < row.counted < 60_000:
        return cell(row.counted)
    return cell(Millis(row.total // 60_000 * 60_000 - before // 60_000 * 60_000))


def _uncounted(view: View, verdict: Verdict) -> list[RenderableType]:
    found = uncounted(view.policies, view.ticket, view.verdicts, verdict, view.now)
    if not found:
        return []
    more = f" and {len(found) - 6} more" if len(found) > 6 else ""
    return [screen.indented(Text(f"not counted: {', '.join(map(str, found[:6]))}{more}"))]
