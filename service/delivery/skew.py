"""Our clock beside the clocks of the systems: how far apart they may be."""

from __future__ import annotations

from connectors.base import Connector, Finding
from sla_engine.units import MINUTE, Instant, Millis
from sla_engine.words import duration

WARN = Millis(MINUTE)
"""A second's fraction is the network's; from here on somebody's clock is wrong."""
HOLD = Millis(5 * MINUTE)
"""From here on a deadline may be called missed that is not: nothing is written."""

_MEND = "let both machines keep time by NTP"


def skew_of(connector: Connector, now: Instant) -> Millis | None:
    """Our clock less the system's, by its latest answer; None where it tells no time."""
    theirs = connector.server_now()
    return None if theirs is None else Millis(now - theirs)


def told_by(connector: Connector, at: Instant, now: Instant) -> Instant:
    """An instant that our clock told, which shows `now`, as the system's clock told it: the same
    while the two are near enough."""
    skew = skew_of(connector, now)
    return Instant(at - skew) if skew is not None and abs(skew) > HOLD else at


def fault_of(skew: Millis | None) -> str:
    """Why nothing may be written with clocks so far apart; "" where they are near enough."""
    if skew is None or abs(skew) <= HOLD:
        return ""
    return f"{skew_text(skew)}: nothing is written until both keep the same time"


def skew_finding(skew: Millis) -> Finding:
    """`skew` is ours less theirs."""
    said = skew_text(skew)
    if abs(skew) > HOLD:
        return Finding("problem", "clock", f"{said}: nothing is written while it is so", _MEND)
    if abs(skew) > WARN:
        return Finding("warning", "clock", said, _MEND)
    return Finding("ok", "clock", f"{abs(skew) / 1000:.1f} s apart")


def skew_text(skew: Millis) -> str:
    """`ours is 7 min ahead`."""
    way = "ahead of" if skew > 0 else "behind"
    return f"ours is {duration(Millis(abs(skew)))} {way} the system's"
