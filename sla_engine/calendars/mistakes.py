"""What is wrong with a calendar as written: where in it, what, and how to mend it."""

from __future__ import annotations

import msgspec

Path = tuple[str | int, ...]


class CalendarError(ValueError):
    """One mistake. `path` leads from the calendar's own terms to the value that is meant: keys of
    maps and places in lists; where a key itself is wrong, it is the last of the path."""

    def __init__(self, path: Path, what: str, mend: str = "") -> None:
        super().__init__(path, what, mend)
        self.path = path
        self.what = what
        self.mend = mend

    def __str__(self) -> str:
        place = ".".join(str(step) for step in self.path)
        return (f"{place}: " if place else "") + self.what + (f"; {self.mend}" if self.mend else "")


class Fault(msgspec.Struct, frozen=True):
    """A mistake in a text, before it is known where the text stands."""

    what: str
    mend: str = ""
