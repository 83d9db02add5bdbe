"""How each connection stands: since when it writes, how old its data are, what went wrong last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, select, update

from service.state.dialects import upsert
from service.state.schema import CONNECTIONS
from sla_engine.units import Instant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from connectors.base import ConnectorError


_OF = CONNECTIONS.c.name == bindparam("of")
_ONE = select(CONNECTIONS).where(_OF)
_PULLED_AT = select(CONNECTIONS.c.pulled_at).where(_OF)
_TIDIED_AT = select(CONNECTIONS.c.tidied_at).where(_OF)
_RESTORED_AT = select(CONNECTIONS.c.restored_at).where(_OF)
_RESUMED_AT = select(CONNECTIONS.c.resumed_at).where(_OF)
_ARM = (
    update(CONNECTIONS)
    .where(_OF, CONNECTIONS.c.armed_at.is_(None))
    .values(armed_at=bindparam("at"))
)
_PULLED = (
    update(CONNECTIONS)
    .where(_OF)
    .values(pulled_at=bindparam("at"), error_code="", error="", restored_at=None)
)
_FAILED = (
    update(CONNECTIONS).where(_OF).values(error_code=bindparam("code"), error=bindparam("what"))
)


class Standing(msgspec.Struct, frozen=True):
    """One connection as the last pass left it. Since `restored_at` its data are of a backup, until
    a pull is complete; what went wrong before `resumed_at` counts no more. At `counted_at` all its
    tickets were `counted`, see census; at `tidied_at` the last was let go that was too old."""

    name: str
    system: str = ""
    mode: str = "observe"
    policies: str = ""
    armed_at: Instant | None = None
    tried_at: Instant | None = None
    pulled_at: Instant | None = None
    error_code: str = ""
    error: str = ""
    ahead: int = 0
    restored_at: Instant | None = None
    resumed_at: Instant | None = None
    withheld: str = ""
    counted_at: Instant | None = None
    counted: int = 0
    tidied_at: Instant | None = None
    tzdata: str = ""


def standing(db: Connection, name: str) -> Standing:
    """How it stands; a blank one where it was never tried."""
    row = db.execute(_ONE, {"of": name}).mappings().first()
    return Standing(**row) if row else Standing(name)


def pulled_at(db: Connection, name: str) -> Instant | None:
    """Until when everything is kept; None where it was never pulled to its end."""
    at = db.execute(_PULLED_AT, {"of": name}).scalar()
    return None if at is None else Instant(at)


def tidied_at(db: Connection, name: str) -> Instant | None:
    """When nothing was left of it that was too old; None where that never was."""
    at = db.execute(_TIDIED_AT, {"of": name}).scalar()
    return None if at is None else Instant(at)


def restored_at(db: Connection, name: str) -> Instant | None:
    """Since when its data are of a backup; None where they are not."""
    at = db.execute(_RESTORED_AT, {"of": name}).scalar()
    return None if at is None else Instant(at)


def resumed_at(db: Connection, name: str) -> Instant | None:
    """Since when what went wrong counts; None where all of it does."""
    at = db.execute(_RESUMED_AT, {"of": name}).scalar()
    return None if at is None else Instant(at)


def stand(db: Connection, now: Standing) -> None:
    """Replace what was known."""
    upsert(db, CONNECTIONS, [msgspec.structs.asdict(now)])


def hold(db: Connection, names: Iterable[str], at: Instant) -> None:
    """The store is behind the tickets: nothing is written to these connections, and those in it,
    until each was pulled anew, and nothing is said of what was reached before."""
    held = {row.name for row in db.execute(select(CONNECTIONS.c.name))}
    for name in {*held, *names}:
        before = standing(db, name)
        stand(db, msgspec.structs.replace(before, restored_at=at, armed_at=None))


def arm(db: Connection, name: str, at: Instant) -> None:
    """From now on it is written to: what was reached before `at` says nothing. Once for all."""
    db.execute(_ARM, {"of": name, "at": at})


def went_back(db: Connection, name: str, at: Instant) -> None:
    """The tickets of this connection are behind the store: the same, for it alone."""
    stand(db, msgspec.structs.replace(standing(db, name), restored_at=at, armed_at=None))


def resume(db: Connection, at: Instant) -> None:
    """People say that all is well again: what went wrong before counts no more."""
    db.execute(update(CONNECTIONS).values(resumed_at=at))


def pulled(db: Connection, name: str, at: Instant) -> None:
    """Everything that changed until `at` is kept."""
    db.execute(_PULLED, {"of": name, "at": at})


def counted(db: Connection, name: str, at: Instant, tickets: int) -> None:
    """So many tickets there are, by a count that came to its end."""
    this = update(CONNECTIONS).where(CONNECTIONS.c.name == name)
    db.execute(this.values(counted_at=at, counted=tickets))


def tidied(db: Connection, name: str, at: Instant) -> None:
    """Nothing is left of it that is too old."""
    db.execute(update(CONNECTIONS).where(CONNECTIONS.c.name == name).values(tidied_at=at))


def failed(db: Connection, name: str, error: ConnectorError) -> None:
    """The last try ended so; what was kept before stays."""
    db.execute(_FAILED, {"of": name, "code": error.code, "what": error.what})
