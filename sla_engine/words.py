"""How lengths, instants and the standing of a clock are said, everywhere alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sla_engine.units import MINUTE, SECOND, Instant, Millis, to_datetime

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from sla_engine.model import Verdict

STATUS = ("Breached", "At risk", "On track", "Paused", "Missed", "Met", "")
SILENT = len(STATUS) - 1
"""The urgency of a clock of which there is nothing to say: no promise, cancelled, unknown."""

UNPROMISED = ("none", "no_target", "cancelled")


def duration(length: Millis) -> str:
    """`3 h 05 min`, `4 h`, `38 min`, `-45 s`: cut to the minute, to the second below one minute."""
    sign, size = ("-", -length) if length < 0 else ("", length)
    if 0 < size < MINUTE:
        return f"{sign}{max(1, size // SECOND)} s"
    hours, minutes = divmod(size // MINUTE, 60)
    if not hours:
        return f"{sign}{minutes} min"
    return f"{sign}{hours} h {minutes:02} min" if minutes else f"{sign}{hours} h"


def instant(at: Instant, zone: ZoneInfo) -> str:
    """`Sat 21 Nov 11:30 CET`, cut to the minute; zones without a name of their own as `UTC+03`."""
    moment = to_datetime(at, zone)
    name = moment.tzname() or ""
    return (
        f"{moment:%a} {moment.day} {moment:%b %H:%M} {name if name[:1].isalpha() else 'UTC' + name}"
    )


def clock_name(clock: str) -> str:
    """`first_response` as `First response`."""
    words = clock.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def title(verdict: Verdict) -> str:
    """Which promise it is: `Resolution`, `Resolution (OLA)`, `Ownership of Network (OLA)`."""
    of = f" of {verdict.of}" if verdict.of else ""
    kind = f" ({verdict.type.upper()})" if verdict.type != "sla" else ""
    return f"{clock_name(verdict.clock)}{of}{kind}"


def label(verdict: Verdict) -> str:
    """The same as a label: `first-response`, `ola-ownership-network`."""
    kind = verdict.type if verdict.type != "sla" else ""
    words = f"{kind} {verdict.clock} {verdict.of}".lower()
    return "-".join(re.split(r"[\W_]+", words.strip()))


def foremost(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Those that speak for a ticket in one word: what its customer is promised. Only where that is
    nothing, what teams and suppliers promise: their lateness alone never turns a ticket red."""
    every = list(verdicts)
    return [v for v in every if v.type == "sla" and v.state not in UNPROMISED] or every


def is_open(verdict: Verdict) -> bool:
    """Whether the cycle has a promise that is not decided for good: running, paused or late."""
    return verdict.stopped_at is None and verdict.state in ("running", "paused", "breached")


def is_missed(verdict: Verdict) -> bool:
    """Finished over its limit; an open one that is over is breached, never missed."""
    return verdict.stopped_at is not None and verdict.state == "breached"


def is_at_risk(verdict: Verdict) -> bool:
    """Running, within its limit, and a step of its ladder is reached."""
    return verdict.state == "running" and bool(verdict.steps)


def over(verdict: Verdict) -> str:
    """` by 38 min`; "" where a later, longer target no longer is exceeded but the breach stays."""
    if verdict.left is None or verdict.left >= 0:
        return ""
    return f" by {duration(Millis(-verdict.left))}"


def verdict_word(verdict: Verdict) -> str:
    """One of the six words of `SLA status` for this cycle alone, "" where nothing is promised."""
    return STATUS[urgency(verdict)]


def urgency(verdict: Verdict) -> int:
    """Small is urgent: breached, at risk, on track, paused, then what is decided."""
    if is_open(verdict):
        if verdict.state == "breached":
            return 0
        return 3 if verdict.state == "paused" else 1 if is_at_risk(verdict) else 2
    if is_missed(verdict):
        return 4
    return 5 if verdict.state in ("met", "tolerated") else SILENT
