"""How everything stands as a page, with the button that stops all writing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reports.held import SHOWN, Failing, Holding, failing_text, next_text
from reports.pages import environment
from reports.screen import harmless
from reports.status import Source, age_text, count_lines, fresh, last_text, tail_text
from reports.words import count, moment, number
from sla_engine.units import Instant
from sla_engine.words import duration

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

HEADS = (
    ("Connection", ""), ("Data age", "number"), ("Limit", "number"), ("Last sync", ""),
    ("Tickets", "number"), ("Backlog", "number"), ("Writes today", "number"), ("Mode", ""),
)  # fmt: skip


def status_page(
    sources: Sequence[Source],
    holding: Sequence[Holding],
    failing: Sequence[Failing],
    *,
    now: Instant,
    zone: ZoneInfo,
    policies: str,
    clocks: int,
    who: str,
) -> str:
    """The same as `sla status` shows. `who` is signed in; "" by the token."""
    facts = f"Policies {policies} · {count(clocks, 'clock')} open · {tail_text(sources, now)}"
    return (
        environment()
        .get_template("status.html")
        .render(
            at=moment(now, zone, now),
            who=harmless(who),
            facts=facts,
            counts=[harmless(line) for line in count_lines(sources, now)],
            halted=any(one.reason == "halted" for one in holding),
            heads=HEADS,
            rows=[_row(one, now, zone) for one in sources],
            holding=[_held(one, now, zone) for one in holding],
            failing=failing_text(failing) if failing else "",
            tickets=[_ticket(one, now, zone) for one in failing[:SHOWN]],
            more=max(0, len(failing) - SHOWN),
        )
    )


def _row(one: Source, now: Instant, zone: ZoneInfo) -> tuple[str, Sequence[str]]:
    """Its level, and a cell for each of `HEADS`."""
    level = "critical" if not fresh(one, now) else "warning" if one.failure else "ok"
    return level, (
        harmless(one.name),
        age_text(one, now),
        duration(one.limit),
        harmless(last_text(one, zone)),
        number(one.tickets),
        number(one.backlog),
        number(one.writes_today),
        one.mode,
    )


def _held(one: Holding, now: Instant, zone: ZoneInfo) -> dict[str, str]:
    since = moment(one.since, zone, now)
    return {
        "what": harmless(one.connection) or "everything",
        "why": harmless(one.why),
        "since": f"{since} by {harmless(one.by)}" if one.by else since,
        "fix": one.mend,
    }


def _ticket(one: Failing, now: Instant, zone: ZoneInfo) -> Sequence[str]:
    since, again = moment(one.since, zone, now), next_text(one, zone, now)
    return (harmless(one.key), one.done, since, number(one.tries), again, harmless(one.why))
