"""Times as event logs write them, read quickly: a log names the same minute many times over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from sla_engine.units import Instant, from_datetime


def reader(pattern: str, zone: str) -> Callable[[str], Instant]:
    """A function from text to instant; it raises ValueError where the text does not fit.

    `iso` reads ISO 8601, anything else is a pattern of `strptime`. A text without an offset is
    taken in `zone`; of an hour that the autumn repeats, the first.
    """
    local = ZoneInfo(zone)

    def read(text: str) -> Instant:
        if pattern == "iso":
            moment = datetime.fromisoformat(text)
        else:
            moment = datetime.strptime(text, pattern)  # noqa: DTZ007  # the zone is given below
        return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=local))

    return lru_cache(maxsize=65_536)(read)
