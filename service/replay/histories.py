"""Where a replay takes tickets from: what the service keeps, or a log file; a share at a time."""

from __future__ import annotations

import zlib
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from connectors.base import Batch, Connection
from connectors.event_log import connect
from service.setup.settings import ConnectionSettings
from sla_engine.model import Ticket

if TYPE_CHECKING:
    from connectors.event_log import EventLog
    from sla_engine.comparison import Trial
    from sla_engine.terms import Policies


class Read(msgspec.Struct, frozen=True):
    """Some tickets, each as the one and as the other policies read it; (key, why) of those that
    cannot be read; `of` so many in all, 0 where that is not known."""

    tickets: Sequence[tuple[Ticket, Ticket]]
    unreadable: Sequence[tuple[str, str]] = ()
    of: int = 0


class Share(msgspec.Struct, frozen=True):
    """The tickets, by id, that fall to one of several processes: the same in every run."""

    number: int = 0
    of: int = 1

    def __contains__(self, ticket: object) -> bool:
        return self.of == 1 or zlib.crc32(str(ticket).encode()) % self.of == self.number


class Kept(msgspec.Struct, frozen=True):
    """One connection's tickets in the store, as the last pass left them."""

    name: str
    state: str

    def read(self, _: Trial, share: Container[str]) -> Iterator[Read]:
        """Some hundreds at a time."""
        from service.state import keeping  # the store is slow to load, and logs have none
        from service.state.store import open_store

        with open_store(self.state, writer=False) as store, store.read() as db:
            ids = [one for one in keeping.ids(db, self.name) if one in share]
            for start in range(0, len(ids), keeping.CHUNK):
                tickets, unfit = keeping.load(db, self.name, ids[start : start + keeping.CHUNK])
                bad = [(ref.key, why) for ref, why in unfit]
                yield Read([(one, one) for one in tickets], bad, len(ids))


class Log(msgspec.Struct, frozen=True):
    """An event log: the file is all there is to keep, so it is read anew."""

    settings: ConnectionSettings

    @property
    def name(self) -> str:
        return self.settings.name

    def read(self, trial: Trial, share: Container[str]) -> Iterator[Read]:
        """Once for both policies, unless they find their fields in different columns."""
        only = None if share == Share() else share
        before = self._log(trial.before).whole(only)
        if not fields_elsewhere(trial.before, trial.after, ["event_log"]):
            for batch in before:
                yield Read([(one, one) for one in batch.tickets], _keys(batch))
            return
        after = self._log(trial.after).whole(only)
        for old, new in zip(before, after, strict=True):
            yield Read(list(zip(old.tickets, new.tickets, strict=True)), _keys(old))

    def _log(self, policies: Policies) -> EventLog:
        one = self.settings
        return connect(
            Connection(one.name, one.system, one.options, lambda _: None, policies.fields)
        )


def _keys(batch: Batch) -> list[tuple[str, str]]:
    return [(ref.key, why) for ref, why in batch.unreadable]


History = Kept | Log


def fields_elsewhere(before: Policies, after: Policies, systems: Iterable[str]) -> list[str]:
    """The fields that one of the two does not read from where the other does in these systems."""
    found: set[str] = set()
    for system in systems:
        old, new = _places(before, system), _places(after, system)
        found |= {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    return sorted(found)


def _places(policies: Policies, system: str) -> dict[str, tuple[str | None, bool]]:
    """Where each field is read, and whether with its history."""
    return {
        name: (field.sources.get(system), field.history) for name, field in policies.fields.items()
    }
