"""The store as a resource: opened, locked for one writer, brought to the newest schema, closed."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from service.schema import OLDER, REVISION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

BUSY = 5_000  # milliseconds to wait for another process's transaction
CACHE = 64_000  # KiB of pages in memory at most


class StoreError(Exception):
    """The store cannot be used; the text says why and what to do."""


class Store:
    """All that outlives a pass. One process writes, any number read. Close it, or use `with`."""

    def __init__(self, engine: Engine, lock: IO[str] | None) -> None:
        self._engine = engine
        self._lock = lock

    @property
    def writable(self) -> bool:
        return self._lock is not None or self._engine.url.database in (None, "", ":memory:")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: all of it is durable when the block ends, or nothing is."""
        with self.checked(), self._engine.begin() as db:
            yield db

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A steady view of what is kept."""
        with self.checked(), self._engine.connect() as db:
            yield db

    @contextmanager
    def checked(self) -> Iterator[None]:
        """What the database complains of, as a StoreError: a full disk, a lock, a damaged file."""
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error, UnicodeDecodeError) as error:
            where = self._engine.url.render_as_string(hide_password=True)
            raise StoreError(f"{where} cannot be used: {_said(error)}; {_mend(error)}") from error

    def close(self) -> None:
        self._engine.dispose()
        if self._lock is not None:
            self._lock.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(state: str, *, writer: bool) -> Store:
    """The store at a path or SQLAlchemy URL. A writer makes it, locks it and brings it up to date;
    a reader raises StoreError where there is none. StoreError too where another process writes."""
    url = make_url(state) if "://" in state else make_url(f"sqlite:///{state}")
    path = _file_of(url.database) if url.get_backend_name() == "sqlite" else None
    if path is not None and not writer and not path.exists():
        raise StoreError(f"nothing is kept yet at {path}; run: sla run --once")
    lock = _locked(path) if path is not None and writer else None
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        _tune(engine, writer=writer)
    store = Store(engine, lock)
    try:
        with store.checked():
            _bring_up(engine, writer=writer)
    except BaseException:
        store.close()
        raise
    return store


def _said(error: Exception) -> str:
    return str(error.orig) if isinstance(error, DBAPIError) else str(error).partition("\n")[0]


def _mend(error: Exception) -> str:
    said = _said(error).lower()
    if any(word in said for word in ("malformed", "not a database", "decode", "no such", "schema")):
        return "move the file away: all of it is read anew, and marks on tickets prevent repeats"
    if "locked" in said:
        return "another program holds it: a backup?"
    return "is the disk full, or not writable?"


def _file_of(database: str | None) -> Path | None:
    return None if database in (None, "", ":memory:") else Path(str(database))


def _locked(path: Path) -> IO[str]:
    """The lock file, held until closed or until this process ends in whatever way."""
    import fcntl  # absent on Windows, where the program does not run yet

    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # -wal and -shm take their mode from it
    lock = os.fdopen(os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR, 0o600), "r+", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise StoreError(
            f"another sla process (pid {holder}) is writing to {path}; stop it, or wait"
        ) from None
    lock.seek(0)
    lock.truncate()
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _tune(engine: Engine, *, writer: bool) -> None:
    """SQLite so that what was committed survives a power cut, and transactions begin when told."""

    @event.listens_for(engine, "connect")
    def _connected(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY}")
        if writer:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute(f"PRAGMA cache_size=-{CACHE}")
        else:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")


def _bring_up(engine: Engine, *, writer: bool) -> None:
    found = revision(engine)
    if found == REVISION:
        return
    if found not in ("", *OLDER):
        raise StoreError(
            f"the store is of a newer sla-sync (schema {found}, this one knows {REVISION}); "
            "upgrade, or move the file away: all of it is read anew"
        )
    if not writer:
        what = "the store is of an older sla-sync" if found else "nothing is kept yet"
        raise StoreError(f"{what}; run: sla run --once")
    migrate(engine)


def revision(engine: Engine) -> str:
    """The schema the store bears; "" where it is empty."""
    if not inspect(engine).has_table("alembic_version"):
        return ""
    with engine.connect() as db:
        return revision_of(db)


def revision_of(db: Connection) -> str:
    """The schema of a store that has one."""
    return str(db.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def migrate(engine: Engine) -> None:
    """Every migration that is missing, in one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "service:migrations")
    with engine.begin() as db:
        config.attributes["connection"] = db
        command.upgrade(config, "head")
