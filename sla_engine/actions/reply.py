"""reply: say it in the ticket where the customer reads it, in the ladder's words alone."""

from __future__ import annotations

from collections.abc import Iterator

from sla_engine.actions.comment import fill
from sla_engine.actions.context import Context
from sla_engine.changes import AddComment, Deed
from sla_engine.terms import Argument


def deeds(context: Context, argument: Argument) -> Iterator[Deed]:
    """One public comment; nothing of ours but its mark."""
    assert isinstance(argument, str)
    lines = (fill(argument, context),)
    key = f"{context.key}:reply"
    yield AddComment(context.ref, key, lines, context.why, internal=False, at=context.at)
