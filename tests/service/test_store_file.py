"""The store in a file: durable, private, one writer; what is wrong with the file is told."""

from __future__ import annotations

import os
import random
import stat
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text

from connectors.memory import MemoryConnector
from service.state.schema import CURSORS
from service.state.store import Store, StoreError, open_store
from sla_engine.units import HOUR, MINUTE, Instant
from tests.conftest import examples
from tests.service.desks import T0, Desk, ticket

ROW = {"connection": "desk", "cursor": "7", "scope": "all"}


def test_what_was_committed_survives_a_power_cut(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "state.db"), writer=True) as store, store.read() as db:
        assert db.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert db.execute(text("PRAGMA synchronous")).scalar() == 2  # FULL


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with open_store(str(tmp_path / "state.db"), writer=True) as store:
            with store.write() as db:
                db.execute(insert(CURSORS), [ROW])
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(
        ("state.db", "state.db-wal", "state.db-shm", "state.db.lock"), 0o600
    )


def test_a_second_writer_is_told_who_writes(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")
    with (
        open_store(path, writer=True),
        pytest.raises(StoreError, match=rf"by sla \S* ?\(pid {os.getpid()} on \S+, since \w+ \d+ "),
    ):
        open_store(path, writer=True)
    open_store(path, writer=True).close()


@pytest.mark.parametrize("writer", [True, False])
def test_a_file_that_is_no_store_is_refused_with_a_way_out(tmp_path: Path, writer: bool) -> None:
    (tmp_path / "state.db").write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 40)
    with pytest.raises(StoreError, match=r"sla restore FILE, or .* sla rebuild"):
        open_store(str(tmp_path / "state.db"), writer=writer)


def test_a_damaged_page_is_told_and_never_raises_anything_else(tmp_path: Path) -> None:
    def used(store: Store) -> None:
        with store.write() as db:
            db.execute(insert(CURSORS), [ROW])
            db.execute(delete(CURSORS))

    path = tmp_path / "state.db"
    open_store(str(path), writer=True).close()
    sound = path.read_bytes()
    for at in range(0, len(sound), 997):
        path.write_bytes(sound[:at] + b"\xff\x00\xfe" + sound[at + 3 :])
        with suppress(StoreError), open_store(str(path), writer=True) as store:
            used(store)


def test_a_page_of_noise_is_noticed_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with open_store(str(path), writer=True) as store, store.write() as db:
        db.execute(insert(CURSORS), [ROW | {"connection": f"desk/{n}"} for n in range(500)])
        page = db.execute(
            text("SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_cursors_1'")
        ).scalar_one()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(os.urandom(4096))
    with pytest.raises(StoreError, match=r"is damaged \(Page .* sla restore FILE"):
        open_store(str(path), writer=True)


def test_a_full_disk_is_told_and_the_store_stays_whole(tmp_path: Path) -> None:
    def filled(store: Store) -> None:
        with store.write() as db:
            db.execute(text("PRAGMA max_page_count = 1"))
            for n in range(500):
                db.execute(insert(CURSORS), [ROW | {"connection": str(n), "cursor": "x" * 4096}])

    with open_store(str(tmp_path / "state.db"), writer=True) as store:
        with pytest.raises(StoreError, match="full; make room on the disk"):
            filled(store)
        with store.read() as db:
            assert db.execute(select(CURSORS)).all() == []


def test_what_others_could_read_becomes_private(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "state.db"
    open_store(str(path), writer=True).close()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o644)  # a copy that was put back
    open_store(str(path), writer=True).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("postgresql://sla:geheim@127.0.0.1:1/sla", r"sla:\*\*\*@.*is the database server running"),
        ("mysql://db/sla", "a file, such as state.db, or an address"),
        ("nonsense://", "a file, such as state.db, or an address"),
        ("/proc/none/state.db", "mend the owner and the mode of its folder"),
    ],
)
def test_a_place_that_cannot_be_is_told_without_a_secret(state: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as told:
        open_store(state, writer=True)
    assert "geheim" not in str(told.value)


def test_a_reader_makes_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nothing is kept yet"):
        open_store(str(tmp_path / "state.db"), writer=False)
    assert list(tmp_path.iterdir()) == []


def test_a_url_is_taken_as_it_is(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'other.db'}", writer=True) as store:
        assert store.writable
    assert (tmp_path / "other.db").exists()


def test_of_a_torn_log_what_was_committed_before_is_there(tmp_path: Path) -> None:
    """Power fails while the log is written: at every frame, a byte before and a byte after."""
    path, most = tmp_path / "state.db", 6
    open_store(str(path), writer=True).close()  # what made the tables is in the file
    with open_store(str(path), writer=True) as store:
        for number in range(most):
            with store.write() as db:
                db.execute(insert(CURSORS), [ROW | {"connection": f"desk/{number}"}])
        sound, log = path.read_bytes(), Path(f"{path}-wal").read_bytes()
    frames = range(32, len(log) + 1, 24 + 4096)
    kept = []
    for end in (frame + off for frame in frames for off in (-1, 0, 1)):
        torn = tmp_path / f"torn-{end}.db"
        torn.write_bytes(sound)
        Path(f"{torn}-wal").write_bytes(log[:end])
        with open_store(str(torn), writer=True) as store, store.read() as db:
            rows = db.execute(select(CURSORS.c.connection).order_by(CURSORS.c.connection))
            names = list(rows.scalars())
        assert names == [f"desk/{number}" for number in range(len(names))], end
        kept.append(len(names))
    assert kept == sorted(kept)
    assert (kept[0], kept[-1]) == (0, most)


def test_flipped_bytes_say_nothing_twice_and_never_crash(tmp_path: Path) -> None:
    """Each is refused with words, or passed over without a word to anybody."""
    path = tmp_path / "state.db"
    system = MemoryConnector("desk", [ticket(1), ticket(2)])
    late = Instant(T0 + 5 * HOUR)
    with open_store(str(path), writer=True) as store:
        Desk(store, system).run(T0)
        Desk(store, system).run(late)
    sound, chance = path.read_bytes(), random.Random(51)
    said = [len(one.journal) for one in system.fetch([ticket(1).ref, ticket(2).ref])]
    refused: list[str] = []
    for _ in range(examples(usual=50, deep=200)):
        for old in tmp_path.glob("state.db?*"):
            old.unlink()
        at = chance.randrange(len(sound))
        flipped = sound[at] ^ (1 << chance.randrange(8))
        path.write_bytes(sound[:at] + bytes([flipped]) + sound[at + 1 :])
        try:
            with open_store(str(path), writer=True) as store:
                Desk(store, system).run(late + MINUTE)
        except StoreError as error:
            refused.append(str(error))
        now = system.fetch([ticket(1).ref, ticket(2).ref])
        assert [len(one.journal) for one in now] == said, at
    assert refused
    assert all("; " in why for why in refused), "and how to mend it"
