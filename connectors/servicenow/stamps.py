"""Times as ServiceNow stores them: `2026-11-21 10:52:00`, UTC, whole seconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from sla_engine.units import Instant, from_datetime, to_datetime

_STAMP = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", re.ASCII)


@lru_cache(maxsize=16_384)
def read_stamp(text: str) -> Instant:
    """The instant of a stored date-time; ValueError where the text is none."""
    if not _STAMP.fullmatch(text):
        raise ValueError(f'"{text}" is no stored date-time of ServiceNow')
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=UTC))


def is_stamp(text: str) -> bool:
    """Whether `read_stamp` reads it."""
    try:
        read_stamp(text)
    except ValueError:
        return False
    return True


def write_stamp(at: Instant) -> str:
    """How ServiceNow stores an instant; what is below a second is cut off."""
    return to_datetime(at).strftime("%Y-%m-%d %H:%M:%S")
