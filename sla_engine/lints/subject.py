"""What lints look at: what the files say, what was seen of the systems, and today."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

import msgspec

from sla_engine.document import Node
from sla_engine.lints.seen import Seen
from sla_engine.problems import Problem, Severity, Where
from sla_engine.resolving.files import Reading
from sla_engine.terms import Policies, Policy
from sla_engine.units import Instant, to_datetime
from sla_engine.vocabulary import Known


class Subject(msgspec.Struct, frozen=True):
    """Policies with their places, as of `now`; `seen` is None where nothing is kept yet, `known`
    are the systems' words as they were read last, `declared` says when exclusions were."""

    reading: Reading
    now: Instant
    seen: Seen | None = None
    known: Sequence[Known] = ()
    declared: Mapping[str, Instant] = {}

    @property
    def policies(self) -> Policies:
        return self.reading.policies

    @property
    def today(self) -> date:
        return to_datetime(self.now).date()

    def entries(self, section: str) -> Iterator[tuple[str, Node, Where]]:
        """Each entry of a section as written: its name, what it says, and its key."""
        node = self.reading.sections.get(section)
        for name, entry in (node.entries or {}).items() if node else ():
            yield name, entry, node.key_of(name) if node else entry.where

    def said(self, policy: Policy, *path: str) -> Where:
        """Where a policy, or failing that the defaults, say the thing at a path; else the policy's
        own place."""
        own = self.reading.sections.get("policies", Node(Where(""))).child(policy.name)
        for node in (own, self.reading.sections.get("defaults")):
            if node is not None and _reaches(node, path):
                return node.key_of(*path)
        return policy.where or Where("policies")


def _reaches(node: Node, path: tuple[str, ...]) -> bool:
    for step in path:
        child = node.child(step)
        if child is None:
            return False
        node = child
    return True


Lint = Callable[[Subject], Iterator[Problem]]


def found(severity: Severity, code: str, where: Where, what: str, mend: str) -> Problem:
    """A problem in the order in which lints say it."""
    return Problem(where, what, mend, code, severity)


def tickets(number: int) -> str:
    """`1 ticket`, `2,310 tickets`."""
    return f"{number:,} ticket{'s' * (number != 1)}"
