"""Two policies of one rank that promise the same to one ticket: a mistake, shown by that ticket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from sla_engine.conditions import holds
from sla_engine.problems import Problem
from sla_engine.terms import FieldTerms, Policy
from sla_engine.witness import Made, shown, tickets


def ties(policies: Sequence[Policy], fields: Mapping[str, FieldTerms]) -> Iterator[Problem]:
    """A problem for every pair that cannot be told apart, with a ticket that shows it."""
    for one, other in combinations(policies, 2):
        shared = [c.name for c in one.clocks if c.name in {d.name for d in other.clocks}]
        if one.rank != other.rank or one.case != other.case or not shared:
            continue
        if one.additive or other.additive:
            continue
        if one.where is None or other.where is None or not _at_once(one, other):
            continue
        witness = _witness(one, other, fields)
        if witness is not None:
            yield Problem(
                other.where,
                f'"{one.name}" and "{other.name}" both promise {shared[0]} to '
                f"{shown(witness)}, with rank {one.rank}",
                f'give one a lower rank (it wins); "{one.name}" is {one.where.file}:'
                f"{one.where.line}",
                "SLA126",
            )


def _at_once(one: Policy, other: Policy) -> bool:
    """Whether there is a time at which clocks may start under either."""
    begins = max(one.effective or 0, other.effective or 0)
    return all(begins < policy.until for policy in (one, other) if policy.until is not None)


def _witness(one: Policy, other: Policy, fields: Mapping[str, FieldTerms]) -> Made | None:
    """A ticket that both match; None where none is found."""
    both = (
        ticket
        for ticket in tickets((one.match, other.match), fields)
        if holds(one.match, ticket) and holds(other.match, ticket)
    )
    return next(both, None)
