"""R4 over PostgreSQL: the first, second, third, ... statement of a pass meets a conflict with
another writer, a deadlock or the loss of the connection, and so does each COMMIT, before it is
carried out and after.

The server itself is told to fail, so that driver and pool see what they would see. A pass later, by
the same process, nothing is lost and nothing was said twice; what went wrong is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest
from sqlalchemy import event

from connectors.memory import MemoryConnector
from service.state.store import Store, StoreError, open_store
from sla_engine.changes import SetFields
from sla_engine.units import HOUR, MINUTE
from tests.conftest import examples
from tests.service.desks import T0, Desk, ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.postgresql.server import Databases

LATE = T0 + 5 * HOUR
FAILS = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{}', MESSAGE = '{}'; END $$"
STATEMENTS = {
    "conflict": FAILS.format("40001", "could not serialize access due to concurrent update"),
    "deadlock": FAILS.format("40P01", "deadlock detected"),
    "loss": "SELECT pg_terminate_backend(pg_backend_pid())",
}
TOLD = {
    "conflict": "could not serialize access due to concurrent update; another process wrote",
    "deadlock": "deadlock detected; another process wrote",
    "loss": "is the database server running",
    "lost": "is the database server running",
    "kept": "is the database server running",
}


class Faults:
    """Counts the statements of a store, or its COMMITs, and lets one of them fail."""

    def __init__(self, store: Store, kind: str) -> None:
        self.count, self._wanted, self._kind = 0, 0, kind
        if kind in STATEMENTS:
            event.listen(store._engine, "before_cursor_execute", self._sent, retval=True)
        else:
            event.listen(store._engine, "commit", self._ends)

    @contextmanager
    def armed(self, number: int) -> Iterator[None]:
        self.count, self._wanted = 0, number
        yield
        self._wanted = 0

    def _sent(
        self, _db: Connection, _cursor: object, words: str, said: Any, _context: object, many: bool
    ) -> tuple[str, Any]:
        self.count += 1
        if self.count != self._wanted:
            return words, said
        return STATEMENTS[self._kind], [()] if many else ()

    def _ends(self, db: Connection) -> None:
        self.count += 1
        if self.count == self._wanted:
            raw: Any = db.connection.dbapi_connection
            if self._kind == "kept":
                raw.execute("COMMIT")
            with suppress(psycopg.Error):
                raw.execute(STATEMENTS["loss"])


class Outcome(NamedTuple):
    """What stands in the tickets in the end, each deed that was sent, and the complaint."""

    tickets: object
    sent: list[str]
    complaint: str
    met: int


def settle(databases: Databases, kind: str, number: int) -> Outcome:
    """A pass when a promise is broken, one fault in it, and a sound pass of the same process."""
    url = databases.new()
    connector = MemoryConnector("desk", [ticket(1), ticket(2)])
    with open_store(url, writer=True) as store:
        faults = Faults(store, kind)
        desk = Desk(store, connector)
        desk.run(T0)
        told = ""
        with faults.armed(number):
            try:
                report = desk.run_one(LATE)
                told = "\n".join([str(report.error or ""), *map(str, report.failures)])
            except StoreError as error:
                told = str(error)
        met = faults.count
        desk.run(LATE + 40 * MINUTE)
        tickets = connector.fetch([ticket(1).ref, ticket(2).ref])
    databases.give_back(url)
    stands = [(one.written, sorted(map(str, one.journal.news))) for one in tickets]
    changes = (change for change in connector.writes if not isinstance(change, SetFields))
    deeds = [f"{change.ref.key} {change.key}" for change in changes]
    return Outcome(stands, sorted(deeds), told, met)


@pytest.mark.parametrize("kind", TOLD)
def test_whichever_statement_or_commit_fails_nothing_is_lost_or_said_twice(
    kind: str, databases: Databases
) -> None:
    sound = settle(databases, kind, 0)
    assert (sound.complaint.strip(), len(sound.sent)) == ("", len(set(sound.sent)))
    assert len(sound.sent) == 4
    for number in range(1, sound.met + 1, examples(13, 1)):
        found = settle(databases, kind, number)
        assert found.tickets == sound.tickets, f"{kind} {number} of {sound.met}"
        assert found.sent == sound.sent, f"{kind} {number} of {sound.met}"
        assert TOLD[kind] in found.complaint, f"{kind} {number} of {sound.met}"
