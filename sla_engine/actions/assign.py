"""assign: give the ticket to a team or a person."""

from __future__ import annotations

from collections.abc import Iterator

from sla_engine.actions.context import Context
from sla_engine.changes import Assign, Deed
from sla_engine.terms import Argument


def deeds(context: Context, argument: Argument) -> Iterator[Deed]:
    """`{assign: tier2}`."""
    assert isinstance(argument, str)
    key = f"{context.key}:assign:{argument}"
    stood = context.stood("team", "assignee")
    yield Assign(context.ref, key, argument, context.why, stood, context.at)
