"""What the store has seen of the systems, for lints: every kept ticket, looked at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from service import keeping
from service.store import StoreError, open_store
from sla_engine.lints.seen import Seen, see

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.settings import Settings
    from sla_engine.model import Ticket
    from sla_engine.resolving.files import Reading
    from sla_engine.units import Instant


def seen(settings: Settings, reading: Reading, now: Instant) -> Seen | str:
    """All tickets that are kept, summed up; or why there are none to look at."""
    if "://" not in settings.state and not Path(settings.state).exists():
        return "no ticket is kept yet; run: sla run --once"
    try:
        with open_store(settings.state, writer=False) as store, store.read() as db:
            summed = see(reading, _tickets(db, settings), now)
    except StoreError as error:
        return str(error)
    return summed if summed.tickets else "no ticket is kept yet; run: sla run --once"


def _tickets(db: Connection, settings: Settings) -> Iterator[Ticket]:
    for one in settings.connections:
        ids = keeping.ids(db, one.name)
        for start in range(0, len(ids), keeping.CHUNK):
            yield from keeping.load(db, one.name, ids[start : start + keeping.CHUNK])[0]
