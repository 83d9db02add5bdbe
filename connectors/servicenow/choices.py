"""The labels of choice columns: people, and so policies, know `On Hold` and not `3`."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.base import ForbiddenError
from connectors.envelope import StatusError
from connectors.servicenow.queries import joined, one_of
from connectors.servicenow.tables import Tables

_FIELDS = ("name", "element", "value", "label", "language")
_MOST = 10_000


class Choices:
    """Read once, when the first label is wanted; English where there are several languages."""

    def __init__(self, tables: Tables, table: str, columns: Sequence[str]) -> None:
        self._tables, self._table = tables, table
        self._columns = frozenset(columns)
        self._labels: dict[tuple[str, str], str] | None = None

    def label(self, column: str, code: str) -> str:
        """The label of a code; the code itself where the instance tells none."""
        return self._known().get((column, code), code) if column in self._columns else code

    def code(self, column: str, said: Sequence[str]) -> str:
        """The code that one of these texts is, or is the label of; "" where none is either."""
        known = {code: label for (named, code), label in self._known().items() if named == column}
        by_label = {label.casefold(): code for code, label in known.items()}
        codes = (text if text in known else by_label.get(text.casefold(), "") for text in said)
        return next(filter(None, codes), "")

    def lists(self, columns: Sequence[str]) -> dict[str, dict[str, str]]:
        """The choices of these columns as they are now: column -> code -> label."""
        found: dict[str, dict[str, str]] = {}
        for (column, code), label in self._read(columns).items():
            found.setdefault(column, {})[code] = label
        return found

    def _known(self) -> dict[tuple[str, str], str]:
        if self._labels is None:
            self._labels = self._read(sorted(self._columns))
        return self._labels

    def _read(self, columns: Sequence[str]) -> dict[tuple[str, str], str]:
        """Labels by (column, code); a table's own list hides that of `task`."""
        query = joined(
            one_of("name", dict.fromkeys((self._table, "task"))),
            one_of("element", columns),
        )
        try:
            rows = self._tables.get("sys_choice", query, _FIELDS, _MOST).rows
        except (ForbiddenError, StatusError):
            return {}
        rows = [row for row in rows if row.get("label") and row.get("element") in columns]
        owned = {row["element"] for row in rows if row.get("name") == self._table}
        rows.sort(key=lambda row: row.get("language") == "en")
        return {
            (row["element"], row.get("value", "")): row["label"]
            for row in rows
            if row.get("name") == self._table or row["element"] not in owned
        }
