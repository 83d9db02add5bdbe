"""The words that we write into tickets: facts that change only when something happened.

Whatever stands in a field holds instants and frozen figures, never a countdown, so that looking
again leaves no trace. Comments are said once and may tell what was left at that moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sla_engine.deadlines import DEADLINE
from sla_engine.model import At, FieldValue, Verdict
from sla_engine.pause_cap import STEP
from sla_engine.units import MINUTE, Instant, Millis
from sla_engine.words import (
    SILENT,
    STATUS,
    duration,
    foremost,
    instant,
    is_at_risk,
    is_missed,
    is_open,
    label,
    over,
    title,
    urgency,
    verdict_word,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from sla_engine.terms import Policy, Published

SUMMARY_LENGTH = 120
PAUSE_CAP = STEP.name

_NEXT = {
    "acknowledge": "Next: assign it to a person.",
    "first_response": "Next: answer with a public comment.",
    "next_response": "Next: answer with a public comment.",
    "update": "Next: write a public update.",
    "resolution": "Next: resolve it, or set a waiting status if it waits for the customer.",
}


def status_word(verdicts: Iterable[Verdict]) -> str:
    """The most urgent word over the foremost clocks; what is finished has a say only when nothing
    is open.

    "" where nothing is promised or nothing is known.
    """
    return STATUS[min(map(urgency, foremost(verdicts)), default=SILENT)]


def due(verdicts: Iterable[Verdict]) -> Instant | None:
    """The earliest deadline of the foremost clocks that run, even if it has passed; None if none
    runs."""
    going = (
        v
        for v in foremost(verdicts)
        if is_open(v) and (v.phase == "running" or v.state == "paused")
    )
    deadlines = (v.due_at for v in going)  # what waits for somebody has none
    return min((at for at in deadlines if at is not None), default=None)


def missed(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """The clocks that finished over their limit in any cycle, as labels: `first-response`,
    `ola-ownership-network`."""
    return tuple(sorted({label(v) for v in verdicts if is_missed(v)}))


def summary_line(verdicts: Iterable[Verdict], zone: ZoneInfo) -> str:
    """One line for people, what customers are promised first and of that the most urgent clock, at
    most 120 characters, without a countdown.

    `Resolution paused (Waiting for customer), 3 h 05 min left · First response met in 12 min`
    """
    latest = {_which(v): v for v in sorted(verdicts, key=lambda v: (v.clock, v.cycle))}
    told = sorted((v for v in latest.values() if urgency(v) < SILENT), key=_telling_order)
    line = ""
    for phrase in [_phrase(v, zone) for v in told] or _why_unknown(latest.values()):
        longer = f"{line} · {phrase}" if line else phrase[:SUMMARY_LENGTH]
        if len(longer) > SUMMARY_LENGTH:
            break
        line = longer
    return line


def _which(verdict: Verdict) -> tuple[str, str]:
    """What is one promise to people: a customer's may pass from policy to policy."""
    return title(verdict), "" if verdict.type == "sla" else verdict.policy


def _telling_order(verdict: Verdict) -> tuple[bool, int, int, int, str]:
    beside = verdict.type != "sla"
    return beside, urgency(verdict), verdict.due_at or 0, -(verdict.stopped_at or 0), verdict.clock


def _why_unknown(verdicts: Iterable[Verdict]) -> list[str]:
    unknown = [v for v in verdicts if v.state == "unknown"]
    return [f"SLA unknown: {v.reason or 'the history has holes'}" for v in unknown[:1]]


def _phrase(verdict: Verdict, zone: ZoneInfo) -> str:
    name = title(verdict)
    match verdict_word(verdict):
        case "Breached" if verdict.phase == "paused":
            return f"{name} breached{over(verdict)}, paused{_pause_reason(verdict)}"
        case "Breached":
            return f"{name} breached, was due {_was_due(verdict, zone)}{_target(verdict)}"
        case "At risk" | "On track":
            when = f"due {instant(verdict.due_at, zone)}" if verdict.due_at else "has no due date"
            return f"{name} {when}{_target(verdict)}"
        case "Paused":
            left = duration(verdict.left or Millis(0))
            return f"{name} paused{_pause_reason(verdict)}, {left} left"
        case "Missed":
            return f"{name} missed{over(verdict)}, was due {_was_due(verdict, zone)}"
        case _:
            return f"{name} met {_how_soon(verdict.elapsed)}"


def _how_soon(elapsed: Millis) -> str:
    return "at once" if elapsed < MINUTE else f"in {duration(elapsed)}"


def _target(verdict: Verdict) -> str:
    if verdict.limit is None or DEADLINE in verdict.flags:
        return ""
    return f" · target {duration(verdict.limit)}"


def _was_due(verdict: Verdict, zone: ZoneInfo) -> str:
    at = verdict.due_at or verdict.breached_at
    return instant(at, zone) if at is not None else "earlier"


def _pause_reason(verdict: Verdict) -> str:
    reason = verdict.spans[-1].reason if verdict.spans else ""
    return f" ({reason[:40]})" if reason else ""


def published(kind: Published, verdicts: Sequence[Verdict], zone: ZoneInfo) -> FieldValue:
    """What a field shows that publishes this figure; None empties it."""
    match kind:
        case "due":
            return _at(due(verdicts))
        case "state":
            return status_word(verdicts) or None
        case "summary":
            return summary_line(verdicts, zone) or None
        case "missed":
            return missed(verdicts) or None
        case "policy":
            return ", ".join(sorted({v.policy for v in verdicts if urgency(v) < SILENT})) or None
        case "breached_at":
            return _at(
                min((v.breached_at for v in foremost(verdicts) if v.breached_at), default=None)
            )


def _at(at: Instant | None) -> FieldValue:
    return None if at is None else At(at)


def comment_lines(
    verdict: Verdict,
    step_name: str,
    policy: Policy,
    zone: ZoneInfo,
    told: Sequence[str],
    attention: Sequence[str] = (),
) -> tuple[str, ...]:
    """The body of the one comment of a step, as things stand when it is written.

    The first line bears the state in brackets: a step that comes late tells the truth of now.
    `told` are those to whom a message goes; `attention` those whom nothing but this comment tells.
    """
    lines = [_comment_head(verdict, step_name, zone)]
    if policy.describe:
        lines.append(f"Promise: {policy.describe.rstrip('.')} ({policy.name}).")
    if told:
        names = ", ".join(map(_channel_name, told))
        warned = is_at_risk(verdict) or step_name == PAUSE_CAP
        lines.append(f"{'Told' if warned else 'Escalated to'}: {names}.")
    if attention:
        lines.append(f"For the attention of: {', '.join(map(_channel_name, attention))}.")
    if is_open(verdict) and (hint := _NEXT.get(verdict.clock)):
        lines.append(hint)
    return tuple(lines)


def _comment_head(verdict: Verdict, step_name: str, zone: ZoneInfo) -> str:
    name, limit = title(verdict), verdict.limit or Millis(0)
    left, used = verdict.left or Millis(0), duration(verdict.elapsed)
    if verdict.state == "breached":
        tag = "Missed" if is_missed(verdict) else "Breached"
        was_due = _was_due(verdict, zone)
        return f"[{tag}] {name} was due {was_due}; {used} used of {duration(limit)}."
    if verdict.stopped_at is not None:
        return f"[Met] {name} done in {used} of {duration(limit)}."
    when = f", due {instant(verdict.due_at, zone)}" if verdict.due_at else ", paused"
    aim = ""
    if verdict.aim is not None and step_name.startswith("aim"):
        aim = f" The aim of {duration(verdict.aim)} is passed."
    share = f"{verdict.elapsed * 100 // limit} % of {duration(limit)}" if limit else used
    if step_name == PAUSE_CAP:
        said = "The longest agreed pause is used up, the clock runs again"
        return f"[Pause over] {name}: {duration(left)} left{when} ({share} used). {said}."
    return f"[At risk] {name}: {duration(left)} left{when} ({share} used).{aim}"


def _channel_name(name: str) -> str:
    """`slack:#payments` as `#payments`, `team_lead` as `team lead`."""
    return name.partition(":")[2] or name.replace("_", " ")


def comment_detail(verdict: Verdict, zone: ZoneInfo) -> tuple[str, ...]:
    """The segments behind a figure, a line each: what folds away under a comment."""
    total, lines = Millis(0), []
    for span in verdict.spans:
        total = Millis(total + span.counted)
        end = "" if span.end == span.start else f" → {instant(span.end, zone)}"
        cause = f" ({span.cause})" if span.cause not in ("", span.reason) else ""
        lines.append(
            f"{instant(span.start, zone)}{end} · {span.phase} · {duration(span.counted)}"
            f" · total {duration(total)} · {span.reason or span.cause}{cause}"
        )
    return tuple(lines)
