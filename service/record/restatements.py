"""Verdicts of finished cycles that were changed after all: what was said, what is, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import func, insert, select

from service.state.schema import RESTATEMENTS
from sla_engine.model import Ref, State, Verdict
from sla_engine.units import Instant, Millis

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row, Select

CauseKind = Literal["history", "calendar", "exclusion", "exception", "tzdata", "holidays"]


class Figures(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a verdict says of a cycle; two that agree in these are the same verdict."""

    state: State
    started_at: Instant | None = None
    stopped_at: Instant | None = None
    breached_at: Instant | None = None
    elapsed: Millis = Millis(0)
    aim: Millis | None = None
    limit: Millis | None = None


class Cause(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a verdict changed: `what` names it, `at` is when that happened and `known_at` when it
    came to light, of histories."""

    kind: CauseKind
    what: str
    at: Instant | None = None
    known_at: Instant | None = None


class Restatement(msgspec.Struct, frozen=True):
    """One change on record. `new` is what should have been said then; None where nothing should."""

    at: Instant
    ref: Ref
    policy: str
    clock: str
    of: str
    cycle: int
    old: Figures
    new: Figures | None
    causes: tuple[Cause, ...]


class _Said(msgspec.Struct, frozen=True):
    old: Figures
    new: Figures | None
    causes: tuple[Cause, ...]


def figures_of(verdict: Verdict) -> Figures:
    """The figures of a verdict."""
    return Figures(*(getattr(verdict, name) for name in Figures.__struct_fields__))


def record(db: Connection, restatements: Iterable[Restatement]) -> None:
    """Add to the record, from which nothing is ever taken."""
    rows = [
        {
            "at": one.at,
            "connection": one.ref.connection,
            "ticket": one.ref.id,
            "key": one.ref.key,
            "policy": one.policy,
            "clock": one.clock,
            "of": one.of,
            "cycle": one.cycle,
            "said": msgspec.json.encode(_Said(one.old, one.new, one.causes)).decode(),
        }
        for one in restatements
    ]
    if rows:
        db.execute(insert(RESTATEMENTS), rows)


def since(db: Connection, at: Instant) -> list[Restatement]:
    """All from an instant on, oldest first."""
    return _found(db, select(RESTATEMENTS).where(RESTATEMENTS.c.at >= at))


def of_ticket(db: Connection, ref: Ref) -> list[Restatement]:
    """Those of one ticket, oldest first."""
    this = (RESTATEMENTS.c.connection == ref.connection, RESTATEMENTS.c.ticket == ref.id)
    return _found(db, select(RESTATEMENTS).where(*this))


def count_since(db: Connection, at: Instant) -> int:
    """How many there are from an instant on."""
    counted = select(func.count()).select_from(RESTATEMENTS).where(RESTATEMENTS.c.at >= at)
    return int(db.execute(counted).scalar_one())


def _found(db: Connection, query: Select[tuple[object, ...]]) -> list[Restatement]:
    return [_restatement(row) for row in db.execute(query.order_by(RESTATEMENTS.c.number))]


def _restatement(row: Row[tuple[object, ...]]) -> Restatement:
    said = msgspec.json.decode(row.said, type=_Said)
    ref = Ref(row.connection, row.key, row.ticket)
    which = (row.policy, row.clock, row.of, row.cycle)
    return Restatement(Instant(row.at), ref, *which, said.old, said.new, said.causes)
