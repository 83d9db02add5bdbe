"""Fields of an issue set as PUT issue says it: all or none, with an error for each wrong one."""

from __future__ import annotations

from typing import Any, NamedTuple

from sandbox.jira.call import ApiError, Call
from sandbox.jira.model import Issue, Stored
from sandbox.jira.render import Json
from sandbox.jira.schema import Field
from sandbox.jira.values import BadValueError, not_settable, read_value

QUIET_REFUSED = (
    "To discard the user notification either admin or project admin permissions are required."
)
_NEVER = {
    "status", "statusCategory", "project", "creator", "created", "updated", "resolutiondate",
    "statuscategorychangedate", "comment", "issuelinks",
}  # fmt: skip


class Wish(NamedTuple):
    """How the editor wants watchers to be told: the mail left out, and what then happens."""

    quiet: bool
    applied: bool = True


def quiet_wish(here: Call, notify: bool) -> Wish:
    """What becomes of `notifyUsers=false`: Data Center refuses it without admin rights with 403;
    of Cloud's answer its documentation leaves three readings, which the dial `notify` chooses."""
    if notify or here.desk.dials["admin"]:
        return Wish(not notify)
    way = here.desk.dials["notify"] if here.desk.cloud else "refuse"
    if way == "refuse":
        raise ApiError(403, QUIET_REFUSED)
    return Wish(quiet=False, applied=way != "drop")


def read_changes(here: Call, issue: Issue | None, said: Json) -> dict[str, Stored]:
    """`fields` and `update` of a body as what to store; 400 with every mistake in it."""
    fields, updates = _object(said, "fields"), _object(said, "update")
    errors: dict[str, str] = {}
    changes: dict[str, Stored] = {}
    for name, value in fields.items():
        _collect(here, issue, name, [{"set": value}], changes, errors)
    for name, steps in updates.items():
        if name in fields:
            errors[name] = f"Field '{name}' cannot appear in both 'fields' and 'update'"
        elif name != "comment":
            _collect(here, issue, name, steps, changes, errors)
    if errors:
        raise ApiError(400, "", errors)
    return changes


def _object(said: Json, name: str) -> dict[str, Any]:
    value = said.get(name) or {}
    if not isinstance(value, dict):
        raise ApiError(400, f"Can not instantiate value for '{name}': expected an object.")
    return value


def _collect(
    here: Call, issue: Issue | None, name: str, steps: object, changes: dict[str, Stored],
    errors: dict[str, str],
) -> None:  # fmt: skip
    try:
        changes[name] = _changed(here, issue, name, steps)
    except BadValueError as error:
        errors[name] = str(error)


def _changed(here: Call, issue: Issue | None, name: str, steps: object) -> Stored:
    field = _settable(here, issue, name)
    value = issue.fields.get(name) if issue else None
    for step in steps if isinstance(steps, list) else []:
        for verb, said in step.items():
            value = _apply(here, field, value, verb, said)
    return value


def _settable(here: Call, issue: Issue | None, name: str) -> Field:
    field = here.desk.fields.get(name)
    if field is None or not is_on_screen(here, issue, name):
        raise BadValueError(not_settable(name))
    return field


def is_on_screen(here: Call, issue: Issue | None, name: str) -> bool:
    """Whether an edit of the issue can name this field at all."""
    off = here.desk.dials["off_screen"].get(here.desk.project_of(issue).key, ()) if issue else ()
    return name not in _NEVER and name not in off


def _apply(here: Call, field: Field, value: Stored, verb: str, said: object) -> Stored:
    if verb == "set":
        if field.id == "summary" and not said:
            raise BadValueError("You must specify a summary of the issue.")
        return read_value(field, said, here.desk.users, here.flavour.adf)
    if field.type != "array" or verb not in ("add", "remove"):
        raise BadValueError(f"Field '{field.id}' does not support operation '{verb}'")
    one = read_value(field, [said], here.desk.users)
    have, step = (value if isinstance(value, tuple) else ()), one if isinstance(one, tuple) else ()
    if verb == "add":
        return tuple(dict.fromkeys(have + step))
    return tuple(entry for entry in have if entry not in step)
