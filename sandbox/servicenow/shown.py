"""An incident told for a person's eyes: its fields, what was said, what was changed by whom."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

from sandbox.servicenow.fields import display_of, find_field
from sandbox.servicenow.render import display_value
from sandbox.servicenow.values import instant

if TYPE_CHECKING:
    from sandbox.servicenow.query import Row
    from sandbox.servicenow.state import Desk

ZONE: Final = "Europe/Berlin"
"""Pages tell times as the desk's agents read them."""
_ZONE: Final = ZoneInfo(ZONE)
_MOMENT: Final = "%a %d %b %Y %H:%M"
DETAILS: Final = (
    "caller_id",
    "company",
    "u_tier",
    "category",
    "assignment_group",
    "assigned_to",
    "impact",
    "urgency",
    "hold_reason",
    "opened_at",
    "resolved_at",
    "resolved_by",
    "closed_at",
    "close_code",
    "reassignment_count",
    "reopen_count",
    "sys_updated_on",
)
_QUIET: Final = frozenset({"incident_state"})
"""Audited twice: the old name of another field."""


class Said(NamedTuple):
    """One comment or note."""

    at: str
    who: str
    internal: bool
    text: str


class Step(NamedTuple):
    """One update: what changed together, as (label, before, after)."""

    at: str
    who: str
    changes: tuple[tuple[str, str, str], ...]


def shown(desk: Desk, row: Row, name: str) -> str:
    """One field of an incident as its form shows it; moments with their day of the week."""
    field = find_field(desk, "incident", name)
    if field is None:
        return ""
    if field.column.type == "glide_date_time":
        return moment(row.get(name, ""))
    return display_value(desk, row, field, ZONE)


def moment(stamp: str) -> str:
    """A stored stamp as "Fri 20 Nov 2026 10:10"; "" for none."""
    at = instant(stamp)
    return "" if at is None else datetime.fromtimestamp(at / 1000, _ZONE).strftime(_MOMENT)


def details(desk: Desk, row: Row) -> list[tuple[str, str]]:
    """(label, value) of the fields that are filled in, in the form's order."""
    columns = desk.tables["incident"].columns
    pairs = ((columns[name].label, shown(desk, row, name)) for name in DETAILS if name in columns)
    return [(label, value) for label, value in pairs if value]


def conversation(desk: Desk, row: Row) -> list[Said]:
    """Comments and work notes, newest first."""
    entries = desk.rows("sys_journal_field").where("element_id", row["sys_id"])
    said = [
        Said(
            moment(entry["sys_created_on"]),
            _name(desk, entry["sys_created_by"]),
            entry["element"] == "work_notes",
            entry["value"],
        )
        for entry in entries
    ]
    return said[::-1]


def history(desk: Desk, row: Row) -> list[Step]:
    """What sys_audit tells, one step an update, newest first."""
    rows = desk.rows("sys_audit").where("documentkey", row["sys_id"])
    rows = [entry for entry in rows if entry["fieldname"] not in _QUIET]
    rows.sort(key=lambda entry: entry["internal_checkpoint"], reverse=True)
    steps = groupby(rows, key=lambda entry: entry["internal_checkpoint"])
    return [_step(desk, list(entries)) for _, entries in steps]


def _step(desk: Desk, entries: list[Row]) -> Step:
    changes = (_change(desk, entry) for entry in entries)
    who = _name(desk, entries[0]["user"])
    return Step(moment(entries[0]["sys_created_on"]), who, tuple(changes))


def _change(desk: Desk, entry: Row) -> tuple[str, str, str]:
    name = entry["fieldname"]
    column = desk.tables["incident"].columns.get(name)
    before, after = (shown(desk, {name: entry[side]}, name) for side in ("oldvalue", "newvalue"))
    return (column.label if column else name, before or "empty", after or "empty")


def _name(desk: Desk, user_name: str) -> str:
    return display_of(desk, "sys_user", desk.user_id(user_name))
