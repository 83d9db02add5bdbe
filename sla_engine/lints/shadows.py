"""Promises that no ticket ever gets, because policies of a lower rank always have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sla_engine.conditions import holds
from sla_engine.lints.subject import Subject, found
from sla_engine.problems import Problem
from sla_engine.terms import FieldTerms, Policy
from sla_engine.units import Instant
from sla_engine.witness import Made, all_of_them, shown, tickets


def shadowed_clocks(subject: Subject) -> Iterator[Problem]:
    """A warning for each clock of a policy that others take from every ticket."""
    for policy in subject.policies.policies:
        taken: dict[tuple[str, ...], list[str]] = {}
        witness: Made = {}
        for clock in policy.clocks:
            rivals = [other for other in subject.policies.policies
                      if _precedes(other, policy, clock.name)]  # fmt: skip
            won = _in_all_eras(policy, rivals, subject.policies.fields)
            if won is not None:
                names, witness = won
                taken.setdefault(names, []).append(clock.name)
        for names, clocks in taken.items():
            yield _problem(subject, policy, names, clocks, witness)


def _problem(
    subject: Subject, policy: Policy, winners: tuple[str, ...], clocks: list[str], witness: Made
) -> Problem:
    by = " or ".join(f'"{name}"' for name in winners)
    whole = len(clocks) == len(policy.clocks)
    where = policy.where if whole else subject.said(policy, "targets", clocks[0])
    subject_said = f'"{policy.name}"' if whole else f'{", ".join(clocks)} of "{policy.name}"'
    what = f"{subject_said} can never apply: {by} with a lower rank always does"
    mend = f"{shown(witness)} goes to {by}; give this one a lower rank than {policy.rank}"
    return found("warning", "SLA203", where or subject.said(policy), what, mend)


def _precedes(other: Policy, policy: Policy, clock: str) -> bool:
    """Whether it wins the clock from every ticket that it matches, for as long as both hold."""
    if other.additive or policy.additive or other.rank >= policy.rank:
        return False
    return any(terms.name == clock for terms in other.clocks)


def _in_all_eras(
    policy: Policy, rivals: list[Policy], fields: Mapping[str, FieldTerms]
) -> tuple[tuple[str, ...], Made] | None:
    """Who of the rivals take its clock at one time or another, and the plainest ticket of which
    they do; None where there is a time at which a ticket is left to it."""
    names: dict[str, None] = {}
    witness: Made | None = None
    for start in _eras(policy, rivals):
        holding = [rival for rival in rivals if (rival.effective or start) <= start
                   and (rival.until is None or start < rival.until)]  # fmt: skip
        won = _always(policy, holding, fields)
        if won is None:
            return None
        names |= dict.fromkeys(won[0])
        witness = witness or won[1]
    return (tuple(names), witness or {}) if names else None


def _eras(policy: Policy, rivals: list[Policy]) -> list[Instant]:
    """When one set of them gives way to another, while clocks of the policy may start."""
    first = policy.effective or Instant(0)
    edges = {edge for rival in rivals for edge in (rival.effective, rival.until) if edge}
    last = policy.until
    return [first, *sorted(e for e in edges if first < e and (last is None or e < last))]


def _always(
    policy: Policy, winners: list[Policy], fields: Mapping[str, FieldTerms]
) -> tuple[tuple[str, ...], Made] | None:
    """Who of the winners is met by the policy's tickets, and the plainest of these; None where a
    ticket is left to it, or not all can be tried."""
    conditions = [policy.match, *(winner.match for winner in winners)]
    if not winners or not all_of_them(conditions):
        return None
    met: dict[str, Made] = {}
    for ticket in tickets(conditions, fields):
        if holds(policy.match, ticket):
            winner = next((one.name for one in winners if holds(one.match, ticket)), None)
            if winner is None:
                return None
            met.setdefault(winner, ticket)
    return (tuple(met), next(iter(met.values()))) if met else None
