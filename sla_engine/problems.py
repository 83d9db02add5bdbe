"""Mistakes in what people wrote, as values: where, what, and how to mend it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning", "note"]
"""`error`: it cannot be used so. `warning`: it may not be meant. `note`: good to know."""


class Where(msgspec.Struct, frozen=True, gc=False, order=True):
    """A place in a file; line and column count from 1, `width` characters are meant."""

    file: str
    line: int = 1
    column: int = 1
    width: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Problem(msgspec.Struct, frozen=True, gc=False):
    """One mistake. `code` (SLA101) is documented and never used for anything else."""

    where: Where
    what: str
    mend: str = ""
    code: str = "SLA100"
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f"; {self.mend}" if self.mend else "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean "calendar"?`, or "" where nothing known is close."""
    names = list(known)
    close = get_close_matches(word.lower(), [name.lower() for name in names], n=1, cutoff=0.6)
    if not close:
        return ""
    best = next(name for name in names if name.lower() == close[0])
    return f'did you mean "{best}"?'
