"""Links as they are written: which tickets are one case."""

from __future__ import annotations

from sla_engine.policy.conditions import Condition, Model
from sla_engine.policy.words import Text


class Child(Condition):
    """Which tickets belong to a case."""

    called = "the child of a link"

    where: dict[str, Text]
    """What they have of their parent: {parent_number: "{parent.number}"}."""


class Link(Model):
    """Several tickets that are one case."""

    called = "a link"

    parent: Condition
    """The ticket that stands for the case, and owns what is promised of it."""
    child: Child
    """The tickets that belong to it."""
