"""The desk's own rules: what else changes when someone changes an incident."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

from sandbox.servicenow.states import PRIORITIES, StateModel

if TYPE_CHECKING:
    from sandbox.servicenow.query import Row


class Moment(NamedTuple):
    """The sys_id of a user, a stamp, and the journals that are written to."""

    user: str
    at: str
    spoke: Collection[str] = ()


def follow(old: Row, new: dict[str, str], moment: Moment, states: StateModel) -> None:
    """Complete a changed incident in place; `old` is {} for one that is being created."""
    _mirror_state(old, new)
    _answer_of_caller(old, new, moment, states)
    new["priority"] = PRIORITIES.get((new["impact"], new["urgency"]), new["priority"])
    if old and _changed(old, new, "assignment_group") and old["assignment_group"]:
        new["reassignment_count"] = _one_more(new["reassignment_count"])
    if _changed(old, new, "state"):
        _enter_state(old, new, moment, states)
        new["incident_state"] = new["state"]


def _changed(old: Row, new: Row, field: str) -> bool:
    return old.get(field, "") != new[field]


def _one_more(count: str) -> str:
    return str(int(count or "0") + 1)


def _mirror_state(old: Row, new: dict[str, str]) -> None:
    """`incident_state` is the old name of `state`: writing either sets both."""
    if old and _changed(old, new, "incident_state") and not _changed(old, new, "state"):
        new["state"] = new["incident_state"]


def _answer_of_caller(old: Row, new: dict[str, str], moment: Moment, states: StateModel) -> None:
    """A comment of the caller takes the incident off hold."""
    held = old.get("state") == states.hold and new["state"] == states.hold
    if held and "comments" in moment.spoke and moment.user == new["caller_id"]:
        new["state"] = states.work


def _enter_state(old: Row, new: dict[str, str], moment: Moment, states: StateModel) -> None:
    done = {states.resolved, *states.closed}
    if new["state"] != states.hold:
        new["hold_reason"] = ""
    if new["state"] in done and not new["resolved_at"]:
        new["resolved_at"], new["resolved_by"] = moment.at, moment.user
    if new["state"] in states.closed:
        new["closed_at"], new["closed_by"] = moment.at, moment.user
    new["active"] = "false" if new["state"] in states.closed else "true"
    if old.get("state") in done and new["state"] not in done:
        new["reopen_count"] = _one_more(new["reopen_count"])
        new["reopened_time"], new["reopened_by"] = moment.at, moment.user
        for field in ("resolved_at", "resolved_by", "closed_at", "closed_by", "close_code"):
            new[field] = ""
