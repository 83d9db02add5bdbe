"""A person leaves the record and the tickets stay: a pseudonym takes their place everywhere.

The audit's lines are told anew in the same places; what they say now is attested at the end of the
chain (audit.retell). A final verdict bears a hash over its history: that is made anew too, so the
verdict comes out the same when it is judged again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import select, update

from service.record import audit
from service.record.basis import Basis, every
from service.record.evidence import VERDICT, Judgement
from service.record.rehashing import Hashes
from service.state import veils
from service.state.disguise import Disguise, names_of
from service.state.failpoints import reach
from service.state.journals import people_of, values_of
from service.state.schema import (
    AUDIT,
    CONNECTIONS,
    DEEDS,
    KIN,
    QUARANTINE,
    RESTATEMENTS,
    SENDING,
    SUPERSEDED,
    TICKETS,
    VERDICTS,
)
from sla_engine.model import Actor
from sla_engine.policy_files import load_texts
from sla_engine.roles import kind_of

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection, RowMapping

    from service.state.purging import Identity
    from sla_engine.units import Instant


class Person(msgspec.Struct, frozen=True):
    """What an account is called, and the tickets whose histories tell of it."""

    names: frozenset[str]
    tickets: frozenset[Identity]


class Veiled(msgspec.Struct, frozen=True):
    """What was told anew: so many tickets, so many lines of the audit. `policies` says whether
    policies that verdicts were judged by name the person: those stay as they are."""

    pseudonym: str
    tickets: int
    lines: int
    policies: bool


def find(db: Connection, account: str) -> Person:
    """Looked for in every history that is kept, those put aside too. Nobody where the word is no
    account: names and values of other fields are not taken for one."""
    names: set[str] = set()
    if not _is_account(db, account):
        return Person(frozenset(), frozenset())
    for _, packed in _histories(db):
        names |= names_of(account, packed)
    disguise = Disguise(account, names, "")
    told = (whose for whose, packed in _histories(db) if disguise.journal(packed) != packed)
    return Person(frozenset(names), frozenset(told))


def _is_account(db: Connection, word: str) -> bool:
    """Whether somebody of that id did something, or stands where those do who did."""
    acting: set[str] = set()
    fields: set[str] = set()
    for _, packed in _histories(db):
        acting |= {actor.id for actor in people_of(packed)}
        fields |= {field for field, said in values_of(packed) if said == word}
    if word in acting or not fields:
        return word in acting
    values = (one for _, packed in _histories(db) for one in values_of(packed))
    return any(field in fields and said in acting for field, said in values)


def accounts_called(db: Connection, names: Collection[str]) -> list[str]:
    """The accounts that go by one of these names."""
    wanted = {name.lower() for name in names if name}
    people = (actor for _, packed in _histories(db) for actor in people_of(packed))
    return sorted({actor.id for actor in people if actor.name.lower() in wanted})


def _histories(db: Connection) -> Iterator[tuple[Identity, bytes]]:
    for table in (TICKETS, SUPERSEDED):
        for row in db.execute(select(table.c.connection, table.c.id, table.c.journal)):
            yield (row[0], row[1]), row[2]


def in_doubt(db: Connection, person: Person) -> list[str]:
    """The keys of their tickets to which a write is in doubt: it must be read back first."""
    rows = db.execute(select(DEEDS).where(SENDING))
    return sorted({row.key for row in rows if (row.connection, row.ticket) in person.tickets})


def veil(db: Connection, account: str, person: Person, at: Instant) -> Veiled:
    """Put a pseudonym for a person: everywhere or, where the transaction fails, nowhere. What is
    read of them later gets it too."""
    clocks = set(db.execute(select(VERDICTS.c.of).distinct()).scalars())
    clocks &= {account, *person.names}
    key = veils.key(db)
    disguise = Disguise(account, person.names, veils.pseudonym(key, account), clocks)
    bases = every(db)
    naming = {one.inputs.hash for one in bases.values() if _names(one, disguise)}
    hashes = Hashes(db, person.tickets, bases)
    for column, told in _places(disguise):
        _retell(db, column, told)
    hashes.renew(db)
    lines = _retell_audit(db, disguise, hashes, naming, at)
    veils.put(db, key, disguise.words, disguise.pseudonym)
    reach("purge.in_veiling")
    return Veiled(disguise.pseudonym, len(person.tickets), lines, bool(naming))


def _names(basis: Basis, disguise: Disguise) -> bool:
    """Whether policies name the person, or take them for somebody else under the pseudonym."""
    if any(disguise.text(said) != said for said in basis.files.values()):
        return True
    terms = load_texts(basis.files)[0].actors
    veiled = kind_of(Actor(disguise.pseudonym, disguise.pseudonym), terms)
    known = (Actor(disguise.account, name) for name in disguise.names or ("",))
    return any(kind_of(one, terms) != veiled for one in known)


def _places(disguise: Disguise) -> Iterator[tuple[Column[Any], Callable[[Any], Any]]]:
    """Every column but the audit's that may tell of a person, and how it is told without them."""
    for table in (TICKETS, SUPERSEDED):
        yield table.c.journal, disguise.journal
    yield DEEDS.c.change, disguise.change
    yield DEEDS.c.deed, disguise.key
    for column in (RESTATEMENTS.c.said, QUARANTINE.c.fields, CONNECTIONS.c.withheld):
        yield column, disguise.json
    texts = (DEEDS.c.message, QUARANTINE.c.what, CONNECTIONS.c.error, KIN.c.words)
    for column in (*texts, VERDICTS.c.of, RESTATEMENTS.c.of):
        yield column, disguise.text


def _retell(db: Connection, column: Column[Any], told: Callable[[Any], Any]) -> None:
    table, key = column.table, list(column.table.primary_key)
    rows = db.execute(select(column.label("said"), *key))
    others = [(identity, new) for said, *identity in rows if (new := told(said)) != said]
    for identity, new in others:
        this = [part == value for part, value in zip(key, identity, strict=True)]
        db.execute(update(table).where(*this).values({column.name: new}))


def _retell_audit(
    db: Connection, disguise: Disguise, hashes: Hashes, naming: set[str], at: Instant
) -> int:
    lines = {}
    for row in db.execute(select(AUDIT).where(AUDIT.c.salt.is_not(None))).mappings():
        if row["kind"] == VERDICT:
            told = _verdict_retold(row, disguise, hashes, naming)
        else:
            told = {
                "deed": disguise.key(row["deed"]),
                "change": disguise.json(row["change"]),
                **{name: disguise.text(row[name]) for name in ("why", "message", "remote_id")},
            }
        if any(row[name] != new for name, new in told.items()):
            lines[row["number"]] = {**row, **told}
    audit.retell(db, lines, at)
    return len(lines)


def _verdict_retold(
    row: RowMapping, disguise: Disguise, hashes: Hashes, naming: set[str]
) -> dict[str, str]:
    """The line of a verdict, of a clock that bears the pseudonym, with the hash over its history of
    now; with none where it could not come out the same any more, because the policies know the
    person."""
    judged = msgspec.json.decode(row["change"], type=Judgement)
    inputs = hashes.of((row["connection"], row["ticket"]), judged.inputs)
    if inputs != judged.inputs and naming & {judged.rules, judged.basis}:
        inputs = b""
    told = msgspec.structs.replace(judged, inputs=inputs, of=judged.of and disguise.text(judged.of))
    return {} if told == judged else {"change": msgspec.json.encode(told).decode()}
