"""What a change of policies does to the figures: as they stood before, beside judged anew.

How they stood is kept with the verdicts until a pass judges by the new policies. While what these
want waits for a person's word, it is judged once more by those that wrote what the tickets say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import and_, case, distinct, func, select

from service.record.basis import by_version
from service.state import keeping
from service.state.schema import AUDIT, OPEN, TICKETS, VERDICTS
from sla_engine.attainment import KEPT, settled_at
from sla_engine.evaluate import evaluate
from sla_engine.policy_files import load_texts
from sla_engine.units import DAY, Instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence, Set

    from sqlalchemy import Connection

    from service.state.standing import Standing
    from sla_engine.model import Ref, Ticket, Verdict
    from sla_engine.terms import Policies

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
    """One connection's figures under the policies before, `of`, and under those given. Tickets
    with `news` since they were judged are in neither."""

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
    breached = VERDICTS.c.state == "breached"
    cases = (
        OPEN & breached,
        OPEN & VERDICTS.c.warned & ~breached,
        (VERDICTS.c.stopped_at >= now - RECENT) & VERDICTS.c.state.in_(KEPT),
        (VERDICTS.c.breached_at >= now - RECENT) & breached,
    )
    counted = select(
        func.count(distinct(case((OPEN, VERDICTS.c.ticket)))),
        *(func.sum(case((one, 1), else_=0)) for one in cases),
    ).select_from(VERDICTS.join(TICKETS, joined))
    row = db.execute(counted.where(VERDICTS.c.connection == connection)).one()
    return Figures(*(int(number or 0) for number in row))


class Comparison:
    """The figures of some policies beside those before them, ticket by ticket. `old` judges as it
    did before; without, what is kept of the last verdicts tells, but of tickets with news."""

    def __init__(self, known: Impact, now: Instant, old: Policies | None, news: Set[str]) -> None:
        self._now, self._old, self._news = now, old, news
        self.impact = known

    def add(self, tickets: Iterable[Ticket], judged: Mapping[Ref, Sequence[Verdict]]) -> None:
        """Some tickets, and what the new policies make of them."""
        before = self.impact.before
        if self._old is not None:
            before += after((_judged(self._old, one, self._now) for one in tickets), self._now)
        steady = (made for ref, made in judged.items() if ref.id not in self._news)
        figures = self.impact.after + after(steady, self._now)
        self.impact = msgspec.structs.replace(self.impact, before=before, after=figures)


def comparing(
    db: Connection, stands: Standing, policies: Policies, now: Instant, *, held: bool
) -> Comparison | None:
    """A comparison over no ticket yet, with what tickets were judged by before these policies; None
    where it is they that wrote what stands in the tickets. `held`: their plan is not written."""
    old = _in_force(db, stands.name) if held else None
    if old is not None:
        known = Impact(old.version, Figures(), Figures(), 0)
        return None if old.version == policies.version else Comparison(known, now, old, set())
    if stands.policies in ("", policies.version):
        return None
    news = set(keeping.due(db, stands.name, now))
    known = Impact(stands.policies, before(db, stands.name, now), Figures(), len(news))
    return Comparison(known, now, None, news)


def _in_force(db: Connection, connection: str) -> Policies | None:
    """The policies that wrote what our fields say now; None where nothing was written, or they are
    not kept."""
    lines = select(AUDIT.c.policies).where(
        AUDIT.c.connection == connection, AUDIT.c.outcome == "confirmed"
    )
    version = db.execute(lines.order_by(AUDIT.c.number.desc()).limit(1)).scalar()
    kept = by_version(db, version) if version else None
    if kept is None or not kept.files:
        return None
    return msgspec.structs.replace(load_texts(kept.files)[0], version=kept.inputs.version)


def _judged(policies: Policies, ticket: Ticket, now: Instant) -> Sequence[Verdict]:
    try:
        return evaluate(policies, ticket, now)
    except Exception:  # what they could not judge had no figures then either
        return ()


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
