"""Why less was written to a connection than its tickets ask for: by reason, and since when.

Each pass notes what holds it back, so that `sla status` and an alert can tell of it at any time.
What was halted by hand is not noted: the file that halts is asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, get_args

import msgspec
from sqlalchemy import bindparam, select, update

from service.state.bars import bars
from service.state.schema import CONNECTIONS
from sla_engine.units import Instant

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.delivery.outcome import SourceReport

_OF = CONNECTIONS.c.name == bindparam("of")
_NOTE = update(CONNECTIONS).where(_OF).values(withheld=bindparam("said"))
_NOTED = select(CONNECTIONS.c.withheld).where(_OF)

Reason = Literal["limits", "approval", "clock", "restored", "brakes", "breaker", "fields"]
"""limits of one pass; changed policies that wait for a person's word; clocks that are apart; a
store that was brought back. The others let all else through: too much for now; what is refused
or undone again and again; fields that tickets refuse."""

REASONS: tuple[Reason, ...] = get_args(Reason)


class Withheld(msgspec.Struct, frozen=True):
    """One reason, in words, and since when. `plan` is the name of what waits for approval."""

    reason: Reason
    why: str
    since: Instant
    plan: str = ""


def reasons(report: SourceReport) -> Iterator[tuple[Reason, str]]:
    """What held a pass back."""
    if report.behind is not None:
        yield "restored", "the state was brought back: its tickets are read anew first"
    if report.clock_fault:
        yield "clock", report.clock_fault
    if report.refused:
        yield "approval" if report.held else "limits", report.refused
    for why, _ in report.braked:
        yield "brakes", why
    for why, _ in report.broken:
        yield "breaker", why
    for why, _ in report.barred:
        yield "fields", why


def noting(db: Connection, report: SourceReport, now: Instant) -> SourceReport:
    """The report with all that holds back, noted instead of what the pass before did. What lasts
    keeps its beginning; a pass that failed says nothing of it."""
    if report.error is not None:
        return report
    barred = dict.fromkeys(bars(db, report.name).words, 0) | dict(report.barred)
    report = msgspec.structs.replace(report, barred=tuple(sorted(barred.items())))
    before = noted(db, report.name)
    since = {one.reason: one.since for one in before}
    holding = [
        Withheld(reason, why, since.get(reason, now), report.held if reason == "approval" else "")
        for reason, why in reasons(report)
    ]
    if holding != before:
        said = json.dumps(msgspec.to_builtins(holding)) if holding else ""
        db.execute(_NOTE, {"of": report.name, "said": said})
    return report


def noted(db: Connection, connection: str) -> list[Withheld]:
    """What held the last pass back."""
    said = db.execute(_NOTED, {"of": connection}).scalar()
    return msgspec.json.decode(said or "[]", type=list[Withheld])
