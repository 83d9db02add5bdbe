"""A ticket's promises as its customer may see them: what was promised, and how it was kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from reports.customer_stretches import Stretch, shortened, stretches_of
from reports.customer_words import role
from reports.explanation import Explanation
from reports.ledger import Row, calendars_of
from reports.uncounted import uncounted
from reports.words import count, date_moment
from sla_engine.deadlines import DEADLINE
from sla_engine.plan import zone_of
from sla_engine.units import Instant, Millis, to_datetime
from sla_engine.words import duration, title, urgency

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sla_engine.calendars import Calendar
    from sla_engine.model import Verdict

MOST_DRAWN = 2
MOST_PROMISES = 4
"""More would not fit on one page: promises beyond MOST_DRAWN are told without their stretches, and
how many are left out altogether is said."""

_PROMISED = ("running", "paused", "met", "tolerated", "breached", "excused", "unknown")


class Promise(msgspec.Struct, frozen=True):
    """One promise: a `limit` or, without one, a deadline, `due`. `tone` is good, bad or open;
    `ended` is when and how it was done. `rows` are drawn, `stretches` written; one without is told
    by its figures alone."""

    name: str
    tone: str
    outcome: str
    limit: str
    used: str
    due: str
    ended: str = ""
    rows: tuple[Row, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    notes: tuple[str, ...] = ()


class CustomerPage(msgspec.Struct, frozen=True):
    """All that the page may say; nothing else of the ticket reaches it."""

    key: str
    title: str
    received: str
    as_of: str
    zone: ZoneInfo
    hours: tuple[str, ...]
    version: str
    promises: tuple[Promise, ...]
    left_out: str


def customer_page(what: Explanation) -> CustomerPage:
    """Agreements between teams and with suppliers are no customer's business, nor are aims,
    ladders and clocks without a promise."""
    ticket, policies, now = what.ticket, what.policies, what.now
    ours = [v for v in what.verdicts if v.state in _PROMISED and v.type == "sla"]
    told = sorted(ours, key=lambda v: (urgency(v), v.started_at or 0))
    zone = zone_of(policies, told)
    calendars = calendars_of(policies)
    names = dict.fromkeys(span.calendar for v in told for span in v.spans[-1:])
    left_out = len(told) - MOST_PROMISES
    return CustomerPage(
        key=ticket.ref.key,
        title=ticket.title,
        received=_full(ticket.created_at, zone),
        as_of=_full(now, zone),
        zone=zone,
        hours=tuple(_hours(calendars[name]) for name in names if name in calendars),
        version=_judged_under(what),
        promises=tuple(_page_of(what, told[:MOST_PROMISES], zone)),
        left_out=count(left_out, "more promise") if left_out > 0 else "",
    )


def _judged_under(what: Explanation) -> str:
    """Finished promises that stand were judged under the policies of then."""
    stands = what.record.stands if what.record else ()
    return " and ".join(dict.fromkeys([*(one.version for one in stands), what.policies.version]))


def _hours(calendar: Calendar) -> str:
    said = calendar.describe()
    return "around the clock" if said == "24x7" else said


def _page_of(what: Explanation, verdicts: Sequence[Verdict], zone: ZoneInfo) -> Iterator[Promise]:
    """The promises in order; the first that are not simply kept are drawn."""
    drawn = 0
    for verdict in verdicts:
        stretches = stretches_of(what, verdict, zone)
        simple = verdict.stopped_at is not None and len(stretches) <= 2
        kept = simple and verdict.state != "breached"
        draws = bool(stretches) and not kept and drawn < MOST_DRAWN
        drawn += draws
        yield _promise(what, verdict, stretches, zone, draws=draws)


def _promise(
    what: Explanation,
    verdict: Verdict,
    stretches: Sequence[Stretch],
    zone: ZoneInfo,
    *,
    draws: bool,
) -> Promise:
    tone, outcome = _outcome(verdict)
    name = title(verdict) + (f" #{verdict.cycle}" if verdict.cycle > 1 else "")
    if verdict.limit is None or not stretches:
        return Promise(name, tone, outcome, "", "", "")
    at = verdict.due_at or verdict.breached_at
    last = stretches[-1]
    return Promise(
        name,
        tone,
        outcome,
        limit="" if DEADLINE in verdict.flags else duration(verdict.limit),
        used=duration(verdict.elapsed),
        due=date_moment(at, zone) if at is not None else "",
        ended=f"{last.start}, {last.because}" if last.row.kind == "end" and not draws else "",
        rows=tuple(line.row for line in stretches) if draws else (),
        stretches=shortened(stretches, zone) if draws else (),
        notes=tuple(_notes(what, verdict, zone)),
    )


def _outcome(verdict: Verdict) -> tuple[str, str]:
    left = verdict.left or Millis(0)
    late = f" by {duration(Millis(-left))}" if left < 0 else ""
    match verdict.state:
        case "met" | "tolerated":
            return "good", "Kept"
        case "breached" if verdict.stopped_at is not None:
            return "bad", f"Missed{late}"
        case "breached":
            return "bad", f"Overdue{late}"
        case "excused":
            return "open", "Excused"
        case "unknown":
            return "open", "Not measured: the history is incomplete"
        case "paused":
            return "open", f"Paused, {duration(left)} left"
        case _:
            return "open", f"Running, {duration(left)} left"


def _notes(what: Explanation, verdict: Verdict, zone: ZoneInfo) -> list[str]:
    """Public messages that were no answer: the customer saw them and may wonder."""
    seen = [
        (one.event.at, role(what.policies, what.ticket, one.event.actor))
        for one in uncounted(what.policies, what.ticket, what.verdicts, verdict, what.now)
        if one.event.field == "comment" and one.event.new == "public"
    ]
    return [
        f"{date_moment(at, zone)}: a message from {who} does not count as an answer"
        for at, who in seen[:3]
    ]


def _full(at: Instant, zone: ZoneInfo) -> str:
    local = to_datetime(at, zone)
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M} {local.tzname()}"
