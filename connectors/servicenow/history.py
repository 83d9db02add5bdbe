"""From audit rows to what happened: updates in order, and the values from before the first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from connectors.servicenow.stamps import read_stamp
from sla_engine.units import Instant

AUDIT_FIELDS = (
    "sys_id",
    "documentkey",
    "fieldname",
    "oldvalue",
    "newvalue",
    "user",
    "sys_created_on",
    "sys_created_by",
    "internal_checkpoint",
)
_TRUTH = {"1": "true", "0": "false"}

Row = Mapping[str, str]


class Change(NamedTuple):
    """One column from one value to another, as stored."""

    column: str
    old: str
    new: str


class Update(msgspec.Struct, frozen=True):
    """All that one update of a record changed: one atomic step."""

    at: Instant
    user: str
    source_id: str
    changes: tuple[Change, ...]


def updates(rows: Iterable[Row], current: Row) -> list[Update]:
    """A record's audit rows as its updates, in the order in which they happened.

    The rows of one update share an internal_checkpoint, a timestamp that orders better than
    sys_mod_count or the second-wide stamps do. ValueError where a row cannot be read.
    """
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        checkpoint = row.get("internal_checkpoint", "")
        alone = (row["sys_created_on"], row.get("user", ""))
        groups.setdefault((checkpoint,) if checkpoint else alone, []).append(row)
    made = [_update(group, current) for group in groups.values()]
    return [update for _, update in sorted(made, key=lambda one: one[0])]


def _update(rows: Sequence[Row], current: Row) -> tuple[tuple[Instant, int, str], Update]:
    """An update and its place among the others."""
    first = min(rows, key=lambda row: (row["sys_created_on"], row.get("sys_id", "")))
    checkpoint = first.get("internal_checkpoint", "")
    at = read_stamp(first["sys_created_on"])
    columns: dict[str, list[Change]] = {}
    for row in rows:
        change = _change(row, current)
        columns.setdefault(change.column, []).append(change)
    update = Update(
        at=at,
        user=first.get("user") or first.get("sys_created_by", ""),
        source_id=f"audit {checkpoint or first.get('sys_id', '')}",
        changes=tuple(_whole(column, changes) for column, changes in sorted(columns.items())),
    )
    return (at, _number(checkpoint), checkpoint), update


def _number(checkpoint: str) -> int:
    try:
        return int(checkpoint, 16)
    except ValueError:
        return -1


def _change(row: Row, current: Row) -> Change:
    column, old, new = row["fieldname"], row.get("oldvalue", ""), row.get("newvalue", "")
    if current.get(column) in ("true", "false"):
        old, new = _TRUTH.get(old, old), _TRUTH.get(new, new)
    return Change(column, old, new)


def _whole(column: str, changes: Sequence[Change]) -> Change:
    """Several changes of one column in one update, as the one from its first to its last value."""
    olds, news = {change.old for change in changes}, {change.new for change in changes}
    first = next((change for change in changes if change.old not in news), changes[0])
    last = next((change for change in changes if change.new not in olds), changes[-1])
    return Change(column, first.old, last.new)


def walk_back(
    current: Row, history: Iterable[Update], columns: Iterable[str]
) -> tuple[dict[str, str], tuple[Change, ...]]:
    """Each column's value at the creation, and the changes that are missing in a history that does
    not lead from there to the current value.

    Creation leaves no audit rows, so the first old value is the initial one, or the current value
    where nothing changed. A link that is missing (an import, setWorkflow(false), a row not written
    yet) shows as an old value that is not the new value before it, or a current value that no row
    made; what happened there, and when, nobody can tell.
    """
    now = {column: current[column] for column in columns if column in current}
    initial, last = dict(now), dict[str, str]()
    holes: set[Change] = set()
    for update in history:
        for column, old, new in update.changes:
            if column not in last:
                initial[column] = old
            elif last[column] != old:
                holes.add(Change(column, last[column], old))
            last[column] = new
    ends = ((column, value, now.get(column, value)) for column, value in last.items())
    holes |= {Change(*end) for end in ends if end[1] != end[2]}
    return initial, tuple(sorted(holes))
