"""What was not known yet when a ticket is told as it was known then."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from reports.explain_view import View
from reports.explanation import Known
from reports.json_values import JsonValue, iso
from reports.ledger import happened
from reports.words import person
from sla_engine.model import Journal
from sla_engine.units import Instant

MOST = 6


def known_parts(view: View, known: Known) -> Iterator[RenderableType]:
    """As of when this was known, and what came to light since."""
    words = f"As known {view.full(known.at)}: what became known later is left out"
    yield Text(words, style="yellow")
    late = known.learnt_since(view.ticket.journal, view.now)
    for event in late[:MOST]:
        what = f"{happened(view.ticket, event)}, {event.source_id} by {person(event.actor)}"
        yield Text(f"  not known then: {view.short(event.at)} {what}")
    if len(late) > MOST:
        yield Text(f"  and {len(late) - MOST} more; all: --json")


def known_json(known: Known, journal: Journal, now: Instant) -> JsonValue:
    """`known` of the JSON."""
    return {
        "known_at": iso(known.at),
        "learnt_since": [
            {"at": iso(event.at), "event": event.source_id, "field": event.field}
            for event in known.learnt_since(journal, now)
        ],
    }
