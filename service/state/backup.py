"""Copies of a store in a file: made while it is in use, and put in its place."""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from service.setup import files
from service.state.failpoints import reach
from service.state.store import file_of
from service.state.store_errors import DAMAGED, FOREIGN, StoreError, complaint

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVED = "the state is kept by a database server; use its own tools, such as pg_dump and pg_restore"


def place_of(state: str) -> Path:
    """The file that a store is in; StoreError where a server keeps it."""
    path = file_of(state)
    if path is None:
        raise StoreError(SERVED)
    return path


def back_up(state: str, to: Path) -> None:
    """A whole and sound copy as of one moment, durable once it bears its name. StoreError where
    there is nothing to copy, it is damaged, or a file of that name is there already; FileError
    where the copy cannot be written."""
    path = place_of(state)
    if not path.exists():
        raise StoreError(f"nothing is kept yet at {path}; run: sla run --once")
    if to.exists():
        raise StoreError(f"{to} is there already; name another file")
    files.make_folder(to.parent)
    with files.unfinished(to) as copy:
        copy_store(path, copy)
        _sync(copy)
        reach("backup.after_copy")
        copy.replace(to)
        _sync(to.parent)
        reach("backup.after_name")


def copy_store(path: Path, copy: Path) -> None:
    """The store as of now in a file of its own, looked through; the one copied may be in use."""
    with _told(path), closing(_reading(path)) as old, closing(sqlite3.connect(copy)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")  # one file, without -wal beside it
        said = str(new.execute("PRAGMA integrity_check(1)").fetchone()[0])
        if said != "ok":
            raise StoreError(f"{path} is damaged ({said.splitlines()[-1]}); {DAMAGED}")
        names = {row[0] for row in new.execute("SELECT name FROM sqlite_schema")}
        if "alembic_version" not in names or "deeds" not in names:
            raise StoreError(f"{path} is no state of sla-sync; {FOREIGN}")


def put_in_place(copy: Path, path: Path, aside: Path) -> None:
    """The copy instead of the store, which goes aside. Killed in the middle, one of both is there;
    where it cannot be, the store stays as it was. The lock must be held."""
    _sync(copy)
    with ExitStack() as undo:
        os.link(path, aside)
        undo.callback(aside.unlink)
        reach("restore.after_link")
        for end in ("-wal", "-shm"):  # of the old one: SQLite would mix them into the new
            with suppress(FileNotFoundError):
                os.replace(f"{path}{end}", f"{aside}{end}")
                undo.callback(os.replace, f"{aside}{end}", f"{path}{end}")
        copy.replace(path)
        undo.pop_all()
    _sync(path.parent)
    reach("restore.after_replace")


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise complaint(str(path), error) from error


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
