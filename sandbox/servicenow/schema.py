"""The tables we pretend to have: columns with types, written as one readable text."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import NamedTuple

from sandbox.servicenow.tables import TABLES

_TABLE = re.compile(
    r"(?P<name>\w+)(\((?P<parent>\w+)\))? (?P<label>[^\[\]]+?)(?P<audited> \[audited\])?$"
)
_COLUMN = re.compile(
    r"(?P<name>\w+) (?P<type>\w+)(:(?P<length>\d+))?(>(?P<reference>\w+))?"
    r"(=(?P<default>\S+))?(?P<flags>( \[\w+\])*) (?P<label>.+)$"
)
OWN_STAMPS = frozenset({"sys_audit", "sys_journal_field", "sys_audit_delete"})
"""Logs: their rows are written once, so they bear no sys_updated_on."""


class Column(NamedTuple):
    """One column; `type` is ServiceNow's internal_type, `reference` the table it points into."""

    name: str
    type: str
    label: str
    length: int = 0
    reference: str = ""
    default: str = ""
    read_only: bool = False
    no_audit: bool = False


class Table(NamedTuple):
    """One table with its inherited columns; `line` is itself and its parents, nearest first."""

    name: str
    label: str
    columns: Mapping[str, Column]
    line: tuple[str, ...]
    audited: bool
    display: str


def _stamps(table: str) -> list[Column]:
    columns = [
        Column("sys_id", "GUID", "Sys ID", 32, read_only=True, no_audit=True),
        Column("sys_created_on", "glide_date_time", "Created", read_only=True, no_audit=True),
        Column("sys_created_by", "string", "Created by", 40, read_only=True, no_audit=True),
    ]
    if table not in OWN_STAMPS:
        columns += [
            Column("sys_updated_on", "glide_date_time", "Updated", read_only=True, no_audit=True),
            Column("sys_updated_by", "string", "Updated by", 40, read_only=True, no_audit=True),
            Column("sys_mod_count", "integer", "Updates", read_only=True, no_audit=True),
        ]
    return columns


def _column(line: str) -> Column:
    match = _COLUMN.match(line)
    assert match is not None, line
    flags = match["flags"]
    return Column(
        match["name"],
        match["type"],
        match["label"],
        int(match["length"] or 0),
        match["reference"] or "",
        match["default"] or "",
        read_only="[read_only]" in flags,
        no_audit="[no_audit]" in flags,
    )


def _table(head: str, lines: list[str], known: Mapping[str, Table]) -> Table:
    match = _TABLE.match(head)
    assert match is not None, head
    name, parent = match["name"], known.get(match["parent"] or "")
    columns = dict(parent.columns) if parent else {c.name: c for c in _stamps(name)}
    columns |= {column.name: column for column in map(_column, lines)}
    display = next((c for c in ("number", "name", "label") if c in columns), "sys_id")
    line = (name, *(parent.line if parent else ()))
    return Table(name, match["label"], columns, line, bool(match["audited"]), display)


@functools.cache
def schema() -> Mapping[str, Table]:
    """All tables by name, parents before children."""
    tables: dict[str, Table] = {}
    for block in TABLES.strip().split("\n\n"):
        head, *lines = (line.strip() for line in block.splitlines())
        table = _table(head, lines, tables)
        tables[table.name] = table
    return tables
