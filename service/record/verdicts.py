"""The last verdicts in the store: what status counts, and what a pass compares with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Row, and_, bindparam, case, delete, func, insert, select

from service.record.basis import Numbered
from service.record.evidence import note_judged
from service.record.freezing import Cycle, Frozen, cycle_of, is_final
from service.record.restatements import Figures, figures_of
from service.state.schema import OPEN, TICKETS, VERDICTS
from sla_engine.inputs import inputs_hash
from sla_engine.model import Ref, Ticket
from sla_engine.units import Instant

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sla_engine.model import Verdict


_OF_TICKETS = select(VERDICTS).where(
    VERDICTS.c.connection == bindparam("of"),
    VERDICTS.c.ticket.in_(bindparam("ids", expanding=True)),
)
_FROZEN = _OF_TICKETS.where(VERDICTS.c.judged_at.is_not(None))
_NEW = insert(VERDICTS)
_NAMES = [column.name for column in VERDICTS.columns]
_IDENTITY = [column.name for column in VERDICTS.primary_key]
_GONE = delete(VERDICTS).where(*(VERDICTS.c[name] == bindparam(name) for name in _IDENTITY))

SEALED = 8
"""Columns, the last of the table, that only finished cycles fill."""


class Tally(msgspec.Struct, frozen=True):
    """Open clocks, and those among them that are breached or at risk."""

    open: int = 0
    breached: int = 0
    at_risk: int = 0


class NextDue(msgspec.Struct, frozen=True):
    """The ticket whose deadline comes next."""

    key: str
    at: Instant


def frozen(db: Connection, connection: str, ids: Sequence[str]) -> dict[str, list[Frozen]]:
    """The verdicts on finished cycles of these tickets, by ticket."""
    found: dict[str, list[Frozen]] = {}
    for row in db.execute(_FROZEN, {"of": connection, "ids": ids}).mappings():
        cycle = (row["policy"], row["clock"], row["of"], row["cycle"])
        figures = Figures(**{name: row[name] for name in Figures.__struct_fields__})
        seal = (row["type"], row["judged_at"], row["rules"], row["basis"], row["inputs"])
        found.setdefault(row["ticket"], []).append(Frozen(cycle, figures, *seal))
    return found


class Seal(msgspec.Struct, frozen=True):
    """What verdicts on finished cycles are frozen with: today's basis, and of cycles that older
    policies go on judging theirs."""

    now: Instant
    basis: Numbered
    tickets: Mapping[Ref, Ticket]
    rules: Mapping[tuple[Ref, Cycle], Numbered] = {}

    def of(self, ref: Ref, verdict: Verdict) -> tuple[object, ...]:
        """In the order of the table's last columns."""
        number = self.rules.get((ref, cycle_of(verdict)), self.basis)[0]
        figures = (verdict.elapsed, verdict.aim, verdict.limit)
        inputs = self.hashes(ref, verdict)[-1]
        return (verdict.type, self.now, *figures, number, self.basis[0], inputs)

    def hashes(self, ref: Ref, verdict: Verdict) -> tuple[str, str, bytes]:
        """Of the rules, of the basis, and over the history and both."""
        rules = self.rules.get((ref, cycle_of(verdict)), self.basis)[1]
        basis = self.basis[1]
        return rules, basis, inputs_hash(self.tickets[ref], self.now, rules, basis)


def replace(
    db: Connection, connection: str, judged: Mapping[Ref, Sequence[Verdict]], seal: Seal
) -> tuple[int, int]:
    """Keep these tickets' verdicts instead of their last; (clock cycles, those of another state).

    A row that stays as it was is not written, and what was frozen so stays sealed as it was.
    """
    asked = {"of": connection, "ids": [ref.id for ref in judged]}
    before = {_identity(row): row for row in db.execute(_OF_TICKETS, asked)}
    after, telling = {}, []
    for ref, verdicts in judged.items():
        for verdict in verdicts:
            row = _row(ref, verdict)
            was = before.get(_identity(row))
            sealed = _sealed(ref, verdict, was, seal)
            after[_identity(row)] = row + sealed
            if _is_news(verdict, was, sealed):
                telling.append((ref, verdict, *seal.hashes(ref, verdict)))
    gone = {key for key, row in before.items() if after.get(key) != tuple(row)}
    new = [row for key, row in after.items() if key not in before or key in gone]
    if gone:
        db.execute(_GONE, [dict(zip(_IDENTITY, one, strict=True)) for one in gone])
    if new:
        db.execute(_NEW, [dict(zip(_NAMES, row, strict=True)) for row in new])
    note_judged(db, seal.now, telling)
    moved = sum(key not in before or before[key].state != row[7] for key, row in after.items())
    return len(after), moved


def _is_news(
    verdict: Verdict, before: Row[tuple[object, ...]] | None, sealed: tuple[object, ...]
) -> bool:
    """Whether the audit is to tell of it: it is final, or breached, or breached no more, since."""
    if is_final(verdict):
        return before is None or tuple(before[-SEALED:]) != sealed
    was_breached = before is not None and before.state == "breached"
    return was_breached != (verdict.state == "breached")


def _sealed(
    ref: Ref, verdict: Verdict, before: Row[tuple[object, ...]] | None, seal: Seal
) -> tuple[object, ...]:
    """The last columns of a row: nothing while its cycle is open."""
    if not is_final(verdict):
        return (None,) * SEALED
    if before is not None and before.judged_at is not None:
        figures = Figures(*(getattr(before, name) for name in Figures.__struct_fields__))
        if figures == figures_of(verdict):
            return tuple(before[-SEALED:])
    return seal.of(ref, verdict)


def _identity(row: Row[tuple[object, ...]] | tuple[object, ...]) -> tuple[object, ...]:
    return tuple(row[: len(_IDENTITY)])


def _row(ref: Ref, verdict: Verdict) -> tuple[object, ...]:
    """In the order of the table's columns, but for the last."""
    return (
        ref.connection,
        ref.id,
        *cycle_of(verdict),
        ref.key,
        verdict.state,
        verdict.phase,
        bool(verdict.steps),
        verdict.started_at,
        verdict.stopped_at,
        verdict.due_at,
        verdict.breached_at,
    )


def tally(db: Connection, connections: Sequence[str]) -> Tally:
    """Counted over the open clocks of these connections, by an index of them alone."""
    breached = VERDICTS.c.state == "breached"
    at_risk = and_(VERDICTS.c.warned, ~breached)
    counted = select(
        func.count(), func.sum(case((breached, 1), else_=0)), func.sum(case((at_risk, 1), else_=0))
    ).where(VERDICTS.c.connection.in_(connections), OPEN)
    row = db.execute(counted).one()
    return Tally(*(int(number or 0) for number in row))


def next_due(db: Connection, now: Instant) -> NextDue | None:
    """The deadline that comes first after `now`, of all open clocks."""
    coming = (
        select(VERDICTS.c.key, VERDICTS.c.due_at)
        .where(VERDICTS.c.due_at > now, OPEN)
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
