"""The hashes over histories that final verdicts bear, made anew where histories are told anew."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import and_, select, update

from service.record.evidence import VERDICT, Judgement, versions_at
from service.state.knowledge import as_known
from service.state.schema import AUDIT, VERDICTS
from sla_engine.inputs import inputs_hash
from sla_engine.model import Ref
from sla_engine.units import Instant

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.record.basis import Basis
    from service.state.purging import Identity

_How = tuple[Instant, str, str]
"""When a verdict was judged, and the hashes of its rules and of its basis."""


class Hashes:
    """Taken before the histories of some tickets are told anew, and renewed after."""

    def __init__(
        self, db: Connection, tickets: Collection[Identity], bases: Mapping[int, Basis]
    ) -> None:
        self._bases = {number: one.inputs.hash for number, one in bases.items()}
        self._borne = {
            (ticket, how): _hashes(db, ticket, how)
            for ticket in tickets
            for how in _judged(db, ticket, self._bases)
        }
        self._tickets = frozenset(tickets)
        self._renewed: dict[tuple[Identity, bytes], bytes] = {}

    def renew(self, db: Connection) -> None:
        """The histories are told anew by now: so are the hashes that frozen verdicts bear."""
        for (ticket, how), before in self._borne.items():
            for old, new in zip(before, _hashes(db, ticket, how), strict=True):
                self._renewed[ticket, old] = new
        for connection, number in self._tickets:
            whose = and_(VERDICTS.c.connection == connection, VERDICTS.c.ticket == number)
            borne = select(VERDICTS.c.inputs).where(whose, VERDICTS.c.inputs.is_not(None))
            for old in set(db.execute(borne).scalars()):
                this = update(VERDICTS).where(whose, VERDICTS.c.inputs == old)
                db.execute(this.values(inputs=self.of((connection, number), old)))

    def of(self, ticket: Identity, borne: bytes) -> bytes:
        """The hash that takes the place of one that a verdict of a ticket bears; empty where that
        was of no history that is kept."""
        return self._renewed.get((ticket, borne), b"") if ticket in self._tickets else borne


def _judged(db: Connection, ticket: Identity, bases: Mapping[int, str]) -> Iterator[_How]:
    """How each final verdict on a ticket was judged."""
    connection, number = ticket
    frozen = select(VERDICTS.c.judged_at, VERDICTS.c.rules, VERDICTS.c.basis).where(
        VERDICTS.c.connection == connection,
        VERDICTS.c.ticket == number,
        VERDICTS.c.judged_at.is_not(None),
    )
    for at, rules, basis in db.execute(frozen.distinct()):
        yield Instant(at), bases[rules], bases[basis]
    lines = select(AUDIT.c.at, AUDIT.c.change).where(
        AUDIT.c.connection == connection,
        AUDIT.c.ticket == number,
        AUDIT.c.kind == VERDICT,
        AUDIT.c.salt.is_not(None),
    )
    for at, change in db.execute(lines):
        told = msgspec.json.decode(change, type=Judgement)
        yield Instant(at), told.rules, told.basis


def _hashes(db: Connection, ticket: Identity, how: _How) -> tuple[bytes, ...]:
    """The hashes that a verdict judged so may bear."""
    connection, number = ticket
    at, rules, basis = how
    known = as_known(db, Ref(connection, "", number), at)
    versions = () if known is None else versions_at(known, at)
    return tuple(inputs_hash(one, at, rules, basis) for one in versions)
