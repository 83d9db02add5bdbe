"""A ticket that a pass could not serve."""

from __future__ import annotations

import msgspec


class Failure(msgspec.Struct, frozen=True):
    """One ticket that could not be read, judged or written. `code` is the system's refusal, as far
    as it has one of its own."""

    key: str
    what: str
    code: str = ""
