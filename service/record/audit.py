"""The audit: a line for every write that was tried and every verdict that became final.

Each line is sealed to the one before it: whoever changes, removes or slips in one later breaks the
chain there. Contents are hashed with a salt of their own, so that a line whose contents were erased
keeps its place in the chain and tells nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import insert, select, update

from service.state.failpoints import reach
from service.state.schema import AUDIT
from sla_engine.units import Instant

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NEWEST = select(AUDIT.c.number, AUDIT.c.seal).order_by(AUDIT.c.number.desc()).limit(1)
_NEW = insert(AUDIT)

BEFORE_ALL = bytes(32)
"""What the first sealed line follows on."""

RETOLD, GONE = "Retold", "Gone"
"""Kinds of lines about the audit itself: others were told anew, or their histories let go."""
ATTESTED = 500
"""How many lines one of them attests at most."""


class Line(msgspec.Struct, frozen=True, tag="line"):
    """One line as it is kept. `salt` is None where its contents were erased, `seal` where it was
    written before there was a chain."""

    number: int
    at: Instant
    connection: str
    ticket: str
    key: str
    kind: str
    deed: str
    change: str
    why: str
    policies: str
    outcome: str
    message: str
    run: str
    remote_id: str
    salt: bytes | None
    digest: bytes | None
    seal: bytes | None


CONTENTS = tuple(
    name for name in Line.__struct_fields__[1:] if name not in ("salt", "digest", "seal")
)


def append(db: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Add lines after the last one. Writers of one store are one after the other (service/store),
    so no two follow on the same."""
    if not rows:
        return
    last = db.execute(_NEWEST).first()
    number, seal = (last.number, last.seal or BEFORE_ALL) if last else (0, BEFORE_ALL)
    sealed = []
    for row in rows:
        number += 1
        salt = secrets.token_bytes(16)
        digest = digest_of(row, salt)
        seal = seal_of(seal, number, digest)
        sealed.append({**row, "number": number, "salt": salt, "digest": digest, "seal": seal})
    db.execute(_NEW, sealed)
    reach("audit.in_append")


def retell(db: Connection, lines: Mapping[int, Mapping[str, object]], at: Instant) -> None:
    """Say otherwise what these lines say, on record: they keep their places and digests, and lines
    at the end attest the digests of what they say now. The salts are new, so that what they said
    cannot even be guessed and tried."""
    digests = {}
    for number, row in lines.items():
        salt = secrets.token_bytes(16)
        told = {name: row[name] for name in CONTENTS}
        digests[str(number)] = digest_of(told, salt).hex()
        db.execute(update(AUDIT).where(AUDIT.c.number == number).values(**told, salt=salt))
    some = list(digests.items())
    for start in range(0, len(some), ATTESTED):
        told = {"digests": dict(some[start : start + ATTESTED])}
        append(db, [_about(RETOLD, msgspec.json.encode(told).decode(), at)])


def attested(line: Line) -> dict[int, bytes]:
    """By number: the digests of lines that were told anew before this one, which says so."""
    if line.kind != RETOLD or line.salt is None:
        return {}
    digests = msgspec.json.decode(line.change, type=dict[str, dict[int, str]])["digests"]
    return {number: bytes.fromhex(digest) for number, digest in digests.items()}


def note_gone(db: Connection, connection: str, tickets: Sequence[str], at: Instant) -> None:
    """The histories of these tickets were let go: what follows from them cannot be judged again."""
    change = msgspec.json.encode({"tickets": tickets}).decode()
    append(db, [_about(GONE, change, at) | {"connection": connection}])


def gone(line: Line) -> frozenset[tuple[str, str]]:
    """The tickets whose histories were let go before a line, which says so."""
    if line.kind != GONE or line.salt is None:
        return frozenset()
    tickets = msgspec.json.decode(line.change, type=dict[str, list[str]])["tickets"]
    return frozenset((line.connection, ticket) for ticket in tickets)


def _about(kind: str, change: str, at: Instant) -> dict[str, object]:
    nothing = dict.fromkeys((name for name in CONTENTS if name != "at"), "")
    return {**nothing, "at": at, "kind": kind, "change": change, "outcome": kind.lower()}


def digest_of(contents: Mapping[str, object], salt: bytes) -> bytes:
    """SHA-256 over the salt and what a line says, in the order of its columns."""
    said = msgspec.json.encode([contents[name] for name in CONTENTS])
    return sha256(salt + said).digest()


def seal_of(before: bytes, number: int, digest: bytes) -> bytes:
    """SHA-256 over the seal of the line before, the line's number and its digest."""
    return sha256(before + number.to_bytes(8) + digest).digest()


def lines(db: Connection) -> Iterator[Line]:
    """All of them, oldest first."""
    for row in db.execute(select(AUDIT).order_by(AUDIT.c.number)).mappings():
        yield Line(**row)
