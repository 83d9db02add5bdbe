"""Stores of every released schema: brought up by a writer, whole; refused by a reader, kindly."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from connectors.memory import MemoryConnector
from service import keeping
from service.knowledge import as_known
from service.schema import DEEDS, METADATA, OLDER
from service.store import StoreError, open_store
from sla_engine.units import HOUR, Instant
from tests.service.desks import T0, Desk, ticket

STORES = Path(__file__).parent / "stores"
LAST_PASS = Instant(T0 + int(3.5 * HOUR))


@pytest.fixture(params=OLDER)
def old(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A store that a program of that schema made."""
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript((STORES / f"{request.param}.sql").read_text(encoding="utf-8"))
    return str(path)


def test_a_writer_brings_it_to_the_tables_as_they_are_declared(old: str) -> None:
    with open_store(old, writer=True) as store, store.read() as db:
        assert compare_metadata(MigrationContext.configure(db), METADATA) == []


def test_a_reader_says_who_brings_it_up(old: str) -> None:
    with pytest.raises(StoreError, match=r"of an older sla-sync; run: sla run --once"):
        open_store(old, writer=False)


def test_nothing_is_lost_and_a_pass_goes_on_from_it(old: str) -> None:
    with open_store(old, writer=True) as store:
        with store.read() as db:
            tickets, unfit = keeping.load(db, "desk", keeping.ids(db, "desk"))
            deeds = db.execute(select(DEEDS)).all()
        assert ([t.ref.key for t in tickets], unfit) == (["SUP-1", "SUP-2", "SUP-3"], ())
        desk = Desk(store, MemoryConnector("desk", tickets))
        report = desk.run_one(LAST_PASS)
        assert (report.failures, report.moved, report.written.tickets) == ((), 0, 0)
        with store.read() as db:
            assert db.execute(select(DEEDS)).all() == deeds


def test_knowledge_begins_with_the_last_pass_of_the_old_program(old: str) -> None:
    with open_store(old, writer=True) as store, store.read() as db:
        assert as_known(db, ticket(2).ref, Instant(LAST_PASS - 1)) is None
        then = as_known(db, ticket(2).ref, LAST_PASS)
        assert then is not None
        assert len(then.journal) == 1
