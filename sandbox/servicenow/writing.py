"""How rows come to be, change and go: rules run, sys_audit and sys_journal_field are written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from sandbox.servicenow.rules import Moment, follow
from sandbox.servicenow.values import stamp

if TYPE_CHECKING:
    from sandbox.servicenow.query import Row
    from sandbox.servicenow.state import Desk

JOURNALS: Final = ("comments", "work_notes")
"""What is written to these is kept apart and reads back empty."""


class Hand(NamedTuple):
    """Whose it is, by user_name, and when, in epoch milliseconds."""

    user: str
    at: int


def insert(desk: Desk, table: str, values: Mapping[str, str], hand: Hand) -> Row:
    """Create a row as its form would."""
    plain = {k: v for k, v in values.items() if k not in JOURNALS}
    if "task" in desk.tables[table].line:
        plain = _new_task(desk, table, plain, hand)
    row = desk.add(table, plain, hand.at, hand.user)
    if desk.dials.audit_inserts:
        _audit(desk, table, ({}, row), hand)
    _keep_journals(desk, table, row, values, hand)
    return row


def update(
    desk: Desk,
    table: str,
    sys_id: str,
    values: Mapping[str, str],
    hand: Hand,
    audit: bool = True,
) -> Row:
    """Change only what differs; where nothing does, nothing is touched. KeyError: no such row.

    `audit=False` is an update with `setWorkflow(false)`: it leaves no trace in sys_audit.
    """
    row = _row(desk, table, sys_id)
    table = desk.table_of(table, row)
    old = dict.fromkeys(desk.tables[table].columns, "") | dict(row)
    new = old | {k: v for k, v in values.items() if k not in JOURNALS}
    spoke = [name for name in JOURNALS if values.get(name)]
    if table == "incident":
        follow(old, new, Moment(desk.user_id(hand.user), stamp(hand.at), spoke), desk.states)
    if new == old and not spoke:
        return row
    new["sys_mod_count"] = str(int(old["sys_mod_count"] or "0") + 1)
    new["sys_updated_on"], new["sys_updated_by"] = stamp(hand.at), hand.user
    desk.rows(table).put(new)
    if audit and desk.tables[table].audited:
        _audit(desk, table, (old, new), hand)
    _keep_journals(desk, table, new, values, hand)
    return new


def delete(desk: Desk, table: str, sys_id: str, hand: Hand) -> None:
    """Remove a row; only sys_audit_delete tells of it. KeyError: no such row."""
    row = _row(desk, table, sys_id)
    table = desk.table_of(table, row)
    desk.rows(table).drop(sys_id)
    name = row.get(desk.tables[table].display, "")
    told = {"tablename": table, "documentkey": sys_id, "display_value": name, "user": hand.user}
    desk.add("sys_audit_delete", told, hand.at, hand.user)


def _row(desk: Desk, table: str, sys_id: str) -> Row:
    row = desk.get(table, sys_id)
    if row is None:
        raise KeyError(sys_id)
    return row


def _new_task(desk: Desk, table: str, values: Mapping[str, str], hand: Hand) -> dict[str, str]:
    user = desk.user_id(hand.user)
    new = {name: column.default for name, column in desk.tables[table].columns.items()}
    new |= {"opened_at": stamp(hand.at), "opened_by": user, "sys_class_name": table, **values}
    new["number"] = new["number"] or desk.next_number(table)
    new["sys_id"] = hashlib.md5(new["number"].encode(), usedforsecurity=False).hexdigest()
    if table == "incident":
        follow({}, new, Moment(user, stamp(hand.at)), desk.states)
    return {name: value for name, value in new.items() if value}


def _audit(desk: Desk, table: str, change: tuple[Row, Row], hand: Hand) -> None:
    """One row a changed field, all with the checkpoint of this one update."""
    old, new = change
    for name, column in desk.tables[table].columns.items():
        before, after = old.get(name, ""), new.get(name, "")
        if before != after and not column.no_audit:
            _add_audit(desk, table, new, (name, before, after), hand)


def _add_audit(desk: Desk, table: str, row: Row, change: tuple[str, str, str], hand: Hand) -> None:
    count = int(row["sys_mod_count"])
    told = dict(zip(("fieldname", "oldvalue", "newvalue"), change, strict=True))
    told |= {"tablename": table, "documentkey": row["sys_id"], "user": hand.user}
    told |= {"record_checkpoint": str(count), "internal_checkpoint": f"{hand.at:x}{count:07x}"}
    desk.add("sys_audit", told, hand.at, hand.user)


def _keep_journals(desk: Desk, table: str, row: Row, values: Mapping[str, str], hand: Hand) -> None:
    for element in JOURNALS:
        text = values.get(element)
        if not text:
            continue
        entry = {"element": element, "element_id": row["sys_id"], "name": table, "value": text}
        desk.add("sys_journal_field", entry, hand.at, hand.user)
        if desk.dials.audit_journals:
            _add_audit(desk, table, row, (element, "", text), hand)
