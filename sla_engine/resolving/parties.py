"""Who has the ball: `party: customer` in a condition stands for what `parties:` says of it.

The first party whose condition holds has it, and `us` where none does; so a party is known for
every instant for which the fields are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from sla_engine.conditions import All, Condition, Not, Some
from sla_engine.document import Node
from sla_engine.policy.conditions import Condition as Written
from sla_engine.policy.reading import read
from sla_engine.problems import Problem, Where
from sla_engine.resolving.conditions import condition
from sla_engine.resolving.scope import US, Names, Scope


def parties(
    entries: Sequence[tuple[str, Node, Where]], names: Names, problems: list[Problem]
) -> dict[str, Condition | None]:
    """When each party has the ball, in the order written, `us` last; None where that is wrong."""
    found: dict[str, Condition | None] = {}
    before: tuple[Condition, ...] = ()
    for name, node, named in entries:
        written, mistakes = read(Written, node, named)
        known = msgspec.structs.replace(names, parties=dict(found))
        scope = Scope(known, list(mistakes), node.flawed)
        if name == US:
            mend = "leave it out; it is what is left"
            scope.error(named, f'"{US}" has the ball whenever no other party has', mend, "SLA134")
        told = condition(scope, written, node, "state") if written is not None else None
        problems += scope.problems
        found[name] = _first(told, before) if told is not None and scope.sound else None
        before += (told,) if told is not None else ()
    if before:
        found[US] = Not(Some(before))
    return found


def _first(told: Condition, before: tuple[Condition, ...]) -> Condition:
    return All((told, Not(Some(before)))) if before else told


def held_by(parties: Mapping[str, Condition | None], *names: str) -> Condition:
    """True while one of these parties has the ball."""
    conditions = tuple(found for name in names if (found := parties.get(name)) is not None)
    return conditions[0] if len(conditions) == 1 else Some(conditions)
