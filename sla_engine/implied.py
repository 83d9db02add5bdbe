"""What a journal implies and no source tells: first touches, and policies that take over."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import msgspec

from sla_engine.happening import OPENING
from sla_engine.model import NOBODY, Event, Journal, Ticket
from sla_engine.tables import Tables
from sla_engine.touches import TEAM, touches
from sla_engine.units import to_datetime

UTC = ZoneInfo("UTC")


def with_implied(tables: Tables, ticket: Ticket) -> Ticket:
    """The ticket with these as events of its journal, before what else happens at once."""
    events = [*_openings(tables, ticket)]
    if tables.touching:
        events += touches(ticket, tables.policies.fields[TEAM], tables.kind)
    return msgspec.structs.replace(ticket, journal=Journal([*events, *ticket.journal]))


def _openings(tables: Tables, ticket: Ticket) -> Iterator[Event]:
    for at in tables.dates.openings:
        if at > ticket.created_at:
            cause = f"policies as of {to_datetime(at, UTC):%Y-%m-%d %H:%M} UTC"
            yield Event(at, -1, OPENING, None, "", NOBODY, cause)
