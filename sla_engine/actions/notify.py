"""notify: tell the channels that service.yaml names; whoever has none is named in the comment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sla_engine.actions.context import Context
from sla_engine.changes import Deed, Notify


def deeds(context: Context, recipients: Sequence[str], text: str) -> Iterator[Deed]:
    """One message a known channel, with the head line of the comment."""
    for name in recipients:
        if name in context.channels:
            key = f"{context.key}:notify:{name}"
            said = f"{context.ref.key}: {text}"
            yield Notify(context.ref, key, name, said, context.why, at=context.at)
