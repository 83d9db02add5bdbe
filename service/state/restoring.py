"""A store brought back: from a backup, or from what of a damaged one can still be read.

Either way it is behind the tickets: what was written since is not in it. So each connection is held
back until all its tickets were read anew, with the marks that our comments bear.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import delete, func, select

from service.setup.files import unfinished
from service.state.backup import copy_store, place_of, put_in_place
from service.state.failpoints import reach
from service.state.salvage import Saved, save_from
from service.state.schema import AUDIT, CURSORS, DEEDS, TICKETS
from service.state.standing import hold
from service.state.store import open_store
from service.state.store_errors import StoreError
from service.state.writer_lock import lock_for_writing
from sla_engine.units import Instant, to_datetime

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from service.state.store import Store


class Contents(msgspec.Struct, frozen=True):
    """How much a store holds."""

    tickets: int
    deeds: int
    audit: int


class Restored(msgspec.Struct, frozen=True):
    """What is in place now, where what was there before went (None where nothing was), and of a
    rebuilt store what of each table was saved."""

    contents: Contents
    aside: Path | None
    saved: tuple[Saved, ...] = ()


def contents(store: Store) -> Contents:
    """Counted."""
    with store.read() as db:
        counts = (select(func.count()).select_from(table) for table in (TICKETS, DEEDS, AUDIT))
        return Contents(*(int(db.execute(one).scalar_one()) for one in counts))


def restore(backup: Path, state: str, connections: Sequence[str], now: Instant) -> Restored:
    """Put a backup in the place of a store; StoreError where it is none, FileError
    where the state's folder does not take it; nothing is changed then."""
    if not backup.is_file():
        raise StoreError(f"there is no file {backup}")

    def made(copy: Path) -> tuple[Saved, ...]:
        copy_store(backup, copy)
        return ()

    return _replaced(state, connections, now, made)


def rebuild(state: str, connections: Sequence[str], now: Instant) -> Restored:
    """Put a new store in the place of one, with all of it that can be read and not be made anew."""
    path = place_of(state)
    if not path.exists():
        raise StoreError(f"nothing is kept yet at {path}; run: sla run --once")

    def made(copy: Path) -> tuple[Saved, ...]:
        with open_store(str(copy), writer=True) as store:
            return save_from(path, store, now)

    return _replaced(state, connections, now, made)


def _replaced(
    state: str,
    connections: Sequence[str],
    now: Instant,
    made: Callable[[Path], tuple[Saved, ...]],
) -> Restored:
    path = place_of(state)
    with closing(lock_for_writing(path)), unfinished(path) as copy:
        saved = made(copy)
        reach("restore.after_copy")
        with open_store(str(copy), writer=True) as store:
            with store.write() as db:
                hold(db, connections, now)
                db.execute(delete(CURSORS))
            held = contents(store)
        reach("restore.after_hold")
        aside = path.with_name(f"{path.name}.{to_datetime(now):%Y-%m-%dT%H%M%SZ}")
        put_in_place(copy, path, aside)
        if not aside.stat().st_size:  # the lock made it a moment ago
            aside.unlink()
        return Restored(held, aside if aside.exists() else None, saved)
