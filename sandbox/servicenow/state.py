"""The desk's whole state: tables of rows, and what an administrator has set."""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.servicenow.rows import Rows
from sandbox.servicenow.schema import Table, schema
from sandbox.servicenow.states import MODERN, StateModel
from sandbox.servicenow.values import stamp

if TYPE_CHECKING:
    from sandbox.servicenow.query import Row


@dataclass
class Dials:
    """What an administrator of the instance may have set; turned by POST /_sandbox/dials."""

    hidden: Sequence[str] = ()  # sys_ids of rows that no one but admin may read
    hidden_fields: Sequence[str] = ()  # "table.field" that are missing from every row
    refused: Sequence[str] = ()  # sys_ids of rows that may not be written
    roles: Sequence[str] = ("itil", "audit_viewer", "personalize_dictionary")  # of the sync's user
    audit_lag: int = 0  # milliseconds by which sys_audit is late (glide.db.audit.lazy)
    audit_inserts: bool = False  # glide.sys.audit_inserts
    audit_journals: bool = False  # whether sys_audit has comments and work notes, with text
    no_rows_on_invalid_query: bool = False  # glide.invalid_query.returns_no_rows
    basic_auth: bool = True  # false: "Basic authentication restriction" is on
    shuffle_ties: bool = True  # rows that the ORDERBYs leave equal come in another order each time


@dataclass
class Desk:
    """Rows by table. Take `lock` for whatever must be seen or done as one."""

    states: StateModel = MODERN
    dials: Dials = field(default_factory=Dials)
    tables: dict[str, Table] = field(default_factory=lambda: dict(schema()))
    lock: threading.RLock = field(default_factory=threading.RLock)
    _rows: dict[str, Rows] = field(default_factory=dict)
    _made: int = 0
    _drawn: int = 0
    _last_number: int = 10000

    def rows(self, table: str) -> Rows:
        """The rows of exactly this table (not of those that extend it)."""
        return self._rows.setdefault(table, Rows())

    def kin(self, table: str) -> Iterator[Rows]:
        """The rows of a table and of all that extend it: incidents are tasks."""
        for name in self.tables:
            if table in self.tables[name].line and name in self._rows:
                yield self._rows[name]

    def get(self, table: str, sys_id: str) -> Row | None:
        """One row by its sys_id."""
        return next((row for rows in self.kin(table) if (row := rows.get(sys_id))), None)

    def choices(self, table: str, element: str) -> Mapping[str, str]:
        """Value -> label of a choice column, {} where it is free; the nearest table's counts."""
        entries = self.rows("sys_choice").where("element", element)
        for name in self.tables[table].line:
            found = {e["value"]: e["label"] for e in entries if e["name"] == name}
            if found:
                return found
        return {}

    def user_id(self, user_name: str) -> str:
        """The sys_id of a user; their name itself where nobody has it."""
        found = self.rows("sys_user").where("user_name", user_name)
        return found[0]["sys_id"] if found else user_name

    def backup(self) -> bytes:
        """All rows as they are, for `restore`; what an administrator has set is not in it."""
        return pickle.dumps((self._rows, self._made, self._drawn, self._last_number))

    def restore(self, backup: bytes) -> None:
        """The instance as it was: what happened since has not happened."""
        self._rows, self._made, self._drawn, self._last_number = pickle.loads(backup)  # noqa: S301 -- our own

    def drop_column(self, table: str, column: str) -> None:
        """Let the table be as one whose column was never made."""
        kept = {k: v for k, v in self.tables[table].columns.items() if k != column}
        self.tables[table] = self.tables[table]._replace(columns=kept)
        for entry in self.rows("sys_dictionary").where("element", column):
            if entry["name"] == table:
                self.rows("sys_dictionary").drop(entry["sys_id"])

    def add(self, table: str, values: Mapping[str, str], at: int, by: str = "system") -> Row:
        """Put a row as it is, with defaults and stamps; no rule runs. `sys_id` may be given."""
        columns = self.tables[table].columns
        row = {name: column.default for name, column in columns.items()}
        stamps = {"sys_created_on": stamp(at), "sys_created_by": by, "sys_mod_count": "0"}
        stamps |= {"sys_updated_on": stamp(at), "sys_updated_by": by}
        row |= {name: value for name, value in stamps.items() if name in columns}
        row |= {"sys_id": self._new_id(table), **values}
        self.rows(table).put(row)
        return row

    def table_of(self, table: str, row: Row) -> str:
        """The table a row truly belongs to: that of an incident read as a task."""
        name = row.get("sys_class_name", table)
        return name if name in self.tables else table

    def next_number(self, table: str) -> str:
        """The next free number of a kind of task: INC0010001."""
        prefix, taken = _PREFIXES.get(table, "TASK"), self.rows(table)
        while True:
            self._last_number += 1
            number = f"{prefix}{self._last_number:07d}"
            if not taken.where("number", number):
                return number

    def next_draw(self) -> int:
        """A number that is another each time, the same for the same requests."""
        self._drawn += 1
        return self._drawn

    def _new_id(self, table: str) -> str:
        self._made += 1
        text = f"{table}:{self._made}"
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


_PREFIXES = {"incident": "INC", "problem": "PRB", "change_request": "CHG", "sc_req_item": "RITM"}
