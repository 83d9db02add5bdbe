"""Versions of one policy: whose verdict counts, and which version a verdict is of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from sla_engine.model import Verdict
from sla_engine.terms import Policies, Policy
from sla_engine.units import Instant


def one_each(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Of a cycle that a later version took over, that version's verdict alone; the cycles of each
    clock are counted over all versions, in the order of their starts."""
    last = {(v.policy, v.clock, v.of, v.started_at): v for v in verdicts}
    seen: Counter[tuple[str, str]] = Counter()
    numbers = {}
    for verdict in sorted(last.values(), key=lambda v: v.started_at or 0):
        clock = (verdict.policy, verdict.clock)
        seen[clock] += 1
        numbers[id(verdict)] = seen[clock]
    kept = (verdict for verdict in verdicts if id(verdict) in numbers)
    return tuple(msgspec.structs.replace(v, cycle=numbers[id(v)]) for v in kept)


def judge_of(policies: Policies, verdict: Verdict) -> Policy | None:
    """The version of the policy that a verdict is of: the one in force at the start of the clock,
    or which took it over while it ran; None where there is no such policy any more."""
    named = [policy for policy in policies.policies if policy.name == verdict.policy]
    at = verdict.started_at or Instant(0)
    looked_at = verdict.spans[-1].end if verdict.spans else at
    for policy in reversed(named):
        from_then = looked_at if policy.applies_to == "open" else at
        if (policy.effective or 0) <= from_then:
            return policy
    return named[0] if named else None
