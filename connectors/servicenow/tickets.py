"""A row with its history and its journal as a ticket. Pure: all that it needs has been fetched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from connectors.servicenow.audited import Audited
from connectors.servicenow.choices import Choices
from connectors.servicenow.columns import Columns
from connectors.servicenow.gathering import Told
from connectors.servicenow.history import Change, updates, walk_back
from connectors.servicenow.names import REFERENCES, Names
from connectors.servicenow.settings import ServiceNowSettings
from connectors.servicenow.stamps import read_stamp
from connectors.servicenow.steps import Step, steps
from sla_engine.model import (
    Actor,
    ActorKind,
    At,
    Event,
    FieldValue,
    Gap,
    Journal,
    Ref,
    Ticket,
    Value,
)

MACHINES = frozenset({"system", "guest"})
INSTANTS = frozenset({"due", "breached_at"})
LISTS = frozenset({"labels", "components"})

Row = Mapping[str, str]


class Maker:
    """Makes tickets of one connection.

    Of people ServiceNow tells us too little to know staff for sure: its roles are closed to other
    accounts. So the caller is the customer, `system` and `guest` are bots, we are ourselves, and
    everybody else counts as staff; the policies' `actors:` may say better.
    """

    def __init__(
        self,
        connection: str,
        user: str,
        settings: ServiceNowSettings,
        columns: Columns,
        names: Names,
        choices: Choices,
        audited: Audited,
    ) -> None:
        self._connection, self._user = connection, user.lower()
        self._settings, self._columns = settings, columns
        self._names, self._choices = names, choices
        self._audited = audited

    def ticket(self, row: Row, told: Told) -> Ticket:
        """One ticket; ValueError where its row or history cannot be read."""
        one = row["sys_id"]
        history = updates(told.audit.get(one, ()), row)
        initial, holes = walk_back(row, history, self._columns.canonical.values())
        caller = self._names.of("caller_id", row.get("caller_id", ""))
        return Ticket(
            ref=Ref(self._connection, row.get("number") or one, one),
            system="servicenow",
            url=f"{self._settings.url}/{self._settings.table}.do?sys_id={one}",
            title=row.get("short_description", ""),
            created_at=read_stamp(row.get(self._columns.created) or row["sys_created_on"]),
            created_by=self._actor(row.get("sys_created_by", ""), caller),
            initial=self._fields(row, initial),
            journal=Journal(self._events(steps(history, told.entries.get(one, ())), caller)),
            updated_at=read_stamp(row["sys_updated_on"]),
            written=self._written(row),
            marks=frozenset(told.marks.get(one, ())),
            incomplete=self._incomplete(row) or told.hidden.get(one, ""),
            gaps=tuple(Gap(*change) for change in self._changes(holes) if change[1] != change[2]),
        )

    def _incomplete(self, row: Row) -> str:
        if row.get("sys_mod_count") != "0" and (unaudited := self._audited.lacking()):
            return f"{unaudited}, so nobody can tell what happened"
        for column in self._columns.canonical.values():
            if column in self._columns.required and column not in row:
                return f"{column} may not be read"
        return ""

    def _actor(self, user_name: str, caller: str) -> Actor:
        kind: ActorKind = "staff"
        if not user_name:
            kind = "unknown"
        elif user_name.lower() == self._user:
            kind = "self"
        elif user_name.lower() in MACHINES:
            kind = "bot"
        elif user_name == caller:
            kind = "customer"
        return Actor(user_name, self._names.person(user_name), kind)

    def _value(self, name: str, column: str, stored: str) -> Value:
        if not stored:
            return None
        if name in LISTS:
            return tuple(part.strip() for part in stored.split(",") if part.strip()) or None
        if column in REFERENCES:
            return self._names.of(column, stored)
        if stored in self._columns.codes.get(name, ()):
            return stored
        return self._choices.label(column, stored)

    def _fields(self, row: Row, initial: Row) -> dict[str, Value]:
        """The canonical fields at the creation."""
        kind = row.get("sys_class_name") or self._settings.table
        fields: dict[str, Value] = {"system": "servicenow", "table": kind, "type": kind}
        for name, column in self._columns.canonical.items():
            fields[name] = self._value(name, column, initial.get(column, ""))
        if self._columns.derives_category:
            fields["status_category"] = self._settings.category(initial.get("state", ""))
        return fields

    def _events(self, happened: Sequence[Step], caller: str) -> Iterator[Event]:
        for sequence, step in enumerate(happened, 1):
            who = self._actor(step.user, caller)
            for visible in step.spoken:
                yield Event(step.at, sequence, "comment", None, visible, who, step.source_id)
            for name, old, new in self._changes(step.changes):
                if old != new:
                    yield Event(step.at, sequence, name, old, new, who, step.source_id)

    def _changes(self, changes: Iterable[Change]) -> Iterator[tuple[str, Value, Value]]:
        """Each canonical field that changed; a new status may bring a new status category."""
        for column, old, new in changes:
            if column not in self._columns.audited:
                continue
            for name, source in self._columns.canonical.items():
                if source == column:
                    yield name, self._value(name, column, old), self._value(name, column, new)
            if column == "state" and self._columns.derives_category:
                category = self._settings.category
                yield "status_category", category(old), category(new)

    def _written(self, row: Row) -> dict[str, FieldValue]:
        """Our own columns as they stand; what does not exist there is not told."""
        kinds = self._columns.published
        return {name: _held(kind, row[name]) for name, kind in kinds.items() if name in row}


def _held(kind: str, stored: str) -> FieldValue:
    if not stored:
        return None
    if kind in INSTANTS:
        return At(read_stamp(stored))
    return tuple(stored.split(",")) if kind == "missed" else stored
