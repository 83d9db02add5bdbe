"""Comments and work notes: who wrote when and to whom. Only our own texts are read, for marks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from connectors.base import ForbiddenError
from connectors.servicenow.bulk import Ask, of_ids
from connectors.servicenow.errors import no_history
from connectors.servicenow.pages import Rows
from connectors.servicenow.queries import is_plain, joined
from connectors.servicenow.tables import Tables

VISIBLE = {"comments": "public", "work_notes": "internal"}
_FIELDS = ("sys_id", "element_id", "element", "sys_created_on", "sys_created_by")
_MARK = re.compile(r"\[sla:([^\]\[\s]+)\]")
_PROBED = 20


class Journals:
    """Reads sys_journal_field. It gives no rows, and no refusal, to accounts that may not read it;
    so the first time that nothing comes, the tickets themselves are asked whether that is true."""

    def __init__(self, tables: Tables, table: str, user: str, *, others: bool, ours: bool) -> None:
        """`others` and `ours`: whose entries matter here."""
        self._tables, self._table, self._user = tables, table, user
        self._others, self._ours = others, ours
        self._proved = not others  # of our own there may well be none

    def entries(self, ids: Sequence[str]) -> tuple[Rows, Mapping[str, int]]:
        """The entries of these tickets without their texts, and how many of which are hidden."""
        if not self._others and not self._ours:
            return [], {}
        ours = f"sys_created_by={self._user}" if is_plain(self._user) else ""
        query = joined("elementINcomments,work_notes", "" if self._others else ours)
        try:
            found = of_ids(
                self._tables, Ask("sys_journal_field", "element_id", _FIELDS, query), ids
            )
        except ForbiddenError as error:
            raise no_history("sys_journal_field", self._user, error) from None
        if found.rows:
            self._proved = True
        elif found.hidden or (not self._proved and self._is_spoken_in(ids[:_PROBED])):
            raise no_history("sys_journal_field", self._user)
        return [row for row in found.rows if row.get("element") in VISIBLE], found.hidden

    def marks(self, entries: Rows) -> dict[str, set[str]]:
        """Ticket -> the keys that our own entries bear."""
        ours = {row["sys_id"]: row["element_id"] for row in entries if self.is_ours(row)}
        ask = Ask("sys_journal_field", "sys_id", ("sys_id", "value"))
        marks: dict[str, set[str]] = {}
        for row in of_ids(self._tables, ask, sorted(ours)).rows:
            keys = _MARK.findall(row.get("value", ""))
            marks.setdefault(ours[row["sys_id"]], set()).update(keys)
        return marks

    def is_ours(self, row: Mapping[str, str]) -> bool:
        """Whether our own account wrote the entry."""
        return bool(self._user) and row.get("sys_created_by", "").lower() == self._user.lower()

    def _is_spoken_in(self, ids: Sequence[str]) -> bool:
        """Whether the tickets show texts although the journal shows no rows."""
        query = f"sys_idIN{','.join(ids)}"
        fields = ("sys_id", *VISIBLE)
        page = self._tables.get(self._table, query, fields, len(ids), display=True)
        self._proved = True  # asked once: a desk without a single comment is no fault
        return any(row.get(element) for row in page.rows for element in VISIBLE)
