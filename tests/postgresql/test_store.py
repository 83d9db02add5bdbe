"""Several processes may write to one PostgreSQL; what a server must not be is told."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from sqlalchemy import insert, select

from connectors.memory import MemoryConnector
from service.record import audit
from service.state import failpoints
from service.state.schema import AUDIT, CURSORS
from service.state.store import StoreError, open_store
from sla_engine.units import HOUR, MINUTE
from tests.postgresql.server import Databases
from tests.service.desks import T0, Desk, ticket
from tests.service.test_workers import IN_A_PASS

ROW = {"connection": "desk", "cursor": "7", "scope": "all"}
LINE = dict.fromkeys(audit.CONTENTS, "") | {"at": 0}


def test_two_processes_write_and_see_each_other(databases: Databases) -> None:
    state = databases.new()
    with open_store(state, writer=True) as one, open_store(state, writer=True) as other:
        assert one.writable
        with one.write() as db:
            db.execute(insert(CURSORS), [ROW])
        with other.read() as db:
            assert db.execute(select(CURSORS.c.cursor)).scalar() == "7"


def test_writers_at_the_same_time_leave_one_chain(databases: Databases) -> None:
    state = databases.new()

    def write() -> None:
        with open_store(state, writer=True) as store:
            for _ in range(20):
                with store.write() as db:
                    audit.append(db, [LINE])

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with open_store(state, writer=False) as store, store.read() as db:
        seal = audit.BEFORE_ALL
        for number, row in enumerate(db.execute(select(AUDIT).order_by(AUDIT.c.number)), start=1):
            seal = audit.seal_of(seal, number, row.digest)
            assert (row.number, row.seal) == (number, seal)
        assert number == 60


def test_a_database_that_is_not_there_is_told(databases: Databases) -> None:
    with pytest.raises(StoreError, match="does not exist; mend the address that state names"):
        open_store(f"{databases.address}/none", writer=True)


AWAY = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"""


@pytest.mark.parametrize("point", [*IN_A_PASS])
def test_cut_off_from_the_server_anywhere_it_says_everything_once(
    databases: Databases, point: str
) -> None:
    """A failover, or an administrator: the pass ends with words, the next ones go on."""
    state = databases.new()
    system = MemoryConnector("desk", [ticket(1)])
    cut: list[str] = []

    def watch(name: str) -> None:
        if name == point and not cut:
            cut.append(name)
            databases.say(AWAY.format(name=state.rpartition("/")[2]))

    with open_store(state, writer=True) as store:
        desk = Desk(store, system)
        desk.run(T0)
        failpoints.watchers.append(watch)
        try:
            with suppress(StoreError):
                desk.run(T0 + 5 * HOUR)
        finally:
            failpoints.watchers.remove(watch)
        assert cut
        for later in (MINUTE, 12 * MINUTE, 13 * MINUTE, 45 * MINUTE):
            with suppress(StoreError):
                desk.run(T0 + 5 * HOUR + later)
    (now,) = system.fetch([ticket(1).ref])
    comments = [event for event in now.journal if event.field == "comment"]
    assert len(comments) == 1
    assert str(now.written["SLA status"]).startswith("Breached")
    databases.give_back(state)
