"""Clocks that can never stop, because the ticket leaves the policy first, or never gets there."""

from __future__ import annotations

from collections.abc import Iterator

from sla_engine.conditions import holds
from sla_engine.lints.subject import Subject, found
from sla_engine.problems import Problem, Where
from sla_engine.terms import ClockTerms, Policy
from sla_engine.witness import all_of_them, may_hold, shown, tickets


def unreachable_stops(subject: Subject) -> Iterator[Problem]:
    """A warning for each clock whose stop no ticket of its policy can reach."""
    for policy in subject.policies.policies:
        for terms in policy.clocks:
            where = subject.said(policy, "clocks", terms.name, "stop")
            yield from _unreachable(subject, policy, terms, where)


def _unreachable(
    subject: Subject, policy: Policy, terms: ClockTerms, where: Where
) -> Iterator[Problem]:
    conditions = (policy.match, terms.stop)
    if not all_of_them(conditions):
        return
    stopping = [
        ticket
        for ticket in tickets(conditions, subject.policies.fields)
        if may_hold(terms.stop, ticket)
    ]
    if any(holds(policy.match, ticket) for ticket in stopping):
        return
    place = subject.said(policy, "match") if stopping else where
    what = f"{terms.name} can never stop"
    if stopping:
        what += f": {shown(stopping[0])} stops it, and is not matched any more"
        mend = (
            "a ticket that leaves the policy is cancelled, not met: let match say what stays true"
        )
    else:
        mend = "its parts contradict each other: no ticket passes all of them"
    yield found("warning", "SLA212", place, what, mend)
