"""A row as the Table API shows it: stored values, display values, or both; links of references."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from sandbox.servicenow.fields import display_of, known_fields
from sandbox.servicenow.values import displayed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.servicenow.query import Field, Row
    from sandbox.servicenow.schema import Column
    from sandbox.servicenow.state import Desk

Shown = str | dict[str, str]


class View(NamedTuple):
    """How the caller wants rows: `fields` empty means all; `base` is what links begin with."""

    fields: Sequence[str] = ()
    display: Literal["false", "true", "all"] = "false"
    links: bool = True
    zone: str = "UTC"
    base: str = ""


def shown_fields(desk: Desk, table: str, view: View) -> dict[str, Field]:
    """The fields to show and how to read them; unknown and unreadable ones are just missing."""
    return known_fields(desk, table, view.fields or sorted(desk.tables[table].columns))


def render(desk: Desk, row: Row, fields: Mapping[str, Field], view: View) -> dict[str, Shown]:
    """One row as JSON."""
    return {name: _shown(desk, row, field, view) for name, field in fields.items()}


def _shown(desk: Desk, row: Row, field: Field, view: View) -> Shown:
    stored = field.read(row)
    if field.column.type == "reference":
        return _reference(desk, field.column, stored, view)
    if view.display == "false":
        return stored
    display = display_value(desk, row, field, view.zone)
    return display if view.display == "true" else {"display_value": display, "value": stored}


def display_value(desk: Desk, row: Row, field: Field, zone: str) -> str:
    """A field as a person sees it: labels, names, local times, the whole text of a journal."""
    table, column, stored = field.table, field.column, field.read(row)
    if column.type == "journal_input":
        return journal_text(desk, table, row, column.name, zone)
    if column.type == "reference":
        return display_of(desk, column.reference, stored) if stored else ""
    return desk.choices(table, column.name).get(stored) or displayed(column, stored, zone)


def _reference(desk: Desk, column: Column, stored: str, view: View) -> Shown:
    shown = {"value": stored}
    if view.display != "false":
        display = display_of(desk, column.reference, stored) if stored else ""
        shown = {"display_value": display} | (shown if view.display == "all" else {})
    if stored and view.links:
        shown["link"] = f"{view.base}/api/now/table/{column.reference}/{stored}"
        return shown
    return shown if view.display == "all" else next(iter(shown.values()))


def journal_text(desk: Desk, table: str, row: Row, element: str, zone: str) -> str:
    """All entries of one journal, newest first, as the form prints them."""
    label = desk.tables[table].columns[element].label
    entries = desk.rows("sys_journal_field").where("element_id", row["sys_id"])
    column = desk.tables["sys_journal_field"].columns["sys_created_on"]
    printed = [
        f"{displayed(column, entry['sys_created_on'], zone)} - "
        f"{display_of(desk, 'sys_user', desk.user_id(entry['sys_created_by']))} ({label})\n"
        f"{entry['value']}\n\n"
        for entry in entries
        if entry["element"] == element
    ]
    return "".join(reversed(printed))
