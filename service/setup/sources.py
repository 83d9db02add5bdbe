"""A connection as a pass needs it, before anything is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from connectors.base import Connector
from sla_engine.units import Instant

Mode = Literal["observe", "write"]


class Source(msgspec.Struct, frozen=True):
    """A connection as a pass needs it. `scope` names what is asked of it and how it is read:
    another scope means to pull everything anew. `behind`: the store went back behind the tickets at
    that instant, which is why nothing is written."""

    name: str
    system: str
    mode: Mode
    scope: str
    connect: Callable[[], Connector]
    behind: Instant | None = None
