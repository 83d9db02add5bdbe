"""Whether the service does its work: how old each connection's data are, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from service.state.standing import standing
from service.state.store import StoreError, open_store
from sla_engine.units import MINUTE, Instant, Millis

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.setup.settings import Settings

OLD = Millis(10 * MINUTE)
REFUSED = ("SLA401", "SLA403")
"""Codes of a connection that is closed to us until somebody does something."""

Level = Literal["ok", "warning", "critical"]


class Freshness(msgspec.Struct, frozen=True):
    """One connection: `pulled_at` is its last complete pull, `error` why the last try was none."""

    name: str
    pulled_at: Instant | None
    error_code: str = ""
    error: str = ""

    def age(self, now: Instant) -> Millis | None:
        """How old its data are; None where there never were any."""
        return None if self.pulled_at is None else Millis(max(0, now - self.pulled_at))

    def level(self, now: Instant, limit: Millis) -> Level:
        """Critical where the data are older than `limit`, a warning where the last try failed."""
        age = self.age(now)
        if age is None or age > limit:
            return "critical"
        return "warning" if self.error_code else "ok"


class Health(msgspec.Struct, frozen=True):
    """All connections at one instant; `store` is why nothing can be said of them."""

    now: Instant
    limit: Millis
    connections: tuple[Freshness, ...] = ()
    store: str = ""

    @property
    def level(self) -> Level:
        """The worst of all."""
        levels = {one.level(self.now, self.limit) for one in self.connections}
        if self.store or "critical" in levels:
            return "critical"
        return "warning" if "warning" in levels else "ok"

    @property
    def locked_out(self) -> bool:
        """Whether not one connection lets us in."""
        refused = [one.error_code in REFUSED for one in self.connections]
        return bool(refused) and all(refused)


def usual_limit(settings: Settings) -> Millis:
    """How old data may be where nobody says otherwise: ten minutes, or three heartbeats."""
    return Millis(max(OLD, 3 * settings.pull))


def freshness(db: Connection, names: Sequence[str]) -> tuple[Freshness, ...]:
    """How each of these connections stands."""
    found = (standing(db, name) for name in names)
    return tuple(Freshness(s.name, s.pulled_at, s.error_code, s.error) for s in found)


def health(settings: Settings, now: Instant, limit: Millis | None = None) -> Health:
    """By what the passes left in the store; reads only, beside a process that writes."""
    most = usual_limit(settings) if limit is None else limit
    names = [one.name for one in settings.connections]
    try:
        with open_store(settings.state, writer=False) as store, store.read() as db:
            return Health(now, most, freshness(db, names))
    except StoreError as error:
        return Health(now, most, store=str(error))
