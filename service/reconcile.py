"""What became of writes whose end we did not see: read back, never sent again on a guess."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service import deeds, keeping
from service.failpoints import reach
from service.journals import current
from sla_engine.changes import (
    AddComment,
    AddLabels,
    Assign,
    Change,
    Notify,
    SetTicketFields,
    Transition,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from connectors.base import Connector
    from service.apply import Clock
    from service.deeds import Intent
    from service.store import Store
    from sla_engine.model import Ticket, Value
    from sla_engine.units import Instant, Millis


def reconcile(store: Store, connector: Connector, clock: Clock, quiet: Millis) -> int:
    """Read every ticket with a write in doubt; the count of those that stay in doubt.

    Seen there: it is done, whenever we look. Not seen is proof only in a read begun `quiet` after
    the sending: until then the server, or something on the way, may still carry it out.
    """
    with store.read() as db:
        doubts = deeds.in_doubt(db, connector.name)
    if not doubts:
        return 0
    read_at = clock()
    refs = list(dict.fromkeys(intent.ref for intent in doubts))
    found = {ticket.ref.id: ticket for ticket in connector.fetch(refs)}
    reach("reconcile.after_fetch")
    with store.write() as db:
        keeping.keep(db, found.values(), read_at)
        waiting = sum(not _settle(db, i, found.get(i.ref.id), read_at, quiet) for i in doubts)
    reach("reconcile.after_outcome")
    return waiting


def _settle(
    db: Connection, intent: Intent, ticket: Ticket | None, read_at: Instant, quiet: Millis
) -> bool:
    """Whether this doubt is over."""
    if ticket is None:
        return deeds.end(db, intent, "dead", message="the ticket is gone or hidden from us")
    if isinstance(intent.change, Notify) and intent.change.way == "run":
        deeds.end(db, intent, "dead", message="perhaps it ran; a command is never run twice")
        return True
    if intent.name == deeds.FIELDS or seen(intent.change, ticket):
        deeds.end(db, intent, "done", message="seen in the ticket")
    elif read_at >= intent.sent_at + quiet:
        deeds.end(db, intent, "planned", message="not in the ticket after the quiet period")
    else:
        return False
    keeping.settle(db, [(intent.ref, keeping.AT_ONCE)])
    return True


def seen(change: Change, ticket: Ticket) -> bool:
    """Whether the ticket shows that this was done: a mark, or the value itself."""
    fields = current(ticket)
    match change:
        case AddComment(key=key):
            return key in ticket.marks
        case Assign(to=to):
            return to in (fields.get("team"), fields.get("assignee"))
        case Transition(to=to):
            return fields.get("status") == to
        case AddLabels(labels=labels):
            return set(labels) <= _several(fields.get("labels"))
        case SetTicketFields(fields=pairs):
            return all(value in _several(fields.get(name)) for name, value in pairs)
        case _:
            return False


def _several(value: Value) -> set[str]:
    return set() if value is None else {value} if isinstance(value, str) else set(value)
