"""What became of writes whose end we did not see: read back, never sent again on a guess."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from service.delivery import deeds
from service.delivery.promises import overtaken, quiet_of, seen
from service.delivery.skew import told_by
from service.state import keeping, quarantine
from service.state.failpoints import reach
from service.state.veils import veiled
from sla_engine.changes import Notify

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from connectors.base import Connector
    from service.delivery.deeds import Intent
    from service.delivery.hearing import Hearing
    from service.delivery.timekeeping import Clock
    from service.state.store import Store
    from sla_engine.model import Ticket
    from sla_engine.units import Instant, Millis


def reconcile(
    store: Store,
    connector: Connector,
    doubts: Sequence[Intent],
    clock: Clock,
    quiet: Millis,
    hearing: Hearing,
) -> int:
    """Read every ticket with a write in doubt; the count of those that stay in doubt.

    Seen there: it is done, whenever we look. Not seen is proof only in a read begun `quiet` after
    the sending: until then the server, or something on the way, may still carry it out. A clock of
    ours that is far off proves nothing, so that the system's counts then.
    """
    if not doubts:
        return 0
    reach("reconcile.before_fetch")
    began_at = clock()
    refs = list(dict.fromkeys(intent.ref for intent in doubts))
    found = {ticket.ref.id: ticket for ticket in connector.fetch(refs)}
    read_at = told_by(connector, began_at, clock())
    reach("reconcile.after_fetch")
    with store.write() as db:
        found = {ticket.ref.id: ticket for ticket in veiled(db, found.values())}
        keeping.keep(db, found.values(), hearing.onward(db))
        waiting = sum(not _settle(db, i, found.get(i.ref.id), read_at, quiet) for i in doubts)
        reach("reconcile.in_outcome")
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
    elif read_at >= intent.sent_at + quiet_of(intent.change, quiet):
        if why := overtaken(intent.change, ticket):
            deeds.end(db, intent, "cancelled", message=why)
        else:
            deeds.end(db, intent, "planned", message="not in the ticket after the quiet period")
    else:
        return False
    if not quarantine.waits(db, intent.ref, read_at):
        keeping.wake(db, [(intent.ref, keeping.AT_ONCE)])
    return True
