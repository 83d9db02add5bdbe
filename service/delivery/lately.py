"""What was done of late: deeds that arrived, or may have, and those that were refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import and_, bindparam, select

from service.delivery.deeds import DeedState, change_of
from service.state.schema import AUDIT, DEEDS, OF_DEEDS
from sla_engine.changes import Change
from sla_engine.units import Instant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Row

    from sla_engine.model import Ref


_SINCE = (
    select(DEEDS, AUDIT.c.at.label("tried_at"))
    .join(
        AUDIT,
        and_(
            DEEDS.c.connection == AUDIT.c.connection,
            DEEDS.c.ticket == AUDIT.c.ticket,
            DEEDS.c.deed == AUDIT.c.deed,
        ),
    )
    .where(
        AUDIT.c.connection == bindparam("of"),
        AUDIT.c.at > bindparam("at"),
        OF_DEEDS,
        DEEDS.c.state.in_(("sending", "done", "dead")),
        DEEDS.c.change != b"",
    )
    .order_by(AUDIT.c.number)
)
_TO_TICKET = select(DEEDS, DEEDS.c.sent_at.label("tried_at")).where(
    DEEDS.c.connection == bindparam("of"),
    DEEDS.c.ticket == bindparam("ref"),
    DEEDS.c.sent_at > bindparam("at"),
    DEEDS.c.state.in_(("sending", "done")),
    DEEDS.c.change != b"",
)


class Deed(msgspec.Struct, frozen=True):
    """A deed as it stands, whose newest try began at `sent_at`; the audit has it at `tried_at`."""

    ticket: str
    key: str
    state: DeedState
    sent_at: Instant
    tried_at: Instant
    change: Change


def since(db: Connection, connection: str, at: Instant) -> list[Deed]:
    """The deeds to a connection that were tried since an instant, in that order. By the audit,
    which is sorted by time; one whose contents were purged is left out."""
    return _deeds(db.execute(_SINCE, {"of": connection, "at": at}))


def to_ticket(db: Connection, ref: Ref, at: Instant) -> list[Deed]:
    """The deeds to one ticket since an instant that arrived, or may have."""
    return _deeds(db.execute(_TO_TICKET, {"of": ref.connection, "ref": ref.id, "at": at}))


def _deeds(rows: Iterable[Row[tuple[object, ...]]]) -> list[Deed]:
    """Each once, as it stands now."""
    found = {(row.ticket, row.deed): row for row in rows}
    return [
        Deed(
            row.ticket,
            row.deed,
            row.state,
            Instant(row.sent_at),
            Instant(row.tried_at),
            change_of(row.change),
        )
        for row in found.values()
    ]
