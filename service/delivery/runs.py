"""Runs: everything that one pass, one applied plan or one revert wrote, under one name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import bindparam, insert, select

from service.delivery.outcome import Writes, writes
from service.state.schema import AUDIT, RUNS
from sla_engine.changes import Change, SetFields
from sla_engine.model import FieldValue, Ref
from sla_engine.units import Instant, to_datetime

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Row

    from connectors.base import OutcomeKind

_TAKEN = select(RUNS.c.id).where(RUNS.c.id.between(bindparam("stem"), bindparam("last")))

RunKind = Literal["pass", "apply", "revert"]


class Run(msgspec.Struct, frozen=True):
    """`cause` is the hash of the plan that was applied, or the run that was undone."""

    id: str
    kind: RunKind
    began_at: Instant
    policies: str
    cause: str = ""


class Entry(msgspec.Struct, frozen=True):
    """One write that a run tried; `before` is what stood in the fields it set."""

    ref: Ref
    at: Instant
    change: Change
    before: dict[str, FieldValue]
    outcome: OutcomeKind
    remote_id: str


class _Told(msgspec.Struct, frozen=True):
    change: Change
    before: dict[str, FieldValue] = {}


_told = msgspec.json.Decoder(_Told).decode


def begin(db: Connection, kind: RunKind, at: Instant, policies: str, cause: str = "") -> Run:
    """A run of its own name."""
    run = Run(_name(db, at), kind, at, policies, cause)
    db.execute(insert(RUNS), msgspec.structs.asdict(run))
    return run


def of_plan(db: Connection, plan: str) -> Run | None:
    """The run under which a plan of this hash was applied before."""
    row = db.execute(select(RUNS).where(RUNS.c.kind == "apply", RUNS.c.cause == plan)).first()
    return None if row is None else _run(row)


def _name(db: Connection, at: Instant) -> str:
    """`2026-11-21T105301Z`; a second run of one second is `2026-11-21T105301Z-2`."""
    stem = f"{to_datetime(at):%Y-%m-%dT%H%M%SZ}"
    taken = set(db.execute(_TAKEN, {"stem": stem, "last": f"{stem}-99999999"}).scalars())
    number = 1
    while (name := stem if number == 1 else f"{stem}-{number}") in taken:
        number += 1
    return name


def find(db: Connection, name: str) -> Run | None:
    """The run of this name."""
    row = db.execute(select(RUNS).where(RUNS.c.id == name)).first()
    return None if row is None else _run(row)


def latest(db: Connection, most: int) -> list[Run]:
    """The newest runs that tried to write something, newest first."""
    tried = select(AUDIT.c.number).where(AUDIT.c.run == RUNS.c.id).exists()
    rows = select(RUNS).where(tried).order_by(RUNS.c.began_at.desc(), RUNS.c.id.desc()).limit(most)
    return [_run(row) for row in db.execute(rows)]


def last_value(db: Connection, ref: Ref, field: str) -> tuple[str, FieldValue] | None:
    """The run that wrote a field of a ticket last, and what it wrote."""
    rows = select(AUDIT).where(
        AUDIT.c.connection == ref.connection,
        AUDIT.c.ticket == ref.id,
        AUDIT.c.kind == SetFields.__name__,
    )
    for row in db.execute(rows.order_by(AUDIT.c.number.desc())):
        change = _entry(row).change
        if isinstance(change, SetFields) and field in dict(change.fields):
            return row.run, dict(change.fields)[field]
    return None


def entries(db: Connection, run: str) -> list[Entry]:
    """Every write that a run tried, in order, but for those whose contents were erased."""
    told = (AUDIT.c.run == run, AUDIT.c.change != "")
    return [_entry(row) for row in db.execute(select(AUDIT).where(*told).order_by(AUDIT.c.number))]


def _run(row: Row[tuple[object, ...]]) -> Run:
    return Run(**row._mapping)


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    told = _told(row.change)
    ref = Ref(row.connection, row.key, row.ticket)
    return Entry(ref, Instant(row.at), told.change, told.before, row.outcome, row.remote_id)


def arrived(of: Iterable[Entry]) -> list[Entry]:
    """Those that were confirmed, and those in doubt, which may stand there all the same."""
    return [entry for entry in of if entry.outcome in ("confirmed", "doubtful")]


def wrote(of: Iterable[Entry]) -> Writes:
    """How much of these was confirmed."""
    tickets: dict[tuple[str, str], list[Change]] = {}
    for entry in of:
        if entry.outcome == "confirmed":
            tickets.setdefault((entry.ref.connection, entry.ref.id), []).append(entry.change)
    return writes(tickets.values())
