"""What a change of policies does to the figures: as last judged, beside judged anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import and_, case, distinct, func, select

from service.state.schema import TICKETS, VERDICTS
from sla_engine.attainment import KEPT, settled_at
from sla_engine.units import DAY, Instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from sla_engine.model import Verdict

RECENT = 30 * DAY


class Figures(msgspec.Struct, frozen=True):
    """Tickets with an open clock; open clocks that are breached or at risk; cycles that were
    decided in the last 30 days (`sla_engine.attainment`): met, and breached, open or not."""

    open: int = 0
    breached: int = 0
    at_risk: int = 0
    met: int = 0
    broken: int = 0

    def __add__(self, other: Figures) -> Figures:
        pairs = zip(*map(msgspec.structs.astuple, (self, other)), strict=True)
        return Figures(*(one + more for one, more in pairs))


class Impact(msgspec.Struct, frozen=True):
    """One connection's figures under the policies it was last judged by, `of`, and under those
    given. Tickets with `news` since are in neither."""

    of: str
    before: Figures
    after: Figures
    news: int


def before(db: Connection, connection: str, now: Instant) -> Figures:
    """The figures of all tickets that nothing has happened to since they were judged."""
    settled = TICKETS.c.next_at.is_(None) | (TICKETS.c.next_at > now)
    joined = and_(
        TICKETS.c.connection == VERDICTS.c.connection, TICKETS.c.id == VERDICTS.c.ticket, settled
    )
    still_open = VERDICTS.c.phase != "stopped"
    breached = VERDICTS.c.state == "breached"
    cases = (
        still_open & breached,
        still_open & VERDICTS.c.warned & ~breached,
        (VERDICTS.c.stopped_at >= now - RECENT) & VERDICTS.c.state.in_(KEPT),
        (VERDICTS.c.breached_at >= now - RECENT) & breached,
    )
    counted = select(
        func.count(distinct(case((still_open, VERDICTS.c.ticket)))),
        *(func.sum(case((one, 1), else_=0)) for one in cases),
    ).select_from(VERDICTS.join(TICKETS, joined))
    row = db.execute(counted.where(VERDICTS.c.connection == connection)).one()
    return Figures(*(int(number or 0) for number in row))


def after(judged: Iterable[Sequence[Verdict]], now: Instant) -> Figures:
    """The same of verdicts made now, given ticket by ticket."""
    total = Figures()
    for verdicts in judged:
        still_open = [v for v in verdicts if v.phase != "stopped"]
        recent = [v for v in verdicts if (settled_at(v) or 0) >= now - RECENT]
        breached = sum(v.state == "breached" for v in still_open)
        total += Figures(
            bool(still_open),
            breached,
            sum(bool(v.steps) and v.state != "breached" for v in still_open),
            sum(v.state in KEPT for v in recent),
            sum(v.state == "breached" for v in recent),
        )
    return total
