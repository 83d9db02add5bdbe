"""Whether the instance writes down what verdicts rest on: a table, or a column, may be unaudited.

Then its changes leave no rows, and a history that looks whole would say that nothing ever happened.
"""

from __future__ import annotations

from connectors.base import ForbiddenError
from connectors.envelope import StatusError
from connectors.servicenow.columns import ALWAYS_THERE, Columns
from connectors.servicenow.queries import joined, one_of
from connectors.servicenow.tables import Tables

_FIELDS = ("sys_id", "name", "element", "audit", "attributes")
_MOST = 100


class Audited:
    """By sys_dictionary, read once, where our account may read it; else nothing is held against the
    instance. The table, and the columns of status and priority, are what matters."""

    def __init__(self, tables: Tables, table: str, columns: Columns) -> None:
        self._tables, self._table = tables, table
        wanted = (columns.canonical[name] for name in ALWAYS_THERE)
        self._columns = [column for column in wanted if column in columns.audited]
        self._lacking: str | None = None

    def lacking(self) -> str:
        """What is not audited, in words; "" where all is, as far as we are told."""
        if self._lacking is None:
            self._lacking = self._look()
        return self._lacking

    def _look(self) -> str:
        names = dict.fromkeys((self._table, "task"))
        columns = joined(one_of("element", self._columns), "ORelementISEMPTY")
        query = joined(one_of("name", names), columns)
        try:
            rows = self._tables.get("sys_dictionary", query, _FIELDS, _MOST).rows
        except (ForbiddenError, StatusError):
            return ""
        for row in rows:
            name, element = row.get("name"), row.get("element")
            if name == self._table and not element and row.get("audit") == "false":
                return f"{self._table} is not audited"
            said = row.get("attributes", "").split(",")
            if (
                name in names
                and element in self._columns
                and {"no_audit", "no_audit=true"} & {*said}
            ):
                return f"{element} is not audited"
        return ""
