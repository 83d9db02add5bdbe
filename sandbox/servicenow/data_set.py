"""A folder of incidents and their sys_audit, as the Table API would serve them, made a desk."""

from __future__ import annotations

import gzip
import json
from itertools import islice
from typing import TYPE_CHECKING, Final

from sandbox.servicenow.access import SYNC_USER
from sandbox.servicenow.furniture import add_user, furnish
from sandbox.servicenow.values import instant

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sandbox.servicenow.state import Desk

INCIDENTS: Final = "incident.jsonl.gz"
AUDIT: Final = "sys_audit.jsonl.gz"
_USERS: Final = ("caller_id", "opened_by", "assigned_to", "resolved_by")
_AUTHORS: Final = ("sys_created_by", "sys_updated_by")


def load(desk: Desk, folder: Path) -> None:
    """Fill an empty desk with the rows of the two files as they are, and with what they name.

    People and groups are anonymous in the data: their name serves as sys_id too.
    """
    incidents, audit = _read(folder / INCIDENTS), _read(folder / AUDIT)
    began = min((instant(row["sys_created_on"]) or 0 for row in incidents), default=0)
    furnish(desk, began)
    for row in incidents:
        row.setdefault("incident_state", row["state"])
    desk.rows("incident").fill(incidents)
    desk.rows("sys_audit").fill(audit)
    _name_people(desk, incidents, audit, began)
    groups = {row["assignment_group"] for row in incidents}
    groups |= _audited(audit, {"assignment_group"})
    for name in sorted(groups - {""}):
        desk.add("sys_user_group", {"sys_id": name, "name": name}, began)
    add_user(desk, {"user_name": SYNC_USER, "name": "SLA Bot"}, ("itil",), began)


def _read(path: Path) -> list[dict[str, str]]:
    """The rows, with equal texts held once; lines are parsed in bulk so that keys are shared."""
    shared: dict[str, str] = {}
    rows: list[dict[str, str]] = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        while bulk := ",".join(islice(lines, 5000)):
            parsed = json.loads(f"[{bulk}]")
            rows += ({k: shared.setdefault(v, v) for k, v in row.items()} for row in parsed)
    return rows


def _name_people(
    desk: Desk,
    incidents: Iterable[dict[str, str]],
    audit: Iterable[dict[str, str]],
    at: int,
) -> None:
    names = {row[field] for row in incidents for field in (*_USERS, *_AUTHORS)}
    names |= {row["user"] for row in audit} | _audited(audit, set(_USERS))
    for name in sorted(names - {""}):
        desk.add("sys_user", {"sys_id": name, "user_name": name, "name": name}, at)


def _audited(audit: Iterable[dict[str, str]], fields: set[str]) -> set[str]:
    rows = (row for row in audit if row["fieldname"] in fields)
    return {value for row in rows for value in (row["oldvalue"], row["newvalue"])}
