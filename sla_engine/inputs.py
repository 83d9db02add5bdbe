"""What verdicts follow from, as hashes: the same inputs give the same verdict on any machine.

Beside the ticket these are the policies and what they build on, the time zone data, the public
holidays and the program. What can correct the past has a hash for each name, so that a difference
can be told.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from hashlib import sha256

import msgspec

from sla_engine.document import Node, plain
from sla_engine.model import Ticket
from sla_engine.resolving.sections import Sections, entries, together
from sla_engine.resolving.version import fingerprint
from sla_engine.terms import Policies
from sla_engine.units import Instant

Hashes = Mapping[str, str]
"""By name: of a calendar, of an exclusion, of a ticket with exceptions."""


class Data(msgspec.Struct, frozen=True):
    """What a machine brings: the versions of its time zone data, public holidays and program."""

    tzdata: str = ""
    holidays: str = ""
    program: str = ""


class Inputs(msgspec.Struct, frozen=True):
    """All that verdicts depend on besides their ticket."""

    version: str
    rules: str
    calendars: Hashes
    exclusions: Hashes
    exceptions: Hashes
    data: Data

    @property
    def hash(self) -> str:
        """SHA-256 in hex."""
        return _hash(self)


def inputs_of(policies: Policies, data: Data) -> Inputs:
    """The inputs that these policies are on a machine with such data."""
    sections = together(policies.files)[0]
    return Inputs(
        policies.version,
        fingerprint(policies),
        {name: _text_hash(repr(one.versions)) for name, one in sorted(policies.calendars.items())},
        {name: _node_hash(node) for name, node, _ in entries(sections, "exclusions")},
        _exceptions(sections),
        data,
    )


def _exceptions(sections: Sections) -> dict[str, str]:
    """By ticket: a hash over all that is excepted of it."""
    by_ticket: dict[str, list[str]] = {}
    for _, node, _ in entries(sections, "exceptions"):
        ticket = node.child("ticket")
        by_ticket.setdefault((ticket and ticket.text) or "", []).append(_node_hash(node))
    return {ticket: _hash(hashes) for ticket, hashes in sorted(by_ticket.items())}


def history_hash(ticket: Ticket, until: Instant) -> str:
    """Of everything that a verdict at an instant can see of a ticket."""
    last = bisect_right(ticket.journal.ats, until)
    journal = ticket.journal
    said = (
        ticket.ref.key,
        ticket.system,
        ticket.created_at,
        ticket.created_by,
        ticket.initial,
        ticket.incomplete,
        journal.ats[:last].tolist(),
        journal.fields[:last],
        journal.news[:last],
        journal.actors[:last],
        journal.source_ids[:last],
    )
    return _hash((*said, ticket.gaps) if ticket.gaps else said)


def inputs_hash(ticket: Ticket, until: Instant, *inputs: str) -> bytes:
    """The SHA-256 that a verdict bears: its ticket's history and the hashes of its inputs."""
    return sha256("\n".join((history_hash(ticket, until), *inputs)).encode()).digest()


def _hash(value: object) -> str:
    return sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()


def _node_hash(node: Node) -> str:
    return _hash(plain(node))


def _text_hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
