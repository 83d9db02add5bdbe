"""Two verdicts on the same cycle under different policies: whether its fate differs, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Literal

import msgspec

from sla_engine.attainment import settled_at
from sla_engine.calendars import Calendar
from sla_engine.model import Ref, State, Verdict
from sla_engine.terms import Policies
from sla_engine.units import Instant, Millis

Why = Literal["match", "limit", "aim", "start", "stop", "pause", "calendar", "rules"]
"""What differs between the two: who is promised it, how much, from when, until when, what does not
count, when business is open; `rules` is anything else."""

Fate = Literal["met", "tolerated", "breached", "open", "cancelled", "excused", "unpromised"]

_FATES: dict[State, Fate] = {
    "running": "open",
    "paused": "open",
    "met": "met",
    "tolerated": "tolerated",
    "breached": "breached",
    "cancelled": "cancelled",
    "excused": "excused",
    "none": "unpromised",
    "no_target": "unpromised",
    "unknown": "unpromised",
}


class Side(msgspec.Struct, frozen=True, gc=False):
    """What one of the two policies makes of a cycle. `at` is when that was settled; None: open.
    `stopped` tells a missed promise from one that is broken and still open."""

    policy: str
    cycle: int
    fate: Fate
    at: Instant | None
    stopped: bool
    aim: Millis | None
    limit: Millis | None
    elapsed: Millis


class Difference(msgspec.Struct, frozen=True, gc=False):
    """A cycle whose fate differs; a side is None where that policy promises nothing at all. `of` is
    the value whose clock it is, where each value of a field has one."""

    ref: Ref
    clock: str
    of: str
    before: Side | None
    after: Side | None
    because: tuple[Why, ...]


Pair = tuple[Verdict | None, Verdict | None]


def altered_calendars(before: Policies, after: Policies) -> frozenset[str]:
    """The names of calendars that mean something else in `after`."""
    old, new = _calendars(before), _calendars(after)
    return frozenset(name for name in old.keys() & new.keys() if old[name] != new[name])


def difference(pair: Pair, altered: frozenset[str]) -> Difference | None:
    """What differs of a cycle's fate, if anything; `altered` as `altered_calendars` finds them."""
    old, new = pair
    either = old or new
    if either is None or fate(old) == fate(new):
        return None
    before, after = (None if verdict is None else _side(verdict) for verdict in pair)
    return Difference(
        either.ref, either.clock, either.of, before, after, reasons(old, new, altered)
    )


def pairs(before: Sequence[Verdict], after: Sequence[Verdict]) -> Iterator[Pair]:
    """Each verdict with its like: the same policy, clock and cycle; failing that the same clock and
    cycle under another policy; failing that nothing."""
    rest = {_identity(verdict): verdict for verdict in after}
    alone = []
    for verdict in before:
        if (same := rest.pop(_identity(verdict), None)) is not None:
            yield verdict, same
        else:
            alone.append(verdict)
    for verdict in alone:
        like = next((key for key in rest if key[1:] == _identity(verdict)[1:]), None)
        yield verdict, None if like is None else rest.pop(like)
    for verdict in rest.values():
        yield None, verdict


def fate(verdict: Verdict | None) -> Fate:
    """What became of a cycle, as far as a promise goes."""
    return "unpromised" if verdict is None else _FATES[verdict.state]


def reasons(
    before: Verdict | None, after: Verdict | None, altered: frozenset[str]
) -> tuple[Why, ...]:
    """Everything that differs between how the two were reached; `match` where a promise is new,
    gone, or another policy's."""
    if before is None or after is None:
        return ("match",)
    found: dict[Why, bool] = {
        "match": before.policy != after.policy,
        "limit": before.limit != after.limit,
        "aim": before.aim != after.aim and "tolerated" in (before.state, after.state),
        "start": before.started_at != after.started_at,
        "stop": before.stopped_at != after.stopped_at,
    }
    found["pause"] = not (found["start"] or found["stop"]) and _running(before) != _running(after)
    found["calendar"] = _calendar_differs(before, after, altered)
    return tuple(why for why, differs in found.items() if differs) or ("rules",)


def _calendar_differs(before: Verdict, after: Verdict, altered: frozenset[str]) -> bool:
    """By its effect where the same stretches ran, else by the calendars that were counted on."""
    if _running(before) == _running(after):
        return before.elapsed != after.elapsed
    old, new = ({span.calendar for span in verdict.spans} for verdict in (before, after))
    return old != new or bool(old & altered)


def _running(verdict: Verdict) -> list[Instant]:
    """The edges of the stretches in which the clock ran, those that touch joined into one."""
    edges: list[Instant] = []
    for span in verdict.spans:
        if span.phase != "running":
            continue
        if edges and edges[-1] == span.start:
            edges[-1] = span.end
        else:
            edges += (span.start, span.end)
    return edges


def _side(verdict: Verdict) -> Side:
    return Side(
        verdict.policy,
        verdict.cycle,
        fate(verdict),
        settled_at(verdict),
        verdict.stopped_at is not None,
        verdict.aim,
        verdict.limit,
        verdict.elapsed,
    )


def _identity(verdict: Verdict) -> tuple[str, str, str, int]:
    return verdict.policy, verdict.clock, verdict.of, verdict.cycle


def _calendars(policies: Policies) -> Mapping[str, Calendar]:
    clocks = chain.from_iterable(policy.clocks for policy in policies.policies)
    used = chain.from_iterable(clock.calendar.leaves() for clock in clocks)
    return {**{calendar.name: calendar for calendar in used}, **policies.calendars}
