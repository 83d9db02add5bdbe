"""A target that changes while a clock runs: under which terms its cycle goes on.

`carry` needs none of this: the new target judges what was used so far, from the change on. `latest`
and `restart` are the clock's own work.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import floor, inf

import msgspec

from sla_engine.deadlines import falls_on
from sla_engine.signals import Signals, hung
from sla_engine.terms import Retarget
from sla_engine.units import Instant, Millis


def is_retargeted(before: Signals, now: Signals) -> bool:
    """Whether another row of the targets is in force, and says something else."""
    return not _say_the_same(before, now) and before.target_index != now.target_index


def _say_the_same(before: Signals, now: Signals) -> bool:
    return (before.promised, before.limit, before.aim, before.deadline) == (
        now.promised, now.limit, now.aim, now.deadline
    )  # fmt: skip


def held(mode: Retarget, before: Signals, now: Signals) -> Signals:
    """What a cycle that was under `before` holds on to: the requester's time zone, under `sticky`
    its target, under `strictest` the target with the lower limit. All else follows."""
    if before.zone != now.zone:
        now = hung(now, before.zone)
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
        if terms.limit is not None and terms.deadline is None:
            share += Fraction(counted, terms.limit - terms.shift)
    shift = Millis(floor(total - share * now.limit))
    aim = None if now.aim is None else Millis(now.aim + shift)
    return msgspec.structs.replace(now, limit=Millis(now.limit + shift), aim=aim, shift=shift)


def dated(
    signals: Signals, before: Signals | None, used: Millis, at: Instant, start: Instant
) -> Signals:
    """The terms with the limit that is reached at their deadline, for a span that begins at `at`,
    with `used` so far, in a cycle that began at `start`. Under a deadline all time counts, day and
    night. The same deadline as before keeps its limit: where pauses extend it, it is as far away
    after a pause as it was before."""
    deadline = signals.deadline
    assert deadline is not None
    if before and (before.deadline, before.stated) == (deadline, signals.stated):
        return msgspec.structs.replace(signals, limit=before.limit)
    due = deadline.at or signals.stated or falls_on(deadline, signals.plain, start)
    return msgspec.structs.replace(signals, limit=Millis(max(used + due - at, 0)))
