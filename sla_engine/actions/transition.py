"""transition: move the ticket to a status, if its workflow allows."""

from __future__ import annotations

from collections.abc import Iterator

from sla_engine.actions.context import Context
from sla_engine.changes import Deed, Transition
from sla_engine.terms import Argument


def deeds(context: Context, argument: Argument) -> Iterator[Deed]:
    """`{transition: Escalated}`; nothing where the ticket is there already."""
    assert isinstance(argument, str)
    if context.fields.get("status") != argument:
        key = f"{context.key}:transition:{argument}"
        stood = context.stood("status")
        yield Transition(context.ref, key, argument, context.why, stood, context.at)
