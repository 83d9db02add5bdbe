"""What is kept for how long: the old goes by itself, once a day, a little in each pass.

A history goes once its ticket has been closed, and known to us, for long enough. That it went is a
line of the audit, which tells verdicts that cannot be judged again from verdicts that were touched.
What keeps the rest right stays for good: that a deed was done, without its words, so that a ticket
that comes back hears nothing twice; and the place of each line in the chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import and_, delete, exists, select, tuple_, update

from service.record import audit
from service.setup.retention import Retention
from service.state import standing
from service.state.failpoints import reach
from service.state.purging import ERASED
from service.state.schema import (
    AUDIT,
    DEEDS,
    KIN,
    QUARANTINE,
    RESTATEMENTS,
    SENDING,
    SUPERSEDED,
    TICKETS,
    VERDICTS,
)
from sla_engine.units import DAY, Instant, Millis

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST = 500
"""Of each kind in one pass; where there is more, the next pass goes on."""


def tidy(
    db: Connection, connection: str, retention: Retention, now: Instant, most: int = MOST
) -> None:
    """Let go what is too old of one connection, at most once a day to its end."""
    tidied_at = standing.tidied_at(db, connection)
    if tidied_at is not None and now - tidied_at < DAY:
        return
    if db.dialect.name == "sqlite":
        db.exec_driver_sql("PRAGMA secure_delete=ON")
    tidier = _Tidier(db, connection, now, most)
    gone = (
        tidier.histories(retention.histories),
        tidier.verdicts(retention.record),
        tidier.lines(retention.record),
        tidier.deeds(retention.attempts),
    )
    if max(gone) < most:
        standing.tidied(db, connection, now)
    if db.dialect.name == "sqlite":
        db.exec_driver_sql("PRAGMA secure_delete=OFF")
    reach("retention.in_tidying")


class _Tidier(msgspec.Struct, frozen=True):
    """Each step tells how much it let go, `most` at most; nothing where it is kept for ever."""

    db: Connection
    connection: str
    now: Instant
    most: int

    def histories(self, kept: Millis | None) -> int:
        if kept is None:
            return 0
        before = self.now - kept
        doubtful = exists().where(
            DEEDS.c.connection == TICKETS.c.connection,
            DEEDS.c.ticket == TICKETS.c.id,
            SENDING,
        )
        old = select(TICKETS.c.id).where(
            TICKETS.c.connection == self.connection,
            ~TICKETS.c.open,
            TICKETS.c.updated_at < before,
            TICKETS.c.known_at < before,
            ~doubtful,
        )
        ids = list(self.db.execute(old.order_by(TICKETS.c.id).limit(self.most)).scalars())
        if ids:
            self._let_go(ids)
        return len(ids)

    def _let_go(self, ids: list[str]) -> None:
        for table in (TICKETS, SUPERSEDED, KIN, QUARANTINE):
            these = (table.c.connection == self.connection, table.c.id.in_(ids))
            self.db.execute(delete(table).where(*these))
        still = (VERDICTS.c.connection == self.connection, VERDICTS.c.ticket.in_(ids))
        self.db.execute(delete(VERDICTS).where(*still, VERDICTS.c.judged_at.is_(None)))
        these = (DEEDS.c.connection == self.connection, DEEDS.c.ticket.in_(ids))
        self.db.execute(update(DEEDS).where(*these).values(key="", change=b"", message=""))
        audit.note_gone(self.db, self.connection, ids, self.now)

    def verdicts(self, kept: Millis | None) -> int:
        """Those of tickets whose histories went, and restatements."""
        if kept is None:
            return 0
        before = self.now - kept
        alive = exists().where(
            TICKETS.c.connection == VERDICTS.c.connection, TICKETS.c.id == VERDICTS.c.ticket
        )
        key = tuple_(*VERDICTS.primary_key)
        old = select(*VERDICTS.primary_key).where(
            VERDICTS.c.connection == self.connection, VERDICTS.c.stopped_at < before, ~alive
        )
        rows = [tuple(row) for row in self.db.execute(old.limit(self.most))]
        for row in rows:
            self.db.execute(delete(VERDICTS).where(key == row))
        said = (RESTATEMENTS.c.connection == self.connection, RESTATEMENTS.c.at < before)
        self.db.execute(delete(RESTATEMENTS).where(*said))
        return len(rows)

    def lines(self, kept: Millis | None) -> int:
        """What the audit's lines say, oldest first; their places in the chain stay."""
        if kept is None:
            return 0
        old = select(AUDIT.c.number).where(
            AUDIT.c.connection == self.connection,
            AUDIT.c.at < self.now - kept,
            AUDIT.c.salt.is_not(None),
        )
        numbers = list(self.db.execute(old.order_by(AUDIT.c.number).limit(self.most)).scalars())
        if numbers:
            these = update(AUDIT).where(AUDIT.c.number.in_(numbers))
            self.db.execute(these.values(**ERASED, salt=None))
        return len(numbers)

    def deeds(self, kept: Millis | None) -> int:
        """The words of deeds that are over."""
        if kept is None:
            return 0
        over = and_(
            DEEDS.c.connection == self.connection,
            DEEDS.c.sent_at < self.now - kept,
            DEEDS.c.state.not_in(("planned", "sending")),
            DEEDS.c.change != b"",
        )
        rows = self.db.execute(select(DEEDS.c.ticket, DEEDS.c.deed).where(over).limit(self.most))
        found = [tuple(row) for row in rows]
        for ticket, deed in found:
            this = (DEEDS.c.connection == self.connection, DEEDS.c.ticket == ticket)
            emptied = update(DEEDS).where(*this, DEEDS.c.deed == deed)
            self.db.execute(emptied.values(change=b"", message=""))
        return len(found)
