"""Stores of every released schema: brought up by a writer, whole; refused by a reader, kindly."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, event, select

from connectors.memory import MemoryConnector
from service.state import keeping
from service.state.knowledge import as_known
from service.state.schema import DEEDS, METADATA, OLDER, REVISION
from service.state.store import StoreError, open_store
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


def test_the_state_as_it_was_is_kept_beside_it(old: str) -> None:
    with closing(sqlite3.connect(old)) as db:
        before = list(db.iterdump())
    open_store(old, writer=True).close()
    open_store(old, writer=True).close()
    (copy,) = Path(old).parent.glob("*.schema-*")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as db:
        assert list(db.iterdump()) == before


def test_killed_at_any_statement_it_is_as_it_was_or_as_new(old: str) -> None:
    with closing(sqlite3.connect(old)) as db:
        before = list(db.iterdump())
    whole = statements(old, most=0)
    asked = range(1, whole + 1) if old_schema(before) == OLDER[0] else range(1, whole + 1, 9)
    for nth in asked:
        with closing(sqlite3.connect(old)) as db:
            now = list(db.iterdump())
        if old_schema(now) == REVISION:
            assert nth > whole - 5, "committed as a whole, when nearly all is done"
            break
        assert now == before, nth
        assert killed(old, nth), nth
    with open_store(old, writer=True) as store, store.read() as db:
        assert compare_metadata(MigrationContext.configure(db), METADATA) == []


def old_schema(dump: list[str]) -> str:
    (line,) = [line for line in dump if line.startswith('INSERT INTO "alembic_version"')]
    return line.split("'")[1]


def statements(path: str, most: int) -> int:
    """How many statements bring a copy up; killed after `most` of them, if that is not 0."""
    seen = 0

    def watch(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == most:
            os.kill(os.getpid(), signal.SIGKILL)

    copy = path
    if not most:
        copy = f"{path}.copy"
        Path(copy).write_bytes(Path(path).read_bytes())
    event.listen(Engine, "after_cursor_execute", watch)
    try:
        open_store(copy, writer=True).close()
    finally:
        event.remove(Engine, "after_cursor_execute", watch)
    return seen


def killed(path: str, nth: int) -> bool:
    """Bring it up in a process that dies after its n-th statement."""
    child = os.fork()
    if child == 0:
        statements(path, most=nth)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
