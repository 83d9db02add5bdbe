"""A row with its history and its journal as a ticket. Pure: all that it needs has been fetched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.servicenow.columns import Columns
from connectors.servicenow.gathering import Told
from connectors.servicenow.history import Change, Update, updates, walk_back
from connectors.servicenow.journals import VISIBLE
from connectors.servicenow.names import REFERENCES, Names
from connectors.servicenow.settings import ServiceNowSettings
from connectors.servicenow.stamps import read_stamp
from connectors.servicenow.tables import Rows
from sla_engine.model import Actor, ActorKind, At, Event, FieldValue, Journal, Ref, Ticket, Value
from sla_engine.units import Instant

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
    ) -> None:
        self._connection, self._user = connection, user.lower()
        self._settings, self._columns, self._names = settings, columns, names

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
            journal=Journal(self._events(history, told.entries.get(one, []), caller)),
            updated_at=read_stamp(row["sys_updated_on"]),
            written=self._written(row),
            marks=frozenset(told.marks.get(one, ())),
            incomplete=self._incomplete(row, holes) or told.hidden.get(one, ""),
        )

    def _incomplete(self, row: Row, holes: Sequence[str]) -> str:
        for name, column in self._columns.canonical.items():
            if column in holes and column in self._columns.audited:
                return f"history does not explain {name}"
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
        if name == "status" and column == "state":
            return self._names.state(stored)
        return self._names.of(column, stored) if column in REFERENCES else stored

    def _fields(self, row: Row, initial: Row) -> dict[str, Value]:
        """The canonical fields at the creation."""
        kind = row.get("sys_class_name") or self._settings.table
        fields: dict[str, Value] = {"system": "servicenow", "table": kind, "type": kind}
        for name, column in self._columns.canonical.items():
            fields[name] = self._value(name, column, initial.get(column, ""))
        if self._derives_category:
            fields["status_category"] = self._settings.category(initial.get("state", ""))
        return fields

    @property
    def _derives_category(self) -> bool:
        canonical = self._columns.canonical
        return canonical.get("status") == "state" and "status_category" not in canonical

    def _events(self, history: Sequence[Update], entries: Rows, caller: str) -> Iterator[Event]:
        """Comments and changes in one order; of one second, comments come first."""
        spoken = sorted(entries, key=lambda row: (row["sys_created_on"], row["sys_id"]))
        steps: list[tuple[Instant, int, Row | Update]]
        steps = [(read_stamp(row["sys_created_on"]), 0, row) for row in spoken]
        steps += [(update.at, 1, update) for update in history]
        steps.sort(key=lambda step: step[:2])
        for sequence, (_, _, step) in enumerate(steps, 1):
            if isinstance(step, Update):
                yield from self._changes(step, sequence, caller)
            else:
                yield self._comment(step, sequence, caller)

    def _comment(self, row: Row, sequence: int, caller: str) -> Event:
        at, who = read_stamp(row["sys_created_on"]), self._actor(row["sys_created_by"], caller)
        visible = VISIBLE[row["element"]]
        return Event(at, sequence, "comment", None, visible, who, f"comment {row['sys_id']}")

    def _changes(self, update: Update, sequence: int, caller: str) -> Iterator[Event]:
        """An event for each canonical field; a new status may bring a new status category."""
        who = self._actor(update.user, caller)
        for name, change in self._fields_of(update):
            old, new = (self._value(name, change.column, end) for end in (change.old, change.new))
            if old != new:
                yield Event(update.at, sequence, name, old, new, who, update.source_id)
            if name == "status" and self._derives_category:
                old, new = map(self._settings.category, (change.old, change.new))
                if old != new:
                    name = "status_category"
                    yield Event(update.at, sequence, name, old, new, who, update.source_id)

    def _fields_of(self, update: Update) -> Iterator[tuple[str, Change]]:
        for change in update.changes:
            for name, column in self._columns.canonical.items():
                if column == change.column and column in self._columns.audited:
                    yield name, change

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
