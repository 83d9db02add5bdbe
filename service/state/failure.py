"""A ticket that a pass could not serve."""

from __future__ import annotations

from typing import Literal

import msgspec

Stage = Literal["read", "judge", "write"]
"""Where a ticket fails. One that cannot be read is not judged either: what is kept is old."""


class Failure(msgspec.Struct, frozen=True):
    """One ticket that could not be read, judged or written, as `stage` says. `code` is the system's
    refusal, as far as it has one of its own."""

    key: str
    what: str
    code: str = ""
    stage: Stage = "judge"
