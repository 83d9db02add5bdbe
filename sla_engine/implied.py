"""What a journal implies and no source tells: first touches, and policies that take over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

import msgspec

from sla_engine.happening import OPENING
from sla_engine.model import NOBODY, Event, Journal, Ticket
from sla_engine.tables import Tables
from sla_engine.touches import TEAM, touches
from sla_engine.units import to_datetime

UTC = ZoneInfo("UTC")


def with_implied(tables: Tables, ticket: Ticket) -> Ticket:
    """The ticket with these as events of its journal, before what else happens at once. A case has
    the touches of its tickets already."""
    events = [*_openings(tables, ticket)]
    if tables.touching and not tables.case:
        events += touches(ticket, tables.policies.fields[TEAM], tables.kind)
    return _with(ticket, events)


def with_touches(tables: Tables, parent: Ticket) -> Ticket:
    """The parent of a case and its members, each with the touches of its own team; what a member
    was created for is a hand-off."""
    if not tables.touching:
        return parent
    team = tables.policies.fields[TEAM]
    members = (
        _with(member, touches(member, team, tables.kind, given=True)) for member in parent.members
    )
    whole = msgspec.structs.replace(parent, members=tuple(members))
    return _with(whole, touches(parent, team, tables.kind))


def _with(ticket: Ticket, events: Iterable[Event]) -> Ticket:
    return msgspec.structs.replace(ticket, journal=Journal([*events, *ticket.journal]))


def _openings(tables: Tables, ticket: Ticket) -> Iterator[Event]:
    for at in tables.dates.openings:
        if at > ticket.created_at:
            cause = f"policies as of {to_datetime(at, UTC):%Y-%m-%d %H:%M} UTC"
            yield Event(at, -1, OPENING, None, "", NOBODY, cause)
