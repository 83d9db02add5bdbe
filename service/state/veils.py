"""People who were forgotten: known again by keyed hashes alone, so no reading brings them back.

A system may go on telling of an account long after it was closed. Whatever is read of tickets is
held against these hashes before it is kept.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from service.state.dialects import inserting
from service.state.journals import pack, retold, unpack
from service.state.schema import VEILS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sla_engine.model import Actor, Ticket


_ALL = select(VEILS)


def key(db: Connection) -> bytes:
    """The key of this state's hashes: the same person gets the same pseudonym again."""
    held = db.execute(select(VEILS.c.key).limit(1)).scalar()
    return secrets.token_bytes(32) if held is None else bytes(held)


def pseudonym(key: bytes, account: str) -> str:
    """What stands for an account."""
    return f"person-{_hash(key, account).hex()[:12]}"


def put(db: Connection, key: bytes, words: Iterable[str], pseudonym: str) -> None:
    """From now on the pseudonym takes the place of these words in whatever is read."""
    rows = [{"word": _hash(key, word), "pseudonym": pseudonym, "key": key} for word in words]
    db.execute(inserting(db.dialect.name, VEILS), rows)


def veiled(db: Connection, tickets: Iterable[Ticket]) -> list[Ticket]:
    """These tickets, without the people who were forgotten."""
    rows = db.execute(_ALL).all()
    if not rows:
        return list(tickets)
    known = {bytes(row.word): str(row.pseudonym) for row in rows}
    secret = bytes(rows[0].key)

    def text(said: str) -> str:
        return known.get(_hash(secret, said), said)

    def person(actor: Actor) -> Actor:
        other = known.get(_hash(secret, actor.id))
        return msgspec.structs.replace(actor, id=other, name=other) if other else actor

    return [_told(ticket, text, person) for ticket in tickets]


def _told(ticket: Ticket, text: Callable[[str], str], person: Callable[[Actor], Actor]) -> Ticket:
    try:
        packed = pack(ticket)
    except (TypeError, ValueError):  # it cannot be kept at all, as keeping will say
        return ticket
    other = retold(packed, text, person)
    return ticket if other == packed else unpack(other)


def _hash(key: bytes, word: str) -> bytes:
    return hmac.digest(key, word.encode(), "sha256")
