"""The words of each system, kept as they were read last, so that checks can do without asking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from service.state.dialects import upsert
from service.state.schema import VOCABULARIES
from sla_engine.vocabulary import Known, renewed

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.setup.sources import Source
    from sla_engine.units import Instant

_decode = msgspec.msgpack.Decoder(Known).decode


def ask(source: Source, now: Instant) -> Known:
    """A system's words as they are now; ConnectorError where it does not answer."""
    return Known(source.name, source.system, now, source.connect().vocabulary())


def kept(db: Connection, names: Sequence[str]) -> list[Known]:
    """What is known of these connections, where anything is."""
    rows = select(VOCABULARIES.c.known).where(VOCABULARIES.c.connection.in_(names))
    return [
        _decode(known) for known in db.execute(rows.order_by(VOCABULARIES.c.connection)).scalars()
    ]


def keep(db: Connection, fresh: Known) -> Known:
    """Hold the newest, with the renames since the one before."""
    before = next(iter(kept(db, [fresh.connection])), None)
    known = renewed(before, fresh)
    row = {"connection": known.connection, "known": msgspec.msgpack.encode(known)}
    upsert(db, VOCABULARIES, [row])
    return known
