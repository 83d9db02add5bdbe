"""Several tickets that are one case: their histories as the history of one ticket.

A field of a case has the values of all its tickets, the one that changed last first: a condition
holds if any of them passes. A ticket that is done holds nothing any more; when the case was
created, how urgent it is and whether it is done are for its first ticket, the parent, to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from sla_engine.conditions import holds
from sla_engine.happening import DELETED, LINK, MERGED_INTO, TOUCH
from sla_engine.model import Event, Journal, Ticket, Value
from sla_engine.slots import canonical
from sla_engine.terms import FieldTerms, LinkTerms, Policies
from sla_engine.units import Instant, Millis

Key = tuple[str, str]
"""The name of a link, and what parent and children have in common by it."""

OWN = frozenset(
    (
        *("status_category", "priority", "impact", "urgency", "requester", "created", "number"),
        *(DELETED, MERGED_INTO),
    )
)
"""Fields of which a case has its parent's alone."""


class _Member(msgspec.Struct, frozen=True):
    """A ticket of a case, what it is called, and since when it belongs to it."""

    ticket: Ticket
    link: str
    since: Instant


def parent_keys(links: Iterable[LinkTerms], fields: Mapping[str, Value]) -> frozenset[Key]:
    """Under what a ticket with these fields may be the parent of others."""
    found = set()
    for link in links:
        words = [_text(fields.get(of)) for _, of in link.where]
        if holds(link.parent, fields) and all(words):
            found.add((link.name, "\n".join(words)))
    return frozenset(found)


def child_keys(links: Iterable[LinkTerms], fields: Mapping[str, Value]) -> frozenset[Key]:
    """Under what it may belong to another."""
    found = set()
    for link in links:
        words = [_text(fields.get(field)) for field, _ in link.where]
        if holds(link.child, fields) and all(words):
            found.add((link.name, "\n".join(words)))
    return frozenset(found)


def fields_of(known: Mapping[str, FieldTerms], ticket: Ticket) -> dict[str, Value]:
    """The newest fields of a ticket in the words of policies; `key` is what people call it."""
    newest: dict[str, Value] = {"key": ticket.ref.key, **ticket.initial}
    newest.update(zip(ticket.journal.fields, ticket.journal.news, strict=True))
    return {name: canonical(value, _names(known, name)) for name, value in newest.items()}


def _names(known: Mapping[str, FieldTerms], field: str) -> dict[str, str]:
    terms = known.get(field)
    return {raw: value for value, raws in (terms.values if terms else {}).items() for raw in raws}


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""


MOMENTS = frozenset(("comment", LINK, TOUCH))
"""What is no field of a ticket, but happens to it."""


class Whole(msgspec.Struct, frozen=True):
    """A case as one ticket. `skewed`: some of its events lie closer together than the clocks of
    their systems are apart, and count as one moment."""

    ticket: Ticket
    skewed: bool


def whole_of(policies: Policies, parent: Ticket) -> Whole | None:
    """The case of which a ticket is the parent; None where it is none."""
    links, known = policies.links, policies.fields
    fields = fields_of(known, parent)
    if not any(holds(link.parent, fields) for link in links):
        return None
    keys = parent_keys(links, fields)
    members = [m for other in parent.members if (m := _member(links, known, other, keys))]
    told = [(parent, event) for event in parent.journal]
    for member in members:
        told += ((member.ticket, event) for event in _joining(member))
    told.sort(key=lambda one: (one[1].at, one[1].sequence, one[0].ref.connection))
    told, moved = _together(told, parent.skew)
    fold = _Fields(parent, [member.ticket for member in members])
    events = [event for ticket, event in told for event in fold.see(ticket, event)]
    case = msgspec.structs.replace(
        parent,
        journal=Journal(
            msgspec.structs.replace(event, sequence=number) for number, event in enumerate(events)
        ),
        members=(),
        incomplete=parent.incomplete or next((m.ticket.incomplete for m in members), ""),
        gaps=(*parent.gaps, *(gap for m in members for gap in m.ticket.gaps)),
    )
    return Whole(case, moved)


def _member(
    links: Iterable[LinkTerms],
    known: Mapping[str, FieldTerms],
    ticket: Ticket,
    keys: frozenset[Key],
) -> _Member | None:
    """The ticket as a member; None where it does not belong to the case (any more)."""
    shared = sorted(child_keys(links, fields_of(known, ticket)) & keys)
    if not shared:
        return None
    name = shared[0][0]
    where = {field for link in links if link.name == name for field, _ in link.where}
    told = [event.at for event in ticket.journal if event.field in where]
    return _Member(ticket, name, max(told, default=ticket.created_at))


def _joining(member: _Member) -> Iterator[Event]:
    """What a ticket brings with it, in the moment it comes, and what happens to it from then on."""
    ticket, since = member.ticket, max(member.since, member.ticket.created_at)
    cause = f"{ticket.ref.key} linked"
    fields = dict(ticket.initial)
    for event in ticket.journal:
        if event.at <= since and event.field not in MOMENTS:
            fields[event.field] = event.new
    yield Event(since, -1, LINK, None, member.link, ticket.created_by, cause)
    for name, value in fields.items():
        yield Event(since, -1, name, None, value, ticket.created_by, cause)
    for event in ticket.journal:
        if event.at > since:
            source = f"{ticket.ref.key} {event.source_id}"
            yield msgspec.structs.replace(event, source_id=source)


Told = list[tuple[Ticket, Event]]


def _together(told: Told, skew: Millis) -> tuple[Told, bool]:
    """The events in order, those of another system moved to the one before where they lie closer
    together than the systems' clocks."""
    moved, found = False, Told()
    for ticket, event in told:
        if found and found[-1][0].ref.connection != ticket.ref.connection:
            before = found[-1][1].at
            if before < event.at < before + skew:
                event, moved = msgspec.structs.replace(event, at=before), True
        found.append((ticket, event))
    return found, moved


class _Fields:
    """The fields of all tickets of a case while its events go by."""

    def __init__(self, parent: Ticket, children: list[Ticket]) -> None:
        self._parent = parent
        self._of: dict[str, dict[str, Value]] = {_id(parent): dict(parent.initial)}
        self._of |= {_id(child): {} for child in children}
        self._order = [_id(parent), *map(_id, children)]
        self._seen: dict[str, Value] = dict(parent.initial)

    def see(self, ticket: Ticket, event: Event) -> Iterator[Event]:
        """The event as the case sees it: nothing, a comment, a field's new values."""
        name, ours = event.field, ticket is self._parent
        if name in MOMENTS or (ours and name in OWN):
            yield event
        if name in MOMENTS:
            return
        self._of[_id(ticket)][name] = event.new
        if name == "status_category":
            yield from self._changed(event, *sorted(self._known() - OWN))
        elif name not in OWN:
            self._order.remove(_id(ticket))
            self._order.insert(0, _id(ticket))
            yield from self._changed(event, name)

    def _known(self) -> set[str]:
        return {name for fields in self._of.values() for name in fields}

    def _changed(self, event: Event, *fields: str) -> Iterator[Event]:
        """Those of the fields that are something else for the case now."""
        for field in fields:
            old, new = self._seen.get(field), self._value(field)
            if new != old:
                self._seen[field] = new
                yield msgspec.structs.replace(event, field=field, old=old, new=new)

    def _value(self, field: str) -> Value:
        values: dict[str, None] = {}
        for number in self._order:
            fields = self._of[number]
            if fields.get("status_category") != "done" or number == _id(self._parent):
                said = fields.get(field)
                values |= dict.fromkeys((said,) if isinstance(said, str) else said or ())
        return next(iter(values)) if len(values) == 1 else tuple(values) or None


def _id(ticket: Ticket) -> str:
    return f"{ticket.ref.connection}\n{ticket.ref.id}"
