"""Tickets put together that belong together: cases, and what was merged into others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from sla_engine.cases import Key, child_keys, fields_of, parent_keys
from sla_engine.mergers import MERGER, kinships
from sla_engine.model import Ref, Ticket
from sla_engine.terms import Policies


def children(policies: Policies, tickets: Iterable[Ticket]) -> dict[Key, list[Ticket]]:
    """Tickets that may belong to cases, by what they have in common with their parents."""
    found: dict[Key, list[Ticket]] = defaultdict(list)
    for ticket in tickets:
        for key in child_keys(kinships(policies), fields_of(policies.fields, ticket)):
            found[key].append(ticket)
    return found


def with_members(
    policies: Policies, found: Mapping[Key, Sequence[Ticket]], ticket: Ticket
) -> Ticket:
    """The ticket with those of them that belong to its case, or are merged into what is merged."""
    members: dict[Ref, Ticket] = {}
    waiting = [(ticket, kinships(policies))]
    while waiting:
        parent, links = waiting.pop()
        for key in sorted(parent_keys(links, fields_of(policies.fields, parent))):
            for one in found.get(key, ()):
                if one.ref != ticket.ref and one.ref not in members:
                    members[one.ref] = one
                    waiting += [(one, (MERGER,))] if key[0] == MERGER.name else []
    return msgspec.structs.replace(ticket, members=tuple(members.values()))
