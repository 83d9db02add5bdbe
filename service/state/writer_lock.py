"""One process writes a store in a file: a lock that ends with its process, and says whose it is."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

from service.setup import private
from service.state.failpoints import reach
from service.state.store_errors import StoreError
from sla_engine.units import Instant, to_datetime


def lock_for_writing(path: Path) -> IO[str]:
    """The lock file, held until closed or until this process ends in whatever way; StoreError says
    who holds it, and since when. The store's files are made, or become, their owner's alone."""
    import fcntl  # absent on Windows, where the program does not run yet

    try:
        path.parent.mkdir(mode=private.FOLDER, parents=True, exist_ok=True)
        lock = _private(Path(f"{path}.lock"))
    except OSError as error:
        mend = "mend the owner and the mode of its folder, or name another place as state"
        raise StoreError(f"{path} cannot be used: {error.strerror}; {mend}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        with lock:
            raise StoreError(
                f"{path} is being written by {_holder(lock)}; stop it, or wait"
            ) from None
    try:
        _private(path).close()  # -wal and -shm take their mode from it
    except OSError as error:
        lock.close()
        raise StoreError(
            f"{path} cannot be used: {error.strerror}; mend its owner and its mode"
        ) from None
    with suppress(OSError):  # the lock holds on a full disk too, without a name
        lock.truncate()
        os.write(
            lock.fileno(), f"{_command()} (pid {os.getpid()} on {socket.gethostname()}".encode()
        )
    reach("store.after_lock")
    return lock


def _private(path: Path) -> IO[str]:
    """The file, for its owner alone from its first moment."""
    number = os.open(path, os.O_CREAT | os.O_RDWR, private.FILE)
    file = os.fdopen(number, "r+", encoding="utf-8")
    if os.fstat(number).st_mode & 0o077:
        os.fchmod(number, private.FILE)
    return file


def _holder(lock: IO[str]) -> str:
    """Who wrote its name into the lock; the file's own time tells since when."""
    who = lock.read().strip() or "another sla process (pid unknown"
    since = to_datetime(Instant(int(os.fstat(lock.fileno()).st_mtime * 1000)))
    return f"{who}, since {since:%a} {since.day} {since:%b %H:%M} UTC)"


def _command() -> str:
    """Such as `sla run`."""
    return " ".join(["sla", *sys.argv[1:2]])
