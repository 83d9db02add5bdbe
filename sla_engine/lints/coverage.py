"""Tickets to which nothing is promised: seldom meant, and shown nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from sla_engine.lints.subject import Subject, found
from sla_engine.problems import Problem
from sla_engine.witness import shown

SHOWN = 3
"""Kinds of uncovered tickets that are named."""


def uncovered_tickets(subject: Subject) -> Iterator[Problem]:
    """A warning where tickets of the last 90 days match no policy, the largest kinds by name."""
    seen = subject.seen
    policies = [policy for policy in subject.policies.policies if policy.type == "sla"]
    if seen is None or not seen.uncovered or not policies:
        return
    kinds = sorted(seen.uncovered.items(), key=lambda kind: -kind[1].tickets)
    count = sum(alike.tickets for _, alike in kinds)
    what = f"{count:,} of {seen.recent:,} tickets of the last 90 days match no policy"
    named = [
        f"{alike.tickets:,} like {alike.example} {shown(dict(look))}"
        for look, alike in kinds[:SHOWN]
    ]
    rest = f" and {len(kinds) - SHOWN} more kinds" if len(kinds) > SHOWN else ""
    mend = f"{'; '.join(named)}{rest}. A policy with targets of none says that it is meant"
    yield found("warning", "SLA220", subject.said(policies[0]), what, mend)
