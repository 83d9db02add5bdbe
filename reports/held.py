"""What holds writing back, and which tickets fail: why, since when, what ends it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
from rich.text import Text

from reports import screen
from reports.json_values import JsonValue, iso
from reports.words import count, moment, number
from sla_engine.units import Instant

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from rich.console import RenderableType

SHOWN = 10
"""Failing tickets named on the screen; --json names all."""

MENDS = {
    "halted": "sla resume, once it is well again",
    "restored": "wait: the next complete pass ends it",
    "approval": "look at it with sla plan, then sla approve {plan}; or undo the change",
    "limits": "look at it with sla plan, then raise the limit or run with --force",
    "clock": "let this machine and the system keep time by NTP; sla doctor compares",
    "breaker": "mend the cause (sla doctor, sla explain TICKET), then sla resume",
    "fields": "sla doctor names what is wrong; sla retry tries some tickets, and all others follow",
    "brakes": "look at sla plan; what waits is done when there is room again",
}
"""What ends it, by reason."""


class Holding(msgspec.Struct, frozen=True):
    """One thing that holds writing back; `connection` is "" where it is everything. `by` whom, as
    far as that is known; `plan` what waits for approval."""

    connection: str
    reason: str
    why: str
    since: Instant
    by: str = ""
    plan: str = ""

    @property
    def mend(self) -> str:
        """What ends it."""
        return MENDS[self.reason].format(plan=self.plan)


class Failing(msgspec.Struct, frozen=True):
    """One ticket that fails as it is read, judged or written (`stage`)."""

    connection: str
    key: str
    stage: str
    why: str
    since: Instant
    tries: int
    next_at: Instant
    quarantined: bool

    @property
    def done(self) -> str:
        """What cannot be done with it: it fails to be `judged`."""
        return {"judge": "judged", "write": "written"}.get(self.stage, self.stage)


def next_text(one: Failing, zone: ZoneInfo, now: Instant) -> str:
    """When it is tried again."""
    return "next pass" if one.next_at <= now else moment(one.next_at, zone, now)


def render_held(
    holding: Sequence[Holding], failing: Sequence[Failing], *, now: Instant, zone: ZoneInfo
) -> Iterator[RenderableType]:
    """Nothing where all is well."""
    if holding:
        yield from (Text(), Text("Writing is held back", style="yellow"))
        for one in holding:
            by = f" by {one.by}" if one.by else ""
            said = [
                (one.connection or "everything", one.why),
                ("  since", f"{moment(one.since, zone, now)}{by}"),
                ("  fix", one.mend),
            ]
            yield screen.pairs(said)
    if failing:
        yield from (Text(), Text(failing_text(failing), style="yellow"))
        yield screen.indented(_table(failing, now, zone))


def failing_text(failing: Sequence[Failing]) -> str:
    """How many, and what to do."""
    aside = sum(one.quarantined for one in failing)
    said = f"{count(len(failing), 'ticket fails', 'tickets fail')}, and the others go on"
    more = f"; {number(aside)} in quarantine, tried once a day" if aside else ""
    return f"{said}{more} · at once: sla retry"


def _table(failing: Sequence[Failing], now: Instant, zone: ZoneInfo) -> RenderableType:
    table = screen.table(
        ("Ticket", "left"),
        ("Fails to be", "left"),
        ("Since", "left"),
        ("Tries", "right"),
        ("Next try", "left"),
        ("Why", "left"),
    )
    for one in failing[:SHOWN]:
        table.add_row(
            one.key,
            one.done,
            moment(one.since, zone, now),
            number(one.tries),
            next_text(one, zone, now),
            one.why,
        )
    if len(failing) > SHOWN:
        table.add_row("…", *[""] * 4, f"and {number(len(failing) - SHOWN)} more; all: --json")
    return table


def held_json(holding: Sequence[Holding], failing: Sequence[Failing]) -> dict[str, JsonValue]:
    """The same for machines; `connection` is null where it is everything."""
    return {
        "held": [
            {
                "connection": one.connection or None,
                "reason": one.reason,
                "why": one.why,
                "since": iso(one.since),
                "by": one.by or None,
                "plan": one.plan or None,
                "fix": one.mend,
            }
            for one in holding
        ],
        "failing": [
            {
                "connection": one.connection,
                "ticket": one.key,
                "stage": one.stage,
                "why": one.why,
                "since": iso(one.since),
                "tries": one.tries,
                "next_at": iso(one.next_at),
                "quarantined": one.quarantined,
            }
            for one in failing
        ],
    }
