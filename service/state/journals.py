"""A ticket as bytes and back: columns in msgpack, packed; the same ticket gives the same bytes."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable
from itertools import pairwise
from sys import intern

import msgspec

from sla_engine.happening import DELETED
from sla_engine.model import Actor, At, FieldValue, Gap, Journal, Ref, Ticket, Value
from sla_engine.units import Instant


class _Packed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`steps` are the milliseconds from one event to the next, the first from the creation."""

    connection: str
    key: str
    id: str
    system: str
    url: str
    title: str
    created_at: int
    created_by: int
    initial: dict[str, Value]
    updated_at: int
    written: dict[str, FieldValue]
    marks: list[str]
    incomplete: str
    people: list[Actor]
    steps: list[int]
    sequences: list[int]
    fields: list[str]
    olds: list[Value]
    news: list[Value]
    actors: list[int]
    source_ids: list[str]
    gaps: tuple[Gap, ...] = ()


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Packed).decode


def pack(ticket: Ticket) -> bytes:
    """Fit for keeping. Two tickets that say the same give equal bytes, whatever order maps have."""
    journal = ticket.journal
    people = {
        actor: at for at, actor in enumerate(dict.fromkeys((ticket.created_by, *journal.actors)))
    }
    packed = _Packed(
        ticket.ref.connection,
        ticket.ref.key,
        ticket.ref.id,
        ticket.system,
        ticket.url,
        ticket.title,
        ticket.created_at,
        people[ticket.created_by],
        dict(sorted(ticket.initial.items())),
        ticket.updated_at,
        dict(sorted(ticket.written.items())),
        sorted(ticket.marks),
        ticket.incomplete,
        list(people),
        [later - earlier for earlier, later in pairwise((ticket.created_at, *journal.ats))],
        journal.sequences.tolist(),
        list(journal.fields),
        list(journal.olds),
        list(journal.news),
        [people[actor] for actor in journal.actors],
        list(journal.source_ids),
        ticket.gaps,
    )
    columns = msgspec.structs.astuple(packed)
    return zlib.compress(_encode(columns if ticket.gaps else columns[:-1]), 1)  # as before gaps


def unpack(blob: bytes) -> Ticket:
    """The ticket that `pack` was given."""
    packed = _decode(zlib.decompress(blob))
    return Ticket(
        ref=Ref(packed.connection, packed.key, packed.id),
        system=packed.system,
        url=packed.url,
        title=packed.title,
        created_at=Instant(packed.created_at),
        created_by=packed.people[packed.created_by],
        initial=packed.initial,
        journal=_journal(packed),
        updated_at=Instant(packed.updated_at),
        written=packed.written,
        marks=frozenset(packed.marks),
        incomplete=packed.incomplete,
        gaps=packed.gaps,
    )


def people_of(blob: bytes) -> list[Actor]:
    """Everybody who did something to a packed ticket."""
    return _decode(zlib.decompress(blob)).people


def values_of(blob: bytes) -> set[tuple[str, str]]:
    """Each value that a field of a packed ticket ever had: (field, a word of it)."""
    packed = _decode(zlib.decompress(blob))
    told = [*packed.initial.items(), *zip(packed.fields, packed.olds, strict=True)]
    told += zip(packed.fields, packed.news, strict=True)
    return {(field, word) for field, said in told for word in _words(said)}


def _words(said: Value) -> tuple[str, ...]:
    return said if isinstance(said, tuple) else (said,) if said else ()


def retold(blob: bytes, text: Callable[[str], str], person: Callable[[Actor], Actor]) -> bytes:
    """A packed ticket whose texts and people are told in other words; the same bytes where those
    words are its own."""
    packed = _decode(zlib.decompress(blob))

    def value(said: Value) -> Value:
        return tuple(map(text, said)) if isinstance(said, tuple) else said and text(said)

    def field(said: FieldValue) -> FieldValue:
        return said if isinstance(said, At) else value(said)

    other = msgspec.structs.replace(
        packed,
        title=text(packed.title),
        initial={name: value(said) for name, said in packed.initial.items()},
        written={name: field(said) for name, said in packed.written.items()},
        people=list(map(person, packed.people)),
        olds=list(map(value, packed.olds)),
        news=list(map(value, packed.news)),
    )
    return blob if other == packed else zlib.compress(_encode(other), 1)


def _journal(packed: _Packed) -> Journal:
    """The columns put back as they were: they are in order already."""
    journal = Journal()
    at = packed.created_at
    ats = [at := at + step for step in packed.steps]
    journal.ats = array("q", ats)
    journal.sequences = array("q", packed.sequences)
    journal.fields = tuple(map(intern, packed.fields))
    journal.olds = tuple(packed.olds)
    journal.news = tuple(packed.news)
    journal.actors = tuple([packed.people[who] for who in packed.actors])
    journal.source_ids = tuple(packed.source_ids)
    return journal


def is_open(ticket: Ticket) -> bool:
    """Whether its newest status is outside the category done, unknown counting as open, and it was
    not deleted."""
    journal = ticket.journal
    if is_deleted(ticket):
        return False
    for at in range(len(journal) - 1, -1, -1):
        if journal.fields[at] == "status_category":
            return journal.news[at] != "done"
    return ticket.initial.get("status_category") != "done"


def is_deleted(ticket: Ticket) -> bool:
    """Whether its history ends in its deletion."""
    journal = ticket.journal
    if DELETED not in journal.fields:
        return bool(ticket.initial.get(DELETED))
    return bool(current(ticket)[DELETED])


def current(ticket: Ticket) -> dict[str, Value]:
    """Its canonical fields as the newest journal entry leaves them."""
    fields = dict(ticket.initial)
    fields.update(zip(ticket.journal.fields, ticket.journal.news, strict=True))
    fields.pop("comment", None)
    return fields
