"""Attainment: the share of promises decided in a period that were kept.

A cycle is decided once: kept at the instant it stopped within its limit, broken at the instant its
limit passed, whether it has stopped since or is still open. It counts in the period that holds that
instant, so what comes later changes no period that is over, unless history itself does (a ticket is
reopened). Everything else has no part in the share: what runs within its limit, is cancelled or
excused, has no limit, or has a history with holes.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from sla_engine.model import State, Verdict
from sla_engine.units import DAY, Instant

WEEK = 7 * DAY
_FIRST_MONDAY = 4 * DAY  # 1970 began on a Thursday

KEPT: frozenset[State] = frozenset(("met", "tolerated"))
DECIDED = KEPT | {"breached"}

Promise = tuple[str, str]
"""A policy's name and a clock's."""

Entry = tuple[Promise, Instant | None, State]
"""A cycle's promise, the start of the week in which it settled (None: it is open), its state."""

Tally = Counter[Entry]


class Period(msgspec.Struct, frozen=True):
    """[since, until)."""

    since: Instant
    until: Instant

    def holds(self, at: Instant) -> bool:
        return self.since <= at < self.until


class Attainment(msgspec.Struct, frozen=True):
    """What was decided. Over the aim but within the limit is met: `tolerated` are part of `met`."""

    met: int = 0
    breached: int = 0
    tolerated: int = 0

    @property
    def decided(self) -> int:
        return self.met + self.breached

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where nothing was decided, which is not the same as all kept."""
        return self.met / self.decided if self.decided else None


def settled_at(verdict: Verdict) -> Instant | None:
    """When the limit passed, else when the cycle stopped; None while it is open within it."""
    return verdict.breached_at if verdict.state == "breached" else verdict.stopped_at


def belongs(verdict: Verdict, period: Period) -> bool:
    """Whether a verdict made at the period's end counts in it: settled there, or open."""
    at = settled_at(verdict)
    return at is None or period.holds(at)


def entry(verdict: Verdict, period: Period) -> Entry:
    """What to count of a verdict; what was settled before the period goes to its first week."""
    at = settled_at(verdict)
    week = None if at is None else week_of(max(at, period.since))
    return (verdict.policy, verdict.clock), week, verdict.state


def week_of(at: Instant) -> Instant:
    """The Monday, 00:00 UTC, that begins its week."""
    return Instant(at - (at - _FIRST_MONDAY) % WEEK)


def by_promise(tally: Tally) -> dict[Promise, Attainment]:
    """The attainment of each promise over the whole period, also where nothing was decided."""
    promises = sorted({promise for promise, _, _ in tally})
    return {promise: attained(_states(tally, promise)) for promise in promises}


def by_week(tally: Tally, promise: Promise) -> dict[Instant, Attainment]:
    """The attainment of one promise in each week in which something was decided, in order."""
    weeks: dict[Instant, Counter[State]] = {}
    for (whose, week, state), count in tally.items():
        if whose == promise and week is not None and state in DECIDED:
            weeks.setdefault(week, Counter())[state] += count
    return {week: attained(weeks[week]) for week in sorted(weeks)}


def overall(tally: Tally) -> Counter[State]:
    """How many cycles there are of each state."""
    found: Counter[State] = Counter()
    for (_, _, state), count in tally.items():
        found[state] += count
    return found


def attained(states: Counter[State]) -> Attainment:
    """The attainment of so many cycles of each state."""
    met = sum(states[state] for state in KEPT)
    return Attainment(met, states["breached"], states["tolerated"])


def _states(tally: Tally, promise: Promise) -> Counter[State]:
    return overall(Tally({key: count for key, count in tally.items() if key[0] == promise}))
