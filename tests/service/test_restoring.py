"""Backups are whole, and what comes back never says anything twice."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from commands.rebuild import CALLED, told
from connectors.memory import MemoryConnector
from service.state.backup import back_up
from service.state.restoring import rebuild, restore
from service.state.salvage import SAVED, Saved
from service.state.schema import (
    AUDIT,
    CURSORS,
    DEEDS,
    KIN,
    METADATA,
    QUARANTINE,
    RUNS,
    TICKETS,
    VERDICTS,
    VOCABULARIES,
)
from service.state.standing import standing
from service.state.store import Store, StoreError, open_store
from sla_engine.units import HOUR, MINUTE, Instant
from tests.service.desks import T0, Desk, ticket

LATE = Instant(T0 + 5 * HOUR)
ROW = {"connection": "desk", "cursor": "7", "scope": "all"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def rows(store: Store, *tables: object) -> list[object]:
    with store.read() as db:
        return [db.execute(select(table)).all() for table in tables]  # type: ignore[call-overload]  # tables


def test_a_backup_is_one_private_file_of_what_was_committed(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "backups" / "copy.db"
    with open_store(str(path), writer=True) as store:
        with store.write() as db:
            db.execute(insert(CURSORS), [ROW])
        with store.write() as db:
            db.execute(insert(CURSORS), [ROW | {"connection": "not yet committed"}])
            back_up(str(path), copy)
    assert [one.name for one in copy.parent.iterdir()] == ["copy.db"]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with open_store(str(copy), writer=False) as store, store.read() as db:
        assert db.execute(select(CURSORS.c.connection)).scalars().all() == ["desk"]


def test_a_file_that_is_there_is_never_overwritten(path: Path, tmp_path: Path) -> None:
    open_store(str(path), writer=True).close()
    (tmp_path / "letter.txt").write_text("Dear Ada")
    with pytest.raises(StoreError, match="is there already"):
        back_up(str(path), tmp_path / "letter.txt")
    assert (tmp_path / "letter.txt").read_text() == "Dear Ada"


def spoil(path: Path, name: str) -> None:
    """Noise over the first page of a table or index that holds rows."""
    with closing(sqlite3.connect(path)) as db:
        size = db.execute("PRAGMA page_size").fetchone()[0]
        asked = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        root = db.execute(asked, [name]).fetchone()[0]
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(os.urandom(size))


def test_what_is_damaged_or_no_state_becomes_no_backup(path: Path, tmp_path: Path) -> None:
    open_store(str(path), writer=True).close()
    spoil(path, "cursors")
    with closing(sqlite3.connect(tmp_path / "other.db")) as db:
        db.execute("CREATE TABLE people (name TEXT)")
    for source in ("state.db", "other.db", "none.db"):
        with pytest.raises(StoreError):
            back_up(str(tmp_path / source), tmp_path / "to" / "copy.db")
    assert list((tmp_path / "to").glob("**/*")) == []


def test_a_server_has_tools_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="pg_dump"):
        back_up("postgresql://db/sla", tmp_path / "copy.db")


def test_what_was_said_after_the_backup_is_not_said_again(path: Path, tmp_path: Path) -> None:
    system = MemoryConnector("desk", [ticket(1), ticket(2)])
    with open_store(str(path), writer=True) as store:
        Desk(store, system).run(T0)
    back_up(str(path), tmp_path / "copy.db")
    with open_store(str(path), writer=True) as store:
        said = Desk(store, system).run_one(LATE).written
        assert said.comments
    before = system.fetch([ticket(1).ref, ticket(2).ref])
    done = restore(tmp_path / "copy.db", str(path), ["desk"], LATE)
    assert done.aside is not None
    assert done.contents.tickets == 2
    with open_store(str(path), writer=True) as store:
        desk = Desk(store, system)
        looked = desk.run_one(LATE + MINUTE)
        assert (looked.mode, looked.changed, looked.written.tickets) == ("observe", 2, 0)
        assert looked.behind == LATE
        went_on = desk.run_one(LATE + 2 * MINUTE)
        assert went_on.behind is None
        assert (went_on.mode, went_on.written.comments, went_on.written.escalations) == (
            "write", 0, 0,
        )  # fmt: skip
    after = system.fetch([ticket(1).ref, ticket(2).ref])
    assert [len(one.journal) for one in after] == [len(one.journal) for one in before]


def test_a_pull_that_was_stopped_does_not_end_the_looking(path: Path, tmp_path: Path) -> None:
    system = MemoryConnector("desk", [ticket(1)])
    open_store(str(path), writer=True).close()
    back_up(str(path), tmp_path / "copy.db")
    restore(tmp_path / "copy.db", str(path), ["desk"], T0)
    with open_store(str(path), writer=True) as store:
        desk = Desk(store, system)
        desk.stop = lambda: True
        desk.run(T0)
        with store.read() as db:
            assert standing(db, "desk").restored_at == T0
        desk.stop = lambda: False
        desk.run(T0)
        with store.read() as db:
            assert standing(db, "desk").restored_at is None


@pytest.mark.parametrize("other", [b"", b"Dear Ada", b"SQLite format 3\0" + bytes(4000)])
def test_what_is_no_backup_changes_nothing(path: Path, tmp_path: Path, other: bytes) -> None:
    open_store(str(path), writer=True).close()
    sound = path.read_bytes()
    (tmp_path / "other").write_bytes(other)
    with pytest.raises(StoreError):
        restore(tmp_path / "other", str(path), ["desk"], T0)
    assert path.read_bytes() == sound
    assert {one.name for one in tmp_path.iterdir()} == {"state.db", "state.db.lock", "other"}


def test_nothing_is_brought_back_under_a_process_that_writes(path: Path, tmp_path: Path) -> None:
    with open_store(str(path), writer=True):
        back_up(str(path), tmp_path / "copy.db")
        with pytest.raises(StoreError, match="is being written by"):
            restore(tmp_path / "copy.db", str(path), ["desk"], T0)


def test_a_backup_of_an_older_version_is_brought_up_to_date(path: Path, tmp_path: Path) -> None:
    old = Path(__file__).parent / "stores" / "0001.sql"
    with closing(sqlite3.connect(tmp_path / "copy.db")) as db:
        db.executescript(old.read_text(encoding="utf-8"))
    restore(tmp_path / "copy.db", str(path), ["desk"], T0)
    with open_store(str(path), writer=False) as store, store.read() as db:
        assert standing(db, "desk").restored_at == T0


def finished(path: Path) -> tuple[MemoryConnector, list[object]]:
    """A desk that has said something, and what of that cannot be read again."""
    system = MemoryConnector("desk", [ticket(n) for n in range(1, 4)])
    with open_store(str(path), writer=True) as store:
        desk = Desk(store, system)
        desk.run(T0)
        desk.run(LATE)
        return system, rows(store, DEEDS, AUDIT, RUNS)


def test_every_table_is_saved_or_can_be_read_again() -> None:
    again = {TICKETS, CURSORS, KIN, VOCABULARIES, QUARANTINE}
    assert {*SAVED, *again} == {*METADATA.tables.values()}
    assert {*CALLED} == {table.name for table in (*SAVED, TICKETS)}


def test_a_state_made_anew_remembers_what_no_system_tells(path: Path) -> None:
    system, kept = finished(path)
    done = rebuild(str(path), ["desk"], LATE)
    assert not any(one.damaged for one in done.saved)
    with open_store(str(path), writer=True) as store:
        assert rows(store, DEEDS, AUDIT, RUNS) == kept
        desk = Desk(store, system)
        assert desk.run_one(LATE).changed == 3
        assert desk.run_one(LATE + MINUTE).written.comments == 0
        with store.read() as db:
            assert len(db.execute(select(VERDICTS)).all()) == 3


def test_of_a_damaged_state_everything_readable_is_taken_over(path: Path) -> None:
    _, (deeds, audit, _) = finished(path)
    spoil(path, "runs")
    with pytest.raises(StoreError, match="sla rebuild"):
        open_store(str(path), writer=True)
    done = rebuild(str(path), ["desk"], LATE)
    assert [one.table for one in done.saved if one.damaged] == ["runs"]
    with open_store(str(path), writer=True) as store:
        assert rows(store, DEEDS, AUDIT, RUNS) == [deeds, audit, []]


def test_what_was_taken_over_is_told_without_rows_of_nothing() -> None:
    saved = [Saved("deeds", 1204, False), Saved("runs", 1, False), Saved("holds", 0, False)]
    lines = told("state.db", [*saved, Saved("veils", 0, True)]).splitlines()
    assert lines == [
        "state.db is made anew. Taken over:",
        "    1 204 deeds",
        "        1 run",
        "        — pseudonyms cannot be read",
    ]
    partly = told("s.db", [Saved("runs", 2, True)])
    assert partly.endswith("  2 runs; more cannot be read")
    assert told("s.db", saved[2:]) == "s.db is made anew. There was nothing to take over."
    nothing = told("s.db", [*saved[2:], Saved("veils", 0, True)])
    assert nothing == "s.db is made anew. Nothing of it can be read."


def test_of_a_torn_table_both_ends_are_taken_over(path: Path) -> None:
    with open_store(str(path), writer=True) as store, store.write() as db:
        runs = [
            {"id": f"{n:04}", "kind": "pass", "began_at": n, "policies": "p" * 200, "cause": ""}
            for n in range(300)
        ]
        db.execute(insert(RUNS), runs)
    with closing(sqlite3.connect(path)) as db:
        size = db.execute("PRAGMA page_size").fetchone()[0]
    whole = path.read_bytes()
    page = whole.index(b"0150pass") // size
    path.write_bytes(whole[: page * size] + os.urandom(size) + whole[(page + 1) * size :])
    rebuild(str(path), ["desk"], LATE)
    with open_store(str(path), writer=True) as store, store.read() as db:
        saved = db.execute(text("SELECT min(id), max(id), count(*) FROM runs")).one()
    assert (saved[0], saved[1]) == ("0000", "0299")
    assert 200 < saved[2] < 300
