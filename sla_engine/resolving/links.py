"""Links -> which tickets are one case."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sla_engine.document import Node
from sla_engine.policy.links import Link
from sla_engine.policy.reading import read
from sla_engine.problems import Problem, Where
from sla_engine.resolving.conditions import condition
from sla_engine.resolving.scope import Names, Scope, check_field
from sla_engine.terms import LinkTerms

_OF_PARENT = re.compile(r"\{parent\.([a-z_][a-z0-9_]*)\}")


def links(
    entries: Sequence[tuple[str, Node, Where]], names: Names, problems: list[Problem]
) -> tuple[LinkTerms, ...]:
    """All links that are sound."""
    found = []
    for name, node, named in entries:
        written, mistakes = read(Link, node, named)
        scope = Scope(names, list(mistakes), node.flawed)
        if written is not None:
            link = LinkTerms(
                name,
                condition(scope, written.parent, node.at("parent"), "state"),
                condition(scope, written.child, node.at("child"), "state"),
                _where(scope, written.child.where, node.at("child", "where")),
            )
            found += [link] if scope.sound else []
        problems += scope.problems
    return tuple(found)


def _where(scope: Scope, written: dict[str, str], node: Node) -> tuple[tuple[str, str], ...]:
    """Pairs of a field of the child and the field of its parent that it holds."""
    pairs = []
    for field, text in written.items():
        check_field(scope, field, node.key_of(field))
        told = _OF_PARENT.fullmatch(text)
        if told is None:
            mend = 'write "{parent.number}", or "{parent.key}"'
            scope.error(node.where_of(field), "this tells no field of the parent", mend, "SLA135")
        else:
            if told[1] != "key":
                check_field(scope, told[1], node.where_of(field))
            pairs.append((field, told[1]))
    return tuple(pairs)
