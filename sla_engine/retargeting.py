"""A target that changes while a clock runs: under which terms its cycle goes on.

`carry` needs none of this: the new target judges what was used so far, from the change on. `latest`
and `restart` are the clock's own work.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import floor, inf

import msgspec

from sla_engine.signals import Signals
from sla_engine.terms import Retarget
from sla_engine.units import Millis


def is_retargeted(before: Signals, now: Signals) -> bool:
    """Whether another row of the targets is in force, and says something else."""
    said = (before.promised, before.limit, before.aim) != (now.promised, now.limit, now.aim)
    return said and before.target_index != now.target_index


def held(mode: Retarget, before: Signals, now: Signals) -> Signals:
    """What a cycle that was under `before` holds on to: `sticky` its target, `strictest` the target
    with the lower limit; under any other mode it follows."""
    if mode == "sticky" or (mode == "strictest" and _limit(before) <= _limit(now)):
        return msgspec.structs.replace(
            now,
            promised=before.promised,
            limit=before.limit,
            aim=before.aim,
            target_index=before.target_index,
        )
    return now


def _limit(terms: Signals) -> float:
    return inf if terms.limit is None else terms.limit


def prorated(used: Iterable[tuple[Millis, Signals]], now: Signals) -> Signals:
    """The terms in which the share of the limit that is used stays used, and the rest is a share of
    the new limit. `used` is what each span counted, under its own terms.

    The limit is moved so that it is reached when the share comes to 1: exact to the millisecond,
    because elapsed is whole and the moved limit is rounded down.
    """
    if now.limit is None:
        return now
    total, share = 0, Fraction(0)
    for counted, terms in used:
        total += counted
        if terms.limit is not None:
            share += Fraction(counted, terms.limit - terms.shift)
    shift = Millis(floor(total - share * now.limit))
    aim = None if now.aim is None else Millis(now.aim + shift)
    return msgspec.structs.replace(now, limit=Millis(now.limit + shift), aim=aim, shift=shift)
