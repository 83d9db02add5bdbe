"""The store as a resource: opened, locked for writing, brought to the newest schema, closed.

A store in a file has one writing process, by a lock; one in PostgreSQL has any number, whose
transactions come one after the other. What is read is as of one moment in both.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from service.state.failpoints import reach
from service.state.keepsakes import keep_as_it_was
from service.state.schema import OLDER, REVISION
from service.state.store_errors import DAMAGED, FOREIGN, NEWER, StoreError, complaint
from service.state.writer_lock import lock_for_writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

__all__ = ["Store", "StoreError", "file_of", "open_store"]

BACKENDS = ("sqlite", "postgresql")
BUSY = 5_000  # milliseconds to wait for another process's transaction
CACHE = 4_000  # KiB of pages in memory at most
ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(7564385)")  # "sla" as a number


class Store:
    """All that outlives a pass. Close it, or use `with`."""

    def __init__(self, engine: Engine, lock: IO[str] | None, *, writable: bool) -> None:
        self._engine = engine
        self._lock = lock
        self.writable = writable

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: all of it is durable when the block ends, or nothing is."""
        with self.checked(), self._engine.begin() as db:
            _one_by_one(db)
            yield db

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A steady view of what is kept."""
        with self.checked(), self._engine.connect() as db:
            if db.dialect.name == "postgresql":
                db.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield db

    @contextmanager
    def checked(self) -> Iterator[None]:
        """What the database complains of, as a StoreError: a full disk, a lock, a damaged file."""
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error, UnicodeDecodeError) as error:
            raise complaint(_called(self._engine.url), error) from error

    def compact(self) -> None:
        """Give back what was deleted, so that no page of the file has it any more."""
        with self.checked():
            raw = self._engine.raw_connection()
            try:
                cursor = raw.cursor()
                if self._engine.dialect.name == "sqlite":
                    cursor.execute("VACUUM")
                    reach("purge.after_vacuum")
                    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                    reach("purge.after_checkpoint")
                cursor.close()
            finally:
                raw.close()

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
    a reader raises StoreError where there is none. StoreError too where it is damaged, of a newer
    program, not ours, or in a file that another process writes to."""
    url = _url(state)
    path = _path(url)
    if path is not None and not writer and not path.exists():
        raise StoreError(f"nothing is kept yet at {path}; run: sla run --once")
    engine = _engine(url)
    lock = lock_for_writing(path) if path is not None and writer else None
    if engine.dialect.name == "sqlite":
        _tune(engine, writer=writer)
    store = Store(engine, lock, writable=writer)
    try:
        with store.checked():
            _bring_up(engine, writer=writer)
            if writer:
                _look_through(engine)
    except BaseException:
        store.close()
        raise
    return store


def open_beside(state: str) -> Store:
    """A store that another process may be writing to, for a row at a time: the database makes the
    two wait for each other. StoreError where there is none, or it is of another program."""
    open_store(state, writer=False).close()
    engine = _engine(_url(state))
    if engine.dialect.name == "sqlite":
        _tune(engine, writer=True)
    return Store(engine, None, writable=True)


def file_of(state: str) -> Path | None:
    """The file that a store is in; None where a database server keeps it, or nothing does."""
    return _path(_url(state))


def _url(state: str) -> URL:
    if "://" not in state:
        return URL.create("sqlite", database=state)
    try:
        url = make_url(state)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.get_backend_name() not in BACKENDS:
        raise StoreError("state is a file, such as state.db, or an address: postgresql://…")
    return url


def _path(url: URL) -> Path | None:
    found = url.database if url.get_backend_name() == "sqlite" else None
    return None if found in (None, "", ":memory:") else Path(str(found))


def _engine(url: URL) -> Engine:
    try:
        return create_engine(url)
    except ImportError:
        mend = "install sla-sync[postgresql], or name a file as state"
        raise StoreError(f"{_called(url)} cannot be used: no driver for it; {mend}") from None


def _called(url: URL) -> str:
    path = _path(url)
    return str(path) if path else url.render_as_string(hide_password=True)


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

    def do_begin(dbapi_connection: PoolProxiedConnection) -> None:
        dbapi_connection.cursor().execute("BEGIN IMMEDIATE" if writer else "BEGIN")

    # Not by an event: one that listens makes every statement slower.
    engine.dialect.do_begin = do_begin  # type: ignore[method-assign]


def _one_by_one(db: Connection) -> None:
    """Writers of one database wait for each other, as those of a file do by themselves."""
    if db.dialect.name == "postgresql":
        db.execute(ONE_BY_ONE)


def _bring_up(engine: Engine, *, writer: bool) -> None:
    found = revision(engine)
    if found == REVISION:
        return
    if found not in ("", *OLDER):
        raise StoreError(
            f"the store is of a newer sla-sync (schema {found}, this one knows {REVISION}); {NEWER}"
        )
    if not found and inspect(engine).get_table_names():
        raise StoreError(f"{_called(engine.url)} holds the tables of another program; {FOREIGN}")
    if not writer:
        what = "the store is of an older sla-sync" if found else "nothing is kept yet"
        raise StoreError(f"{what}; run: sla run --once")
    path = _path(engine.url)
    if found and path is not None:
        keep_as_it_was(engine, path, found)
    migrate(engine)


def _look_through(engine: Engine) -> None:
    """A damaged file answers many a question as if it were whole: look at all of it first."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as db:
            said = str(db.execute(text("PRAGMA quick_check(1)")).scalar())
        if said != "ok":
            what = said.splitlines()[-1]
            raise StoreError(f"{_called(engine.url)} is damaged ({what}); {DAMAGED}")


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
    config.set_main_option("script_location", "service.state:migrations")
    with engine.begin() as db:
        _one_by_one(db)
        config.attributes["connection"] = db
        command.upgrade(config, "head")
        reach("migrate.in_last")
    reach("migrate.after_commit")
