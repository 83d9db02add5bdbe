"""Names for sys_ids: teams and people by what policies and screens call them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from connectors.base import ForbiddenError
from connectors.envelope import StatusError
from connectors.servicenow.bulk import Ask, of_ids
from connectors.servicenow.queries import is_plain
from connectors.servicenow.tables import Tables

REFERENCES: Mapping[str, str] = {
    "assignment_group": "sys_user_group",
    "assigned_to": "sys_user",
    "caller_id": "sys_user",
    "opened_by": "sys_user",
    "resolved_by": "sys_user",
    "closed_by": "sys_user",
    "requested_for": "sys_user",
    "company": "core_company",
    "location": "cmn_location",
    "cmdb_ci": "cmdb_ci",
    "business_service": "cmdb_ci_service",
    "problem_id": "problem",
}
"""Column -> the table it refers to, on every instance. Of other reference columns the sys_id
stands, unless the policies dot-walk (`u_site.name`)."""

_CALLED: Mapping[str, str] = {"sys_user": "user_name", "problem": "number"}
_LONGEST = 100
"""Characters of a user name (the column has 40): one absurd name must not spoil the look-up."""
_SYS_ID = re.compile(r"[0-9a-f]{32}")


class Names:
    """Look-ups, each made once. What cannot be looked up keeps its sys_id."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._called: dict[tuple[str, str], str] = {}
        self._people: dict[str, str] = {}

    def of(self, column: str, value: str) -> str:
        """What the policies call the record that a column's value refers to."""
        return self._called.get((REFERENCES.get(column, ""), value), value)

    def person(self, user_name: str) -> str:
        """A person's full name, their user name where it is not known."""
        return self._people.get(user_name) or user_name

    def learn(self, references: Iterable[tuple[str, str]]) -> None:
        """Look up the (column, value) pairs not known yet: one request a table, or a few."""
        wanted: dict[str, set[str]] = {}
        for column, value in references:
            table = REFERENCES.get(column, "")
            if table and _SYS_ID.fullmatch(value) and (table, value) not in self._called:
                wanted.setdefault(table, set()).add(value)
        for table, ids in sorted(wanted.items()):
            self._look_up(table, "sys_id", ids)

    def learn_people(self, user_names: Iterable[str]) -> None:
        """Look up the full names of people of whom only the user name is known."""
        wanted = {
            name
            for name in user_names
            if is_plain(name) and len(name) <= _LONGEST and name not in self._people
        }
        if wanted:
            self._people |= dict.fromkeys(wanted, "")
            self._look_up("sys_user", "user_name", wanted)

    def _look_up(self, table: str, column: str, values: set[str]) -> None:
        called = _CALLED.get(table, "name")
        self._called |= {(table, value): value for value in values if column == "sys_id"}
        ask = Ask(table, column, tuple(dict.fromkeys(("sys_id", called, "name"))))
        try:
            rows = of_ids(self._tables, ask, sorted(values)).rows
        except (ForbiddenError, StatusError):
            return
        for row in rows:
            if row.get(called):
                self._called[table, row.get("sys_id", "")] = row[called]
            if table == "sys_user":
                self._people[row.get("user_name", "")] = row.get("name", "")
