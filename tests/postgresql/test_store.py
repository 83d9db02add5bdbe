"""Several processes may write to one PostgreSQL; what a server must not be is told."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, insert, select, text

from service import audit
from service.schema import AUDIT, CURSORS, METADATA
from service.store import StoreError, open_store
from tests.postgresql.conftest import command
from tests.service.desks import state_at

ROW = {"connection": "desk", "cursor": "7", "scope": "all"}
LINE = dict.fromkeys(audit.CONTENTS, "") | {"at": 0}


def test_migrations_give_the_tables_as_they_are_declared(tmp_path: Path) -> None:
    with open_store(state_at(tmp_path), writer=True) as store, store.read() as db:
        assert compare_metadata(MigrationContext.configure(db), METADATA) == []


def test_two_processes_write_and_see_each_other(tmp_path: Path) -> None:
    state = state_at(tmp_path)
    with open_store(state, writer=True) as one, open_store(state, writer=True) as other:
        assert one.writable
        with one.write() as db:
            db.execute(insert(CURSORS), [ROW])
        with other.read() as db:
            assert db.execute(select(CURSORS.c.cursor)).scalar() == "7"


def test_what_is_read_is_of_one_moment_and_not_written_to(tmp_path: Path) -> None:
    with open_store(state_at(tmp_path), writer=True) as store, store.read() as db:
        assert db.execute(select(CURSORS)).all() == []
        with store.write() as other:
            other.execute(insert(CURSORS), [ROW])
        assert db.execute(select(CURSORS)).all() == []
    with (
        open_store(state_at(tmp_path), writer=True) as store,
        pytest.raises(StoreError, match="read-only"),
        store.read() as db,
    ):
        db.execute(insert(CURSORS), [ROW | {"connection": "other"}])


def test_writers_at_the_same_time_leave_one_chain(tmp_path: Path) -> None:
    state = state_at(tmp_path)

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


def test_a_database_of_another_program_is_left_alone(address: str) -> None:
    command(address, "CREATE DATABASE others")
    engine = create_engine(f"{address}/others")
    with engine.begin() as db:
        db.execute(text("CREATE TABLE people (name TEXT)"))
    engine.dispose()
    with pytest.raises(StoreError, match="tables of another program"):
        open_store(f"{address}/others", writer=True)


def test_a_database_that_is_not_there_is_told(address: str) -> None:
    with pytest.raises(StoreError, match="does not exist; mend the address that state names"):
        open_store(f"{address}/none", writer=True)
