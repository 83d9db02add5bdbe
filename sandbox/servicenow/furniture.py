"""What every instance has before the first ticket: choices, dictionary, roles, users, schedules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.servicenow.state import Desk

_LEVELS: Final = {"1": "1 - High", "2": "2 - Medium", "3": "3 - Low"}
_CHOICES: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {
    ("task", "priority"): {
        "1": "1 - Critical",
        "2": "2 - High",
        "3": "3 - Moderate",
        "4": "4 - Low",
        "5": "5 - Planning",
    },
    ("task", "impact"): _LEVELS,
    ("task", "urgency"): _LEVELS,
    ("incident", "severity"): _LEVELS,
    ("task", "escalation"): {"0": "Normal", "1": "Moderate", "2": "High", "3": "Overdue"},
    ("incident", "u_sla_status"): {
        label: label for label in ("Breached", "At risk", "On track", "Paused", "Met", "Missed")
    },
    ("incident", "u_sla_control"): {label: label for label in ("Normal", "Hold", "Exempt")},
}
ADMIN: Final = "admin"
ROLES: Final = ("admin", "itil", "audit_viewer", "personalize_dictionary", "sla_manager")


def furnish(desk: Desk, at: int) -> None:
    """Put in what an instance without tickets has, made at the given instant."""
    labels_of_states = desk.states.labels
    states_of = {("incident", name): labels_of_states for name in ("state", "incident_state")}
    reasons = {("incident", "hold_reason"): desk.states.reasons}
    for (table, element), labels in {**_CHOICES, **states_of, **reasons}.items():
        _add_choices(desk, table, element, labels, at)
    for role in ROLES:
        desk.add("sys_user_role", {"name": role}, at)
    add_user(desk, {"user_name": ADMIN, "name": "System Administrator"}, ("admin",), at)
    _describe_tables(desk, at)


def add_user(desk: Desk, values: Mapping[str, str], roles: Iterable[str], at: int) -> None:
    """A user who holds these roles."""
    user = desk.add("sys_user", values, at)
    for role in roles:
        held = desk.rows("sys_user_role").where("name", role)[0]
        desk.add("sys_user_has_role", {"user": user["sys_id"], "role": held["sys_id"]}, at)


def _add_choices(desk: Desk, table: str, element: str, labels: Mapping[str, str], at: int) -> None:
    for place, (value, label) in enumerate(labels.items()):
        entry = {"name": table, "element": element, "value": value, "label": label}
        desk.add("sys_choice", entry | {"sequence": str(place)}, at)


def _describe_tables(desk: Desk, at: int) -> None:
    """sys_dictionary: a row a table (its element is empty), a row a column where it is declared."""
    for table in desk.tables.values():
        audit = "true" if table.audited else "false"
        desk.add("sys_dictionary", {"name": table.name, "audit": audit}, at)
        inherited = desk.tables[table.line[1]].columns if len(table.line) > 1 else {}
        for column in table.columns.values():
            if column.name in inherited:
                continue
            described = {
                "name": table.name,
                "element": column.name,
                "internal_type": column.type,
                "column_label": column.label,
                "max_length": str(column.length or 40),
                "reference": column.reference,
                "read_only": "true" if column.read_only else "false",
                "attributes": "no_audit=true" if column.no_audit else "",
                "default_value": column.default,
                "choice": "3" if desk.choices(table.name, column.name) else "0",
            }
            desk.add("sys_dictionary", described, at)
