"""How much of the file has been read: so many lines, and a sum over them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from connectors.base import PermanentError


class Cursor(msgspec.Struct, frozen=True):
    """`look` is the file's size and time. The first `lines` lines sum up to `total`; a file that
    begins otherwise was rewritten and is read anew."""

    look: str = ""
    lines: int = 0
    total: int = 0


class Tally:
    """Counts and sums lines as they pass, and remembers the sum after `lines` of them."""

    def __init__(self, lines: int = 0) -> None:
        self.lines = 0
        self.total = 0
        self.total_then = 0
        self._then = lines

    def count(self, text: Iterable[str]) -> Iterator[str]:
        for line in text:
            self.lines += 1
            self.total = zlib.crc32(line.encode("utf-8", "replace"), self.total)
            if self.lines == self._then:
                self.total_then = self.total
            yield line


def look(path: Path) -> str:
    """Size and time of a file; OSError where it cannot be seen."""
    stat = path.stat()
    return f"{stat.st_size}-{stat.st_mtime_ns}"


def read_cursor(text: str) -> Cursor:
    """The cursor that a text says; "" is a file never read."""
    try:
        return msgspec.json.decode(text, type=Cursor) if text else Cursor()
    except msgspec.DecodeError:
        raise PermanentError(f'"{text[:40]}" is no cursor of an event log') from None


def write_cursor(cursor: Cursor) -> str:
    """The text that `read_cursor` reads."""
    return msgspec.json.encode(cursor).decode()
