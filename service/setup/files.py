"""Files are written whole or not at all: under another name first, which becomes theirs at last."""

from __future__ import annotations

import errno
import os
import re
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from service.setup import private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

OPEN = 0o666
"""For whomever the umask lets read it."""

ABANDONED = 24 * 60 * 60
"""Seconds without a change after which nobody is at work on an unfinished file any more."""

_MENDS = {
    (errno.ENOSPC, errno.EDQUOT, errno.EFBIG): "make room on the disk",
    (errno.EACCES, errno.EPERM, errno.EROFS): "mend the owner and the mode of its folder",
    (errno.ENOENT,): "make its folder first",
    (errno.EIO,): "look at the disk: it fails",
}


class FileError(Exception):
    """A file cannot be written, what was there before is still; the text says how to mend it."""


def write(path: Path, text: str, mode: int = OPEN) -> None:
    """The text as the file's content; FileError where it cannot be."""
    with whole(path, mode) as file:
        file.write(text.encode())


def make_folder(path: Path) -> None:
    """The folder, and those above it; FileError where it cannot be."""
    with told(path):
        path.mkdir(parents=True, exist_ok=True)


@contextmanager
def whole(path: Path, mode: int = OPEN) -> Iterator[IO[bytes]]:
    """What is written becomes the file once the block ends well, durably; FileError where that
    cannot be. One that is open to others keeps its mode; a device or a pipe is written to as it
    is."""
    if path.exists() and not path.is_file():
        with told(path), path.open("wb") as file:
            yield file
        return
    place = path.resolve() if path.is_symlink() else path
    with told(path), unfinished(place, mode) as copy, copy.open("wb") as file:
        if mode == OPEN and place.exists():
            os.fchmod(file.fileno(), place.stat().st_mode)
        yield file
        file.flush()
        os.fsync(file.fileno())
        copy.replace(place)


@contextmanager
def unfinished(beside: Path, mode: int = private.FILE) -> Iterator[Path]:
    """An empty file for what is to become `beside`; it, and what a database lays beside it, are
    gone in the end unless it did. A kill leaves it there: then it goes a day later, with the next
    one for the same file. FileError where it, or what is done with it, cannot be."""
    copy = beside.with_name(f".{beside.name}.{token_hex(4)}")
    with told(beside):
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode))
        try:
            _sweep(beside, copy)
            yield copy
        finally:
            for left in [one for one in copy.parent.iterdir() if one.name.startswith(copy.name)]:
                left.unlink()


def _sweep(beside: Path, new: Path) -> None:
    """What was killed at work on the same file is removed when it is older than the new one by a
    day, as the disk dates both. What cannot be removed hinders nobody."""
    ours = re.compile(rf"\.{re.escape(beside.name)}\.[0-9a-f]{{8}}(-wal|-shm|-journal)?")
    then = new.stat().st_mtime - ABANDONED
    for left in [one for one in new.parent.iterdir() if ours.fullmatch(one.name)]:
        with suppress(OSError):
            if left.lstat().st_mtime < then:
                left.unlink()


@contextmanager
def told(path: Path) -> Iterator[None]:
    """What the system refuses within as a FileError about this file."""
    try:
        yield
    except BrokenPipeError:
        raise  # nobody reads on, which is no failure
    except OSError as error:
        mend = next((words for codes, words in _MENDS.items() if error.errno in codes), "")
        said = f"{path} cannot be written: {error.strerror or error}"
        raise FileError(f"{said}; {mend}" if mend else said) from None
