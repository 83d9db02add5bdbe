"""Which policies are in force: a ticket's eras are how many of their dates had come when it was
created, and have come now."""

from __future__ import annotations

from bisect import bisect_right

from sla_engine.lanes import Lane
from sla_engine.terms import Policies, Policy
from sla_engine.units import Instant

Eras = tuple[int, int]


class Dates:
    """The dates of all policies. `openings` are those on which one takes over open clocks."""

    def __init__(self, policies: Policies) -> None:
        every = policies.policies
        dates = {date for p in every for date in (p.effective, p.until, p.ends) if date is not None}
        self.all = tuple(sorted(dates))
        opening = {p.effective for p in every if takes_over(p) and p.effective is not None}
        self.openings = tuple(sorted(opening))
        names = [policy.name for policy in every]
        self.versioned = len(set(names)) < len(names)

    def era(self, at: Instant) -> int:
        """How many dates have come by `at`."""
        return bisect_right(self.all, at)

    def in_force(self, lane: Lane, eras: Eras) -> bool:
        """Whether the lane's clock may start: at the creation, if that is what starts it."""
        policy = lane.policy
        created, now = eras
        start = created if lane.terms.start is None else now
        begun = self._come(policy.effective, now if takes_over(policy) else start)
        return begun and (policy.until is None or not self._come(policy.until, start))

    def over(self, policy: Policy, eras: Eras) -> bool:
        """Whether a later version has taken over all of its clocks."""
        return policy.ends is not None and self._come(policy.ends, eras[1])

    def early(self, policy: Policy, eras: Eras) -> bool:
        """Whether the policy takes over open clocks, but has not yet."""
        return takes_over(policy) and not self._come(policy.effective, eras[1])

    def _come(self, date: Instant | None, era: int) -> bool:
        return date is None or self.all.index(date) < era


def takes_over(policy: Policy) -> bool:
    """Whether clocks that run when it comes into effect become its own."""
    return policy.applies_to == "open"
