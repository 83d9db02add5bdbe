"""The stretches of a promise as its customer may see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from reports.customer_words import because
from reports.explanation import Explanation
from reports.ledger import Row, calendars_of, folded, ledger
from reports.words import count, date_moment
from sla_engine.deadlines import DEADLINE
from sla_engine.reasons import told_of
from sla_engine.units import MINUTE, Millis
from sla_engine.words import duration

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sla_engine.model import Verdict

MOST = 7
"""More lines would not fit on one page with what else stands there."""

KINDS = {
    "running": "counted",
    "over": "over the promise",
    "closed": "outside hours",
    "paused": "paused",
    "stopped": "closed",
    "end": "",
}


class Stretch(msgspec.Struct, frozen=True):
    """One line of the table; `row` is what the picture draws."""

    row: Row
    start: str
    end: str
    kind: str
    counted: str
    total: str
    because: str


def stretches_of(what: Explanation, verdict: Verdict, zone: ZoneInfo) -> list[Stretch]:
    """All of them, counted to the minute such that they add up to the totals beside them."""
    ticket = told_of(what.policies, verdict, what.ticket)
    rows = folded(ledger(ticket, verdict, calendars_of(what.policies)))
    found: list[Stretch] = []
    before = 0
    limit = None if DEADLINE in verdict.flags else verdict.limit
    for row in rows:
        if row.end > row.start or row.kind == "end":
            why = because(what.policies, ticket, row, limit)
            counted = row.total // MINUTE - before
            found.append(_stretch(row, Millis(counted * MINUTE), why, zone))
            before = row.total // MINUTE
    return found


def _stretch(row: Row, counted: Millis, why: str, zone: ZoneInfo) -> Stretch:
    return Stretch(
        row,
        date_moment(row.start, zone),
        "" if row.kind == "end" else date_moment(row.end, zone),
        KINDS[row.kind],
        duration(counted) if counted else "",
        duration(row.total),
        why,
    )


def shortened(lines: Sequence[Stretch], zone: ZoneInfo) -> tuple[Stretch, ...]:
    """The first and the last stretches, those between as one."""
    if len(lines) <= MOST:
        return tuple(lines)
    half = MOST // 2
    between = [line.row for line in lines[half : len(lines) - half]]
    counted = Millis(sum(row.counted for row in between))
    row = msgspec.structs.replace(between[0], end=between[-1].end, counted=counted)
    row = msgspec.structs.replace(row, total=between[-1].total)
    said = f"{count(len(between), 'stretch', 'stretches')} in between"
    middle = _stretch(row, counted, said, zone)
    return (*lines[:half], msgspec.structs.replace(middle, kind=""), *lines[-half:])
