"""What is known of the systems, for lints: kept tickets looked at once, and the systems' words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from connectors.base import ConnectorError
from service.state import keeping, vocabularies
from service.state.bugs import as_error
from service.state.store import StoreError, open_store
from sla_engine.lints.seen import Seen, see
from sla_engine.vocabulary import Known

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.setup.settings import Settings
    from service.setup.sources import Source
    from sla_engine.model import Ticket
    from sla_engine.resolving.files import Reading
    from sla_engine.units import Instant

NOTHING_KEPT = "no ticket is kept yet; run: sla run --once"


class Looked(msgspec.Struct, frozen=True):
    """What there is to look at; `why` says why `seen` is None, `unkept` why what was read could not
    be kept, `errors` who did not answer."""

    seen: Seen | None
    known: Sequence[Known]
    why: str = ""
    unkept: str = ""
    errors: Sequence[ConnectorError] = ()


def look(
    settings: Settings, reading: Reading, now: Instant, asking: Sequence[Source] = ()
) -> Looked:
    """All kept tickets summed up, and the words of every connection: of those `asking` as they are
    now, which are then kept (unless another process writes to the store), of others as kept."""
    fresh, errors = _ask(asking, now)
    fresh, unkept = _keep(settings, fresh) if fresh else (fresh, "")
    if not fresh and "://" not in settings.state and not Path(settings.state).exists():
        return Looked(None, (), NOTHING_KEPT, errors=errors)
    names = [one.name for one in settings.connections]
    try:
        with open_store(settings.state, writer=False) as store, store.read() as db:
            known = {one.connection: one for one in (*vocabularies.kept(db, names), *fresh)}
            seen = see(reading, _tickets(db, names), now, _blind(db, settings))
    except StoreError as error:
        return Looked(None, fresh, str(error), unkept, errors)
    some = seen if seen.tickets else None
    return Looked(some, tuple(known.values()), "" if some else NOTHING_KEPT, unkept, errors)


def _ask(sources: Sequence[Source], now: Instant) -> tuple[list[Known], list[ConnectorError]]:
    fresh: list[Known] = []
    errors: list[ConnectorError] = []
    for source in sources:
        try:
            fresh.append(vocabularies.ask(source, now))
        except Exception as anything:  # one connection never stops the others
            errors.append(as_error(anything))
    return fresh, errors


def _keep(settings: Settings, fresh: list[Known]) -> tuple[list[Known], str]:
    """The same with the renames since they were read before, kept where that is possible; else why
    it is not."""
    try:
        with open_store(settings.state, writer=True) as store, store.write() as db:
            return [vocabularies.keep(db, one) for one in fresh], ""
    except StoreError as error:
        return fresh, str(error)


def _blind(db: Connection, settings: Settings) -> frozenset[str]:
    """The systems of connections that nothing is kept of."""
    return frozenset(
        one.system
        for one in settings.connections
        if not keeping.count(db, one.name, open_only=False)
    )


def _tickets(db: Connection, names: Sequence[str]) -> Iterator[Ticket]:
    for name in names:
        ids = keeping.ids(db, name)
        for start in range(0, len(ids), keeping.CHUNK):
            yield from keeping.load(db, name, ids[start : start + keeping.CHUNK])[0]
