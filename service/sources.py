"""A connection as a pass needs it, before anything is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from connectors.base import Connector

Mode = Literal["observe", "write"]


class Source(msgspec.Struct, frozen=True):
    """A connection as a pass needs it. `scope` names what is asked of it and how it is read:
    another scope means to pull everything anew."""

    name: str
    system: str
    mode: Mode
    scope: str
    connect: Callable[[], Connector]
