"""Tickets that fail: left alone for longer and longer, until one of them goes well.

A ticket may fail as it is read, judged or written. Whatever ails it, the others go on. After the
last of `WAITS` it is in quarantine: tried once a day, so that it is told of once a day, and heals
by itself where its cause went away. A newer version of it, other policies and `sla retry` bring it
back at once.

Where a system breaks down over a write (5xx), it may be the ticket's fault or not. Such a ticket is
tried at least twice an hour, and at once when another one like it gets through.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import and_, bindparam, case, delete, func, or_, select, update

from connectors.base import TransientError
from service.state.bars import bars
from service.state.dialects import upsert
from service.state.schema import QUARANTINE, TICKETS
from sla_engine.model import Ref
from sla_engine.units import DAY, MINUTE, Instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from service.state.failure import Failure, Stage

WAITS = tuple(minutes * MINUTE for minutes in (1, 5, 30, 120, 720))
"""How long a ticket is left alone, failure after failure; from then on it is in quarantine."""

BREAKDOWN = TransientError.code
BREAKDOWN_WAITS = tuple(minutes * MINUTE for minutes in (0, 0, 5, 30))
"""The same after writes over which their system broke down; the last of them from then on."""

READY = Instant(0)

_OF = QUARANTINE.c.connection == bindparam("of")
_UNREAD = and_(_OF, QUARANTINE.c.stage == "read")
_READY = QUARANTINE.c.next_at <= bindparam("now")

_BROKE_DOWN = and_(_OF, QUARANTINE.c.stage == "write", QUARANTINE.c.code == BREAKDOWN)

_ONE = select(QUARANTINE).where(_OF, QUARANTINE.c.id == bindparam("ref"))
_CURED = delete(QUARANTINE).where(_OF, QUARANTINE.c.id == bindparam("ref"))
_STAGES = select(QUARANTINE.c.id, QUARANTINE.c.stage).where(_OF)
_BROKEN_IDS = select(QUARANTINE.c.id).where(_BROKE_DOWN)
_ALL_BROKEN_READY = update(QUARANTINE).where(_BROKE_DOWN).values(next_at=READY)
_TO_READ = select(QUARANTINE).where(_UNREAD, _READY).order_by(QUARANTINE.c.id)
_BY_KEY = select(TICKETS.c.id).where(
    TICKETS.c.connection == bindparam("of"), TICKETS.c.key == bindparam("key")
)

unread = TICKETS.c.id.in_(select(QUARANTINE.c.id).where(_UNREAD))
"""Of the tickets kept of a connection `of`, as a condition: those that could not be read since."""

ready = TICKETS.c.id.in_(select(QUARANTINE.c.id).where(_OF, _READY))
"""Likewise: those that are, at `now`, to be judged or written once more."""


class Failing(msgspec.Struct, frozen=True):
    """A ticket that fails, the last time by `what`. `fields` are those of ours that its system
    refused by name; `next_at` is when it is tried again."""

    connection: str
    id: str
    key: str
    stage: Stage
    what: str
    code: str
    fields: tuple[str, ...]
    since: Instant
    failures: int
    next_at: Instant

    @property
    def quarantined(self) -> bool:
        """Whether it failed so often that it is tried once a day only."""
        return self.failures > len(WAITS) and (self.code, self.stage) != (BREAKDOWN, "write")


def fail(
    db: Connection, ref: Ref, failure: Failure, now: Instant, fields: Iterable[str] = ()
) -> None:
    """It failed once more: when it is tried again."""
    identity = _identity(db, ref)
    if not identity:
        return
    held = db.execute(_ONE, {"of": ref.connection, "ref": identity}).first()
    failures = 1 if held is None else held.failures + 1
    broke_down = (failure.code, failure.stage) == (BREAKDOWN, "write")
    waits = BREAKDOWN_WAITS if broke_down else (*WAITS, DAY)
    wait = waits[min(failures, len(waits)) - 1]
    row = {
        "connection": ref.connection,
        "id": identity,
        "key": ref.key,
        "stage": failure.stage,
        "what": failure.what,
        "code": failure.code,
        "fields": json.dumps(sorted(fields)),
        "since": now if held is None else held.since,
        "failures": failures,
        "next_at": now + wait,
    }
    upsert(db, QUARANTINE, [row])


def _identity(db: Connection, ref: Ref) -> str:
    """The id under which a ticket is kept that was told of by its key alone; else its own."""
    kept = db.execute(_BY_KEY, {"of": ref.connection, "key": ref.id}).scalar()
    return str(kept or ref.id)


def cure(db: Connection, refs: Sequence[Ref], *stages: Stage) -> None:
    """These went well; of all that may fail, or of some stages."""
    for connection in {ref.connection for ref in refs}:
        failing = _failing(db, connection, stages)
        names = {name for ref in refs if ref.connection == connection for name in (ref.id, ref.key)}
        cured = failing & names
        if not cured:
            continue
        before = bars(db, connection, but=cured).places
        if cured & set(db.execute(_BROKEN_IDS, {"of": connection}).scalars()):
            db.execute(_ALL_BROKEN_READY, {"of": connection})
        db.execute(_CURED, [{"of": connection, "ref": identity} for identity in cured])
        if bars(db, connection).places != before:  # what was left out elsewhere is written now
            every = update(TICKETS).where(TICKETS.c.connection == connection)
            db.execute(every.values(next_at=READY))


def waits(db: Connection, ref: Ref, now: Instant) -> bool:
    """Whether it fails, and its next try has not come."""
    held = db.execute(_ONE, {"of": ref.connection, "ref": ref.id}).first()
    return held is not None and held.next_at > now


def _failing(db: Connection, connection: str, stages: Sequence[Stage]) -> set[str]:
    held = db.execute(_STAGES, {"of": connection})
    return {row.id for row in held if not stages or row.stage in stages}


def forget(db: Connection, connection: str) -> None:
    """All tickets of a connection are about to be read anew."""
    db.execute(delete(QUARANTINE).where(QUARANTINE.c.connection == connection))


def to_read(db: Connection, connection: str, now: Instant) -> list[tuple[Ref, str]]:
    """Those that are to be read once more, and why that failed."""
    found = db.execute(_TO_READ, {"of": connection, "now": now})
    return [(Ref(connection, row.key, row.id), row.what) for row in found]


def listed(db: Connection, connections: Sequence[str]) -> list[Failing]:
    """All that fail, the longest failing first."""
    rows = select(QUARANTINE).where(QUARANTINE.c.connection.in_(connections))
    ordered = rows.order_by(QUARANTINE.c.since, QUARANTINE.c.connection, QUARANTINE.c.key)
    return [
        Failing(**{**row, "fields": tuple(json.loads(row["fields"]))})
        for row in db.execute(ordered).mappings()
    ]


def count(db: Connection, connection: str) -> tuple[int, int]:
    """How many fail, and how many of these are in quarantine."""
    put_aside = case((and_(QUARANTINE.c.failures > len(WAITS), ~_BROKE_DOWN), 1))
    counted = select(func.count(), func.count(put_aside)).where(_OF)
    row = db.execute(counted, {"of": connection}).one()
    return int(row[0]), int(row[1])


def retry(db: Connection, word: str = "") -> list[str]:
    """The keys of those that fail and bear this key or id, or of all: the next pass tries them."""
    named = or_(func.lower(QUARANTINE.c.key) == word.lower(), QUARANTINE.c.id == word)
    rows = select(QUARANTINE.c.key).order_by(QUARANTINE.c.key)
    again = update(QUARANTINE).values(next_at=READY)
    keys = list(db.execute(rows.where(named) if word else rows).scalars())
    db.execute(again.where(named) if word else again)
    return keys
