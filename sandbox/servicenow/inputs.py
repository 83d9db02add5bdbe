"""What a request's body becomes: stored values of the columns that exist and may be written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sandbox.servicenow.values import stored, text_of

if TYPE_CHECKING:
    from sandbox.servicenow.schema import Column
    from sandbox.servicenow.state import Desk


def stored_values(
    desk: Desk, table: str, body: Mapping[str, object], display_zone: str | None
) -> dict[str, str]:
    """Unknown and read-only columns are passed over in silence, a value off the list is emptied.

    With `display_zone` (`sysparm_input_display_value=true`) values are what people see: names
    and labels, and times of that zone.
    """
    columns = desk.tables[table].columns
    return {
        name: _stored(desk, table, columns[name], text_of(value), display_zone)
        for name, value in body.items()
        if name in columns and not columns[name].read_only
    }


def _stored(desk: Desk, table: str, column: Column, text: str, display_zone: str | None) -> str:
    choices = desk.choices(table, column.name)
    if display_zone is not None:
        text = _from_display(desk, column, choices, text)
    value = stored(column, text, display_zone or "UTC")
    return "" if choices and value not in choices else value


def _from_display(desk: Desk, column: Column, choices: Mapping[str, str], text: str) -> str:
    if choices:
        return next((value for value, label in choices.items() if label == text), text)
    if column.reference in desk.tables and text:
        display = desk.tables[column.reference].display
        rows = (row for kin in desk.kin(column.reference) for row in kin)
        return next((row["sys_id"] for row in rows if row[display] == text), text)
    return text
