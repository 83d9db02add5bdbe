"""This machine's own things for sla doctor: the state, the disk, the zones, the channels."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from connectors.base import Finding
from service.record.zone_data import tzdata_version
from service.state.store import StoreError, open_store, revision_of
from service.state.store_errors import DAMAGED
from service.watch.examining import Examined

if TYPE_CHECKING:
    from service.delivery.channels import Channels
    from service.setup.settings import Settings

Version = tuple[int, int, int]

MENDED: dict[tuple[int, int], Version] = {(3, 44): (3, 44, 6), (3, 50): (3, 50, 7)}
"""Older lines of SQLite that got the correction of the WAL-reset bug, and from which version on."""
LITTLE, ALMOST_NONE = 1_000_000_000, 100_000_000
"""Bytes free on the disk: a warning below the first, a problem below the second."""


def examine_machine(settings: Settings, channels: Channels) -> Examined:
    """Reads only; the state is not made where there is none."""
    found = [*_state(settings.state), *_zones(), *_channels(channels)]
    return Examined("this machine", str(settings.file), tuple(found))


def _state(state: str) -> Iterator[Finding]:
    path = None if "://" in state else Path(state)
    if path is not None:
        yield from _disk(path)
        yield from _sqlite()
    if path is not None and not path.exists():
        yield Finding("ok", "state", f"none yet at {path.name}; the first pass makes it")
        return
    try:
        with open_store(state, writer=False) as store, store.read() as db:
            said = [f"schema {revision_of(db)}"]
            if path is not None:
                broken = str(db.execute(text("PRAGMA quick_check(1)")).scalar())
                said = [f"{path.name} {path.stat().st_size / 1e6:.1f} MB", *said]
                if broken != "ok":
                    yield Finding(
                        "problem", "state", f"damaged: {broken.splitlines()[-1]}", DAMAGED
                    )
                    return
                said.append("integrity ok")
            yield Finding("ok", "state", " · ".join(said))
    except StoreError as error:
        yield Finding("problem", "state", str(error))
        return
    if path is not None and path.stat().st_mode & 0o077:
        mend = f"chmod 600 {path}"
        yield Finding("problem", "state", "others on this machine may read it", mend)


def resets_wal_badly(version: Version) -> bool:
    """Whether two connections that write and checkpoint at the same instant may damage a file in
    WAL mode: 3.7.0 to 3.51.2 (sqlite.org/wal.html#walresetbug)."""
    return (3, 7, 0) <= version < MENDED.get(version[:2], (3, 51, 3))


def _sqlite() -> Iterator[Finding]:
    if resets_wal_badly(sqlite3.sqlite_version_info):
        said = f"{sqlite3.sqlite_version} may, very rarely, damage a file that two processes use"
        mend = "3.51.3 or newer, 3.50.7 or 3.44.6; until then sla backup daily"
        yield Finding("warning", "SQLite", said, mend)
    else:
        yield Finding("ok", "SQLite", sqlite3.sqlite_version)


def _disk(path: Path) -> Iterator[Finding]:
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    free = shutil.disk_usage(folder).free
    said = f"{free / 1e9:.1f} GB free"
    if free < LITTLE:
        mend = "make room: without it nothing can be kept, and so nothing is written"
        yield Finding("problem" if free < ALMOST_NONE else "warning", "disk", said, mend)
    else:
        yield Finding("ok", "disk", said)


def _zones() -> Iterator[Finding]:
    version = tzdata_version()
    if version == "unknown":
        said = "the version of this machine's zone data is not known"
        yield Finding("warning", "time zones", said, "install tzdata of the distribution anew")
    else:
        yield Finding("ok", "time zones", f"tzdata {version}")


def _channels(channels: Channels) -> Iterator[Finding]:
    if not channels.known:
        return
    if channels.send is None and find_spec("apprise") is None:
        said = "messages need the package apprise"
        yield Finding("problem", "channels", said, "pip install 'sla-sync[notify]'")
    unset = [name for name in channels.known if name not in channels.names]
    if unset:
        said = f"no address for {', '.join(unset)}: nobody gets those messages"
        mend = "set the variable that url_env names in service.yaml"
        yield Finding("warning", "channels", said, mend)
    else:
        yield Finding("ok", "channels", ", ".join(channels.known))
