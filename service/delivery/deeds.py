"""What is said or done once: intent before, outcome after, so that a crash leaves a question and
never a repetition. Beside it the audit: every write that was tried, never changed afterwards."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import and_, bindparam, func, select, update

from service.record import audit
from service.state.dialects import inserting
from service.state.schema import AUDIT, DEEDS, SENDING
from sla_engine.changes import Change, SetFields
from sla_engine.model import FieldValue, Ref
from sla_engine.units import Instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection
    from sqlalchemy.sql.dml import ReturningInsert

    from connectors.base import Outcome

DeedState = Literal["planned", "sending", "done", "dead", "skipped", "cancelled", "expired"]
"""planned: may be tried (again). sending: sent, or perhaps not: to be read back. dead: refused by
the system. skipped: left out on purpose. cancelled: people decided otherwise. expired: too late."""

FIELDS = "fields"
"""The name under which a doubtful write of fields waits to be read back."""

_OF = DEEDS.c.connection == bindparam("of")
_TICKET = and_(_OF, DEEDS.c.ticket == bindparam("ref"))
_THIS = and_(_TICKET, DEEDS.c.deed == bindparam("name"))
_PLANNED = DEEDS.c.state == "planned"

_SETTLED = select(DEEDS.c.ticket, DEEDS.c.deed, DEEDS.c.state).where(
    _OF, DEEDS.c.ticket.in_(bindparam("ids", expanding=True)), ~_PLANNED
)
_HELD = select(DEEDS.c.state, DEEDS.c.attempt).where(_THIS)
_AGAIN = (
    update(DEEDS)
    .where(_THIS, DEEDS.c.state == bindparam("was"), DEEDS.c.attempt == bindparam("before"))
    .values(
        state="sending",
        attempt=DEEDS.c.attempt + 1,
        sent_at=bindparam("at"),
        change=bindparam("meant"),
        key=bindparam("called"),
        remote_id="",
        message="",
    )
)
_CLOSE = (
    update(DEEDS)
    .where(_THIS, _PLANNED)
    .values(state=bindparam("becomes"), message=bindparam("said"))
)
_CANCEL = (
    update(DEEDS).where(_TICKET, _PLANNED).values(state="cancelled", message=bindparam("said"))
)
_TRIED = select(DEEDS.c.deed, DEEDS.c.change).where(_TICKET, _PLANNED)
_END = (
    update(DEEDS)
    .where(_THIS, DEEDS.c.attempt == bindparam("try"), SENDING)
    .values(state=bindparam("becomes"), remote_id=bindparam("remote"), message=bindparam("said"))
)
_IN_DOUBT = select(DEEDS).where(_OF, SENDING).order_by(DEEDS.c.sent_at, DEEDS.c.deed)

_change_bytes = msgspec.msgpack.Encoder().encode
change_of = msgspec.msgpack.Decoder(Change).decode


class Intent(msgspec.Struct, frozen=True):
    """A change that we began to send: `attempt` tells this try from any other."""

    ref: Ref
    name: str
    attempt: int
    sent_at: Instant
    change: Change


def name_of(change: Change) -> str:
    """What tells this change from all others of its ticket, now and after a restart."""
    return FIELDS if isinstance(change, SetFields) else change.key


def settled(
    db: Connection, connection: str, tickets: Sequence[str]
) -> dict[str, dict[str, DeedState]]:
    """By ticket: the deeds that are not to be planned (done, given up, left out or in doubt), and
    which of these each is."""
    found: dict[str, dict[str, DeedState]] = {}
    for ticket, deed, state in db.execute(_SETTLED, {"of": connection, "ids": tickets}):
        found.setdefault(ticket, {})[deed] = state
    return found


def intend(db: Connection, changes: Iterable[Change], sent_at: Instant) -> tuple[Intent, ...]:
    """Write down that these are about to be sent; commit before sending. What somebody else began
    or ended meanwhile is left out."""
    return tuple(begun for change in changes if (begun := _begin(db, change, sent_at)))


def _begin(db: Connection, change: Change, sent_at: Instant) -> Intent | None:
    """One try, of a number of its own. Of two that begin at once, one does: the other finds the
    state or the number changed."""
    ref, name = change.ref, name_of(change)
    held = db.execute(_HELD, _this(ref, name)).first()
    if held is None:
        return _first(db, change, "sending", sent_at)
    if held.state != "planned" and name != FIELDS:
        return None
    still = {**_this(ref, name), "was": held.state, "before": held.attempt}
    new = {"at": sent_at, "meant": _change_bytes(change), "called": ref.key}
    if db.execute(_AGAIN, {**still, **new}).rowcount != 1:
        return None
    return Intent(ref, name, held.attempt + 1, sent_at, change)


def _first(
    db: Connection, change: Change, state: DeedState, at: Instant, message: str = ""
) -> Intent | None:
    """The first that is kept of a deed; None where another was quicker."""
    made = db.execute(_new(db.dialect.name), _row(change, state, at, message))
    return None if made.first() is None else Intent(change.ref, name_of(change), 1, at, change)


def _row(change: Change, state: DeedState, at: Instant, message: str) -> dict[str, object]:
    ref, name = change.ref, name_of(change)
    row = {"connection": ref.connection, "ticket": ref.id, "deed": name, "key": ref.key}
    now = {"state": state, "attempt": 1, "sent_at": at, "change": _change_bytes(change)}
    return {**row, **now, "remote_id": "", "message": message}


@cache
def _new(dialect: str) -> ReturningInsert[tuple[int]]:
    """Its number of tries comes back, unless the deed was there."""
    return inserting(dialect, DEEDS).returning(DEEDS.c.attempt)


def _this(ref: Ref, name: str) -> dict[str, object]:
    return {"of": ref.connection, "ref": ref.id, "name": name}


def close(db: Connection, change: Change, state: DeedState, at: Instant, message: str) -> bool:
    """A deed that shall not be done (any more), and why; False where somebody began it."""
    if _first(db, change, state, at, message):
        return True
    this = _this(change.ref, name_of(change))
    return db.execute(_CLOSE, {**this, "becomes": state, "said": message}).rowcount == 1


def expire(db: Connection, changes: Iterable[Change], at: Instant, message: str) -> None:
    """Deeds for which it is too late, and why; those that somebody began are left as they are."""
    late = list(changes)
    if late:
        told = [_row(change, "expired", at, message) for change in late]
        db.execute(inserting(db.dialect.name, DEEDS), told)
        these = (_this(change.ref, name_of(change)) for change in late)
        db.execute(_CLOSE, [{**this, "becomes": "expired", "said": message} for this in these])


def cancel(db: Connection, ref: Ref, message: str) -> None:
    """Whatever was tried on a ticket and may be again is not to be done any more."""
    db.execute(_CANCEL, {"of": ref.connection, "ref": ref.id, "said": message})


def tried(db: Connection, ref: Ref) -> dict[str, Change]:
    """By name, the deeds of a ticket that were tried and may be again, as they were first meant."""
    rows = db.execute(_TRIED, {"of": ref.connection, "ref": ref.id})
    return {row.deed: change_of(row.change) for row in rows}


def end(
    db: Connection, intent: Intent, state: DeedState, *, remote_id: str = "", message: str = ""
) -> bool:
    """How a try ended; False where it was no longer the newest try, and nothing is changed."""
    this = {**_this(intent.ref, intent.name), "try": intent.attempt}
    ended = {"becomes": state, "remote": remote_id, "said": message}
    return db.execute(_END, {**this, **ended}).rowcount == 1


def in_doubt(db: Connection, connection: str) -> list[Intent]:
    """Everything that was begun and whose end is not known, oldest first."""
    return [
        Intent(
            Ref(row.connection, row.key, row.ticket),
            row.deed,
            row.attempt,
            Instant(row.sent_at),
            change_of(row.change),
        )
        for row in db.execute(_IN_DOUBT, {"of": connection})
    ]


def counts(db: Connection, connection: str) -> dict[str, int]:
    """How many deeds are in each state."""
    rows = select(DEEDS.c.state, func.count()).where(DEEDS.c.connection == connection)
    return {row[0]: row[1] for row in db.execute(rows.group_by(DEEDS.c.state))}


def record(
    db: Connection,
    at: Instant,
    results: Iterable[tuple[Change, Outcome]],
    *,
    before: Mapping[str, FieldValue],
    policies: str,
    run: str,
) -> None:
    """Lines of the audit: what was tried, what stood there, why, and what came of it."""
    under = {"at": at, "policies": policies, "run": run}
    audit.append(db, [_line(change, outcome, before) | under for change, outcome in results])


def _line(change: Change, outcome: Outcome, before: Mapping[str, FieldValue]) -> dict[str, object]:
    told: dict[str, object] = {"change": change}
    if isinstance(change, SetFields):
        told |= {"before": {name: before.get(name) for name, _ in change.fields}}
    return {
        "connection": change.ref.connection,
        "ticket": change.ref.id,
        "key": change.ref.key,
        "kind": type(change).__name__,
        "deed": name_of(change),
        "change": msgspec.json.encode(told).decode(),
        "why": change.why.text,
        "outcome": outcome.kind,
        "message": outcome.message,
        "remote_id": outcome.remote_id,
    }


def confirmed_since(db: Connection, change: Change, since: Instant) -> bool:
    """Whether the audit has this deed, or a write of fields to this ticket, from `since` on."""
    found = select(AUDIT.c.number).where(
        AUDIT.c.connection == change.ref.connection,
        AUDIT.c.ticket == change.ref.id,
        AUDIT.c.deed == name_of(change),
        AUDIT.c.at >= since,
        AUDIT.c.outcome == "confirmed",
    )
    return db.execute(found.limit(1)).first() is not None


def writes_since(db: Connection, connection: str, since: Instant) -> int:
    """Confirmed writes from `since` on."""
    counted = select(func.count()).where(
        AUDIT.c.connection == connection, AUDIT.c.at >= since, AUDIT.c.outcome == "confirmed"
    )
    return int(db.execute(counted).scalar_one())


def written_at(db: Connection, ref: Ref) -> Instant | None:
    """When our fields in a ticket were last written; None where never."""
    newest = select(func.max(AUDIT.c.at)).where(
        AUDIT.c.connection == ref.connection,
        AUDIT.c.ticket == ref.id,
        AUDIT.c.kind == SetFields.__name__,
        AUDIT.c.outcome == "confirmed",
    )
    at = db.execute(newest).scalar()
    return None if at is None else Instant(at)
