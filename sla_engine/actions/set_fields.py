"""set: put values into fields of the ticket; `+x` joins a label to those there."""

from __future__ import annotations

from collections.abc import Iterator

from sla_engine.actions.context import Context
from sla_engine.changes import AddLabels, Deed, SetTicketFields
from sla_engine.terms import Argument


def deeds(context: Context, argument: Argument) -> Iterator[Deed]:
    """`{set: {impact: "1", labels: +sla-breached}}`."""
    pairs = [pair for pair in argument if isinstance(pair, tuple)]
    labels = tuple(value[1:] for name, value in pairs if name == "labels" and value[:1] == "+")
    fields = tuple((name, value) for name, value in pairs if name != "labels" or value[:1] != "+")
    if labels:
        yield AddLabels(context.ref, f"{context.key}:labels", labels, context.why, context.at)
    if fields:
        stood = context.stood(*(name for name, _ in fields))
        key = f"{context.key}:set"
        yield SetTicketFields(context.ref, key, fields, context.why, stood, context.at)
