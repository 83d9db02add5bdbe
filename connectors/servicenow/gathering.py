"""Everything that belongs to some rows, fetched in bulk: audit rows, journal entries, names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from connectors.base import ForbiddenError
from connectors.servicenow.bulk import Ask, Found, of_ids
from connectors.servicenow.columns import Columns
from connectors.servicenow.errors import no_history
from connectors.servicenow.history import AUDIT_FIELDS
from connectors.servicenow.journals import Journals
from connectors.servicenow.names import REFERENCES, Names
from connectors.servicenow.pages import Rows
from connectors.servicenow.queries import joined, one_of
from connectors.servicenow.tables import Tables

Row = Mapping[str, str]


class Told(msgspec.Struct):
    """What the instance says besides the rows themselves, by the sys_id of each."""

    audit: dict[str, Rows] = msgspec.field(default_factory=dict)
    entries: dict[str, Rows] = msgspec.field(default_factory=dict)
    marks: dict[str, set[str]] = msgspec.field(default_factory=dict)
    hidden: dict[str, str] = msgspec.field(default_factory=dict)


class Gatherer:
    """Asks for what belongs to rows: two requests for each 200 of them, and what names need."""

    def __init__(
        self, tables: Tables, columns: Columns, names: Names, journals: Journals, user: str
    ) -> None:
        self._tables, self._columns = tables, columns
        self._names, self._journals, self._user = names, journals, user

    def gather(self, rows: Sequence[Row]) -> Told:
        """All that is to be known of these rows; ForbiddenError where histories are closed."""
        told = Told()
        audit = self._audit([row for row in rows if row.get("sys_mod_count") != "0"])
        told.audit = _by(audit.rows, "documentkey")
        entries, hidden = self._journals.entries([row["sys_id"] for row in rows])
        told.entries = _by(entries, "element_id")
        told.marks = self._journals.marks(entries)
        for kind, found in (("journal entries", hidden), ("audit rows", audit.hidden)):
            told.hidden |= {one: f"{count} {kind} are hidden" for one, count in found.items()}
        self._learn(rows, told)
        return told

    def _audit(self, rows: Sequence[Row]) -> Found:
        """The audit rows of what was ever updated; a creation leaves none."""
        classes = sorted({row.get("sys_class_name", "") for row in rows} - {""})
        query = joined(
            one_of("tablename", classes), one_of("fieldname", sorted(self._columns.audited))
        )
        ask = Ask("sys_audit", "documentkey", AUDIT_FIELDS, query)
        try:
            found = of_ids(self._tables, ask, [row["sys_id"] for row in rows])
        except ForbiddenError as error:
            raise no_history("sys_audit", self._user, error) from None
        if found.hidden and not found.rows:
            raise no_history("sys_audit", self._user)
        return found

    def _learn(self, rows: Sequence[Row], told: Told) -> None:
        """Look up all names at once: of teams, of people, of whoever did something."""
        columns = [one for one in self._columns.canonical.values() if one in REFERENCES]
        references = {(column, row.get(column, "")) for row in rows for column in columns}
        actors = {row.get("sys_created_by", "") for row in rows}
        for row in (row for of_one in told.audit.values() for row in of_one):
            actors.add(row.get("user", ""))
            column = row.get("fieldname", "")  # a row without it is refused with its ticket
            references |= {(column, row.get(end, "")) for end in ("oldvalue", "newvalue")}
        for row in (row for of_one in told.entries.values() for row in of_one):
            actors.add(row.get("sys_created_by", ""))
        self._names.learn(references)
        self._names.learn_people(actors)


def _by(rows: Iterable[dict[str, str]], column: str) -> dict[str, Rows]:
    groups: dict[str, Rows] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return groups
