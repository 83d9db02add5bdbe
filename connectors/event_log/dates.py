"""Times as event logs write them, read quickly: a log names the same minute many times over, the
same day and the same time of day still more often."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from sla_engine.units import Instant, from_datetime

_DAY_AND_TIME = re.compile(r"([^ %HIMSfpzcxX]|%[dmybBYj])+ ([^ %dmybBYjcxX]|%[HIMSfpz])+")
"""A pattern of two words, of which the first is about the day alone and the second about the time
of day alone: then each can be read, and remembered, by itself."""


def reader(pattern: str, zone: str) -> Callable[[str], Instant]:
    """A function from text to instant; it raises ValueError where the text does not fit.

    `iso` reads ISO 8601, anything else is a pattern of `strptime`. A text without an offset is
    taken in `zone`; of an hour that the autumn repeats, the first.
    """
    local = ZoneInfo(zone)
    moment_of = datetime.fromisoformat if pattern == "iso" else _by(pattern)

    def read(text: str) -> Instant:
        moment = moment_of(text)
        return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=local))

    return lru_cache(maxsize=65_536)(read)


def _by(pattern: str) -> Callable[[str], datetime]:
    def whole(text: str) -> datetime:
        return datetime.strptime(text, pattern)  # noqa: DTZ007  # the zone is given by who reads

    if not _DAY_AND_TIME.fullmatch(pattern):
        return whole
    day_form, time_form = pattern.split(" ")

    @lru_cache(maxsize=65_536)
    def part(text: str, form: str) -> datetime:
        return datetime.strptime(text, form)  # noqa: DTZ007  # as above

    def parted(text: str) -> datetime:
        day, _, time = text.partition(" ")
        try:
            return datetime.combine(part(day, day_form), part(time, time_form).timetz())
        except ValueError:
            return whole(text)  # it says what is wrong, if anything is

    return parted
