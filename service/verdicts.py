"""The last verdicts in the store: what status counts, and what a pass compares with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Row, and_, case, delete, func, insert, select

from service.schema import TICKETS, VERDICTS
from sla_engine.units import Instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from sla_engine.model import Ref, Verdict


class Tally(msgspec.Struct, frozen=True):
    """Open clocks, and those among them that are breached or at risk."""

    open: int = 0
    breached: int = 0
    at_risk: int = 0


class NextDue(msgspec.Struct, frozen=True):
    """The ticket whose deadline comes next."""

    key: str
    at: Instant


def replace(
    db: Connection, connection: str, judged: Mapping[Ref, Sequence[Verdict]]
) -> tuple[int, int]:
    """Keep these tickets' verdicts instead of their last; (clock cycles, those of another state).

    A row that stays as it was is not written.
    """
    ids = [ref.id for ref in judged]
    chosen = and_(VERDICTS.c.connection == connection, VERDICTS.c.ticket.in_(ids))
    before = {_identity(row): row for row in db.execute(select(VERDICTS).where(chosen))}
    after = {
        _identity(row): row
        for ref, verdicts in judged.items()
        for row in (_row(ref, verdict) for verdict in verdicts)
    }
    gone = {key for key, row in before.items() if after.get(key) != tuple(row)}
    new = [row for key, row in after.items() if key not in before or key in gone]
    _forget(db, gone)
    if new:
        names = [column.name for column in VERDICTS.columns]
        db.execute(insert(VERDICTS), [dict(zip(names, row, strict=True)) for row in new])
    moved = sum(key not in before or before[key].state != row[6] for key, row in after.items())
    return len(after), moved


def _identity(row: Row[tuple[object, ...]] | tuple[object, ...]) -> tuple[object, ...]:
    return tuple(row[:5])


def _row(ref: Ref, verdict: Verdict) -> tuple[object, ...]:
    """In the order of the table's columns."""
    return (
        ref.connection,
        ref.id,
        verdict.policy,
        verdict.clock,
        verdict.cycle,
        ref.key,
        verdict.state,
        verdict.phase,
        bool(verdict.steps),
        verdict.started_at,
        verdict.stopped_at,
        verdict.due_at,
        verdict.breached_at,
    )


def _forget(db: Connection, gone: Iterable[tuple[object, ...]]) -> None:
    names = [column.name for column in VERDICTS.columns][:5]
    for identity in gone:
        same = [VERDICTS.c[name] == part for name, part in zip(names, identity, strict=True)]
        db.execute(delete(VERDICTS).where(*same))


def tally(db: Connection, connections: Sequence[str]) -> Tally:
    """Counted over the open clocks of these connections, by an index of them alone."""
    breached = VERDICTS.c.state == "breached"
    at_risk = and_(VERDICTS.c.warned, ~breached)
    counted = select(
        func.count(), func.sum(case((breached, 1), else_=0)), func.sum(case((at_risk, 1), else_=0))
    ).where(VERDICTS.c.connection.in_(connections), VERDICTS.c.phase != "stopped")
    row = db.execute(counted).one()
    return Tally(*(int(number or 0) for number in row))


def next_due(db: Connection, now: Instant) -> NextDue | None:
    """The deadline that comes first after `now`, of all open clocks."""
    coming = (
        select(VERDICTS.c.key, VERDICTS.c.due_at)
        .where(VERDICTS.c.due_at > now, VERDICTS.c.phase != "stopped")
        .order_by(VERDICTS.c.due_at)
        .limit(1)
    )
    row = db.execute(coming).first()
    return NextDue(row.key, Instant(row.due_at)) if row else None


def next_instant(db: Connection, connection: str, now: Instant) -> Instant | None:
    """When some ticket must be judged next though nothing happens to it; None where never."""
    coming = select(func.min(TICKETS.c.next_at)).where(
        TICKETS.c.connection == connection, TICKETS.c.next_at > now
    )
    at = db.execute(coming).scalar()
    return None if at is None else Instant(at)
