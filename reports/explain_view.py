"""What all parts of one `explain` screen share: the ticket, the policies, the zone, the width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from reports.words import date_moment, moment
from sla_engine.calendars import Calendar
from sla_engine.model import Ticket, Verdict
from sla_engine.terms import Policies
from sla_engine.units import DAY, Instant, to_datetime

if TYPE_CHECKING:
    from reports.ledger import Row


class View(msgspec.Struct, frozen=True):
    """`now` is the instant of the verdicts, `zone` that of all times on the screen; `past` says
    that `now` is not the present."""

    ticket: Ticket
    verdicts: Sequence[Verdict]
    policies: Policies
    calendars: Mapping[str, Calendar]
    now: Instant
    zone: ZoneInfo
    width: int
    past: bool = False

    @property
    def now_word(self) -> str:
        """What the instant of the verdicts is called."""
        return "then" if self.past else "now"

    def full(self, at: Instant) -> str:
        """`Fri 20 Nov 15:22`."""
        return date_moment(at, self.zone)

    def short(self, at: Instant) -> str:
        """`Fri 15:22` where that is plain."""
        return moment(at, self.zone, self.now)

    def stamps(self, rows: Sequence[Row]) -> tuple[tuple[str, str], ...]:
        """From and To of each row, with dates only where weekdays alone would be ambiguous."""
        week = rows[-1].end - rows[0].start < 6 * DAY if rows else True
        return tuple(
            (self._stamp(row.start, week), "" if row.kind == "end" else self._to(row, week))
            for row in rows
        )

    def _to(self, row: Row, week: bool) -> str:
        return self.now_word if row.end == self.now else self._stamp(row.end, week)

    def _stamp(self, at: Instant, week: bool) -> str:
        return f"{to_datetime(at, self.zone):%a %H:%M}" if week else self.full(at)
