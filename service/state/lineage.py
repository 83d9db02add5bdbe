"""Whether this state is the one that wrote: comments of our account that it knows nothing of.

They are there where an older copy of the state was put in its place, or where another installation
writes to the same tickets with the same account.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from connectors.base import TransientError
from service.state import keeping, standing
from service.state.schema import DEEDS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sla_engine.model import Ticket
    from sla_engine.units import Instant

_KNOWN = select(DEEDS.c.deed).where(
    DEEDS.c.connection == bindparam("of"), DEEDS.c.ticket == bindparam("ref")
)

SHOWN = 3
"""Tickets named in the message."""


class StrangeError(TransientError):
    """Somebody wrote in our name whom this state does not know."""

    code = "SLA326"


def stranger(
    db: Connection, connection: str, tickets: Sequence[Ticket], now: Instant
) -> StrangeError | None:
    """What to raise, once this is committed, where tickets that were kept before have new comments
    of ours that no deed tells of; nothing is written then before all is read anew. A ticket that is
    met for the first time may have any: the state may have been lost, or the ticket moved here."""
    strange = [ticket for ticket in tickets if ticket.marks and _is_strange(db, ticket)]
    if not strange or standing.restored_at(db, connection) is not None:
        return None
    standing.went_back(db, connection, now)
    named = ", ".join(one.ref.key for one in strange[:SHOWN])
    more = f" and {len(strange) - SHOWN} more" if len(strange) > SHOWN else ""
    facts = (
        ("found", f"comments of ours that this state does not know, in {named}{more}"),
        ("likely", "an older copy of the state was put in its place, or another sla-sync writes"),
        ("fix", "stop the other one (sla halt there); this one then needs nothing"),
        ("now", "all is read anew in the next pass, and written from the one after it"),
    )
    return StrangeError(f"somebody else writes to {connection} with our account", facts)


def _is_strange(db: Connection, ticket: Ticket) -> bool:
    ref = ticket.ref
    done = db.execute(_KNOWN, {"of": ref.connection, "ref": ref.id}).scalars()
    unknown = ticket.marks - set(done)
    kept = keeping.find_one(db, ref) if unknown else None
    return kept is not None and bool(unknown - kept.marks)
