"""Bars: fields of ours that too many tickets of a project refuse are not written to the others.

Nothing of it is kept: it is read off from the tickets that fail. They are tried as ever, and as
soon as one of them takes the field, all others get it.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from service.state.schema import AUDIT, QUARANTINE
from sla_engine.changes import SetFields
from sla_engine.model import Ref

if TYPE_CHECKING:
    from sqlalchemy import Connection

TICKETS = 5
"""So many tickets of a project refuse a field, and none takes it: then it is barred."""

_LATEST = 50
"""Writes that are looked at, for one that took the field."""

_FAILING = select(QUARANTINE).where(
    QUARANTINE.c.connection == bindparam("of"), QUARANTINE.c.fields != "[]"
)

Place = tuple[str, str]
"""(project, field): what has its screens in common, be it a table."""


class Bars:
    """Those of one connection."""

    def __init__(self) -> None:
        self._refusing: dict[Place, set[str]] = {}
        self._taken: set[Place] = set()

    def refuse(self, ref: Ref, field: str) -> None:
        """A ticket refuses a field."""
        self._refusing.setdefault((_project(ref.key), field), set()).add(ref.id)

    def take(self, ref: Ref, field: str) -> None:
        """A ticket takes a field: what others refused was the value."""
        self._taken.add((_project(ref.key), field))

    def against(self, ref: Ref, field: str) -> str:
        """Why a field is not written to a ticket; "" where it is."""
        place = _project(ref.key), field
        if place not in self.places or ref.id in self._refusing[place]:
            return ""
        return _words(place)

    @property
    def places(self) -> list[Place]:
        """What is barred."""
        many = [place for place, tickets in self._refusing.items() if len(tickets) >= TICKETS]
        return sorted(place for place in many if place not in self._taken)

    @property
    def words(self) -> list[str]:
        """The same for people."""
        return [_words(place) for place in self.places]


def _words(place: Place) -> str:
    project, field = place
    others = f"and is not written to the others of {project}"
    return f'"{field}" is refused by {TICKETS} tickets or more, {others}'


def _project(key: str) -> str:
    return key.partition("-")[0].rstrip("0123456789")


def bars(db: Connection, connection: str, but: Collection[str] = ()) -> Bars:
    """What is barred now; `but` are tickets that do not count as having taken anything."""
    made, since = Bars(), dict[Place, int]()
    for row in db.execute(_FAILING, {"of": connection}):
        for field in json.loads(row.fields):
            made.refuse(Ref(connection, row.key, row.id), field)
            place = _project(row.key), field
            since[place] = min(row.since, since.get(place, row.since))
    for place in made.places:
        for ref in _took(db, connection, place, since[place]):
            if ref.id not in but:
                made.take(ref, place[1])
    return made


def _took(db: Connection, connection: str, place: Place, since: int) -> list[Ref]:
    """Tickets to which a field was written since then."""
    project, field = place
    rows = select(AUDIT.c.key, AUDIT.c.ticket).where(
        AUDIT.c.connection == connection,
        AUDIT.c.at >= since,
        AUDIT.c.kind == SetFields.__name__,
        AUDIT.c.outcome == "confirmed",
        AUDIT.c.key.startswith(project, autoescape=True),
        AUDIT.c.change.contains(json.dumps(field, ensure_ascii=False), autoescape=True),
    )
    found = db.execute(rows.order_by(AUDIT.c.number.desc()).limit(_LATEST))
    return [Ref(connection, row.key, row.ticket) for row in found if _project(row.key) == project]
