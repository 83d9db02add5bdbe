"""Field names that walk along references: `caller_id.company.name`, from an incident."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sandbox.servicenow.query import Field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.servicenow.query import Reader, Row
    from sandbox.servicenow.state import Desk


def find_field(desk: Desk, table: str, path: str) -> Field | None:
    """The column at the end of the path and how to read it; None where a step does not exist."""
    first, *rest = path.split(".")
    column = desk.tables[table].columns.get(first)
    if column is None or f"{table}.{first}" in desk.dials.hidden_fields:
        return None
    if not rest:
        return Field(table, column, partial(_read, first))
    if column.reference not in desk.tables:
        return None
    beyond = find_field(desk, column.reference, ".".join(rest))
    if beyond is None:
        return None
    return beyond._replace(read=partial(_walk, desk, first, column.reference, beyond.read))


def known_fields(desk: Desk, table: str, names: Iterable[str]) -> dict[str, Field]:
    """Those of the names that exist; the others are ignored, as the Table API does."""
    found = {name: find_field(desk, table, name) for name in names}
    return {name: it for name, it in found.items() if it is not None}


def display_of(desk: Desk, table: str, sys_id: str) -> str:
    """What a reference shows: the name of the row, the bare value where there is no such row."""
    row = desk.get(table, sys_id) if table in desk.tables else None
    return row[desk.tables[table].display] if row is not None else sys_id


def _read(name: str, row: Row) -> str:
    return row.get(name, "")


def _walk(desk: Desk, name: str, table: str, beyond: Reader, row: Row) -> str:
    there = desk.get(table, row.get(name, ""))
    return "" if there is None else beyond(there)
