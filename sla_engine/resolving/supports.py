"""What a policy supports must be promised by another."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sla_engine.problems import Problem, did_you_mean
from sla_engine.terms import Policy


def unsupported(policies: Sequence[Policy], stated: Collection[str]) -> Iterator[Problem]:
    """A problem for every `supports` that names no promise. What is wrong with a policy that is
    stated and left out is told elsewhere."""
    sound = {policy.name for policy in policies}
    promised = [f"{policy.name}.{clock.name}" for policy in policies for clock in policy.clocks]
    for policy in policies:
        if policy.supports is None or policy.where is None:
            continue
        named = ".".join(policy.supports)
        if policy.supports[0] in stated and policy.supports[0] not in sound:
            continue
        if named not in promised or policy.supports[0] == policy.name:
            others = [one for one in promised if not one.startswith(f"{policy.name}.")]
            mend = did_you_mean(named, others) or f"there are: {', '.join(others) or 'none'}"
            what = f'"{policy.name}" supports "{named}", which nobody promises'
            yield Problem(policy.where, what, mend, "SLA127")
