"""Accounts that answer faster than people can, and would stop response clocks."""

from __future__ import annotations

from collections.abc import Iterator

from sla_engine.lints.subject import Subject, found
from sla_engine.problems import Problem, Where
from sla_engine.units import SECOND

FEW = 3
"""Once or twice is chance."""


def bot_like_accounts(subject: Subject) -> Iterator[Problem]:
    """A warning for each account that often comments within 5 s of the creation of others' tickets
    and is no bot to the policies."""
    if subject.seen is None:
        return
    where = _actors(subject)
    for quick in subject.seen.quick.values():
        if quick.tickets >= FEW:
            name = quick.actor.name or quick.actor.id
            what = f'"{name}" commented within 5 s of the creation of {quick.tickets:,} tickets'
            mend = (
                f"such as {quick.example} after {quick.after / SECOND:.0f} s. A bot? "
                f"Add {quick.actor.id} to actors: bots"
            )
            yield found("warning", "SLA223", where, what, mend)


def _actors(subject: Subject) -> Where:
    node = subject.reading.sections.get("actors")
    policies = subject.policies.policies
    if node is not None:
        return node.key_of("bots") if node.child("bots") else node.where
    return subject.said(policies[0]) if policies else Where("policies")
