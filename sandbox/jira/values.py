"""From JSON to what is stored and to what a history says of it, by the field's type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sandbox.clock import parse_moment
from sandbox.hours import berlin
from sandbox.jira.adf import is_document, to_text
from sandbox.jira.model import Stored
from sandbox.jira.schema import PRIORITIES, RESOLUTIONS, STATUSES, TYPES, Field, Named
from sandbox.jira.users import User

TEXT_LIMIT = 255
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:?\d\d)")


class BadValueError(ValueError):
    """What the `errors` map of a 400 says of a field."""


def read_value(field: Field, said: object, users: Mapping[str, User], adf: bool = False) -> Stored:
    """What to store for a JSON value; BadValueError in Jira's words where it does not fit.

    `adf`: rich texts have to be documents, as v3 wants them.
    """
    if said is None:
        return () if field.type == "array" else None
    if field.type == "user":
        return read_user(said, users)
    if field.id == "description" or field.custom.endswith(":textarea"):
        return _rich_text(said, adf)
    reader = _READERS.get(field.type)
    if reader is None:
        raise BadValueError(not_settable(field.id))
    return reader(field, said)


def not_settable(field_id: str) -> str:
    """Jira's words for a field that is unknown, off the screen, or not the account's to set."""
    return f"Field '{field_id}' cannot be set. It is not on the appropriate screen, or unknown."


def too_long(limit: int) -> str:
    return f"The entered text is too long. It exceeds the allowed limit of {limit:,} characters."


def read_user(said: object, users: Mapping[str, User]) -> str:
    """The person whose accountId (Cloud), name or key (Data Center) is given."""
    named = said if isinstance(said, dict) else {}
    for user in users.values():
        if named and user.account_id == named.get("accountId"):
            return user.id
        if named and (user.name == named.get("name") or user.key == named.get("key")):
            return user.id
    raise BadValueError(f"User '{named.get('accountId') or named.get('name')}' does not exist.")


def _rich_text(said: object, adf: bool) -> Stored:
    if isinstance(said, dict) and adf and is_document(said):
        return said
    if isinstance(said, str) and not adf:
        return said or None
    form = "an Atlassian Document (see the Atlassian Document Format)" if adf else "a string"
    raise BadValueError(f"Operation value must be {form}")


def _text(_: Field, said: object) -> Stored:
    if not isinstance(said, str):
        raise BadValueError("Operation value must be a string")
    if len(said) > TEXT_LIMIT:
        raise BadValueError(too_long(TEXT_LIMIT))
    return said or None


def _option(field: Field, said: object) -> str:
    if not isinstance(said, dict) or not {"id", "value"} & set(said):
        raise BadValueError("Could not find valid 'id' or 'value' in the Parent Option object.")
    id_ = str(said["id"]) if "id" in said else field.option(str(said["value"]))
    if id_ not in field.options:
        name, value = ("id", said["id"]) if "id" in said else ("value", said["value"])
        raise BadValueError(f"Option {name} '{value}' is not valid")
    return id_


def _several(field: Field, said: object) -> Stored:
    if not isinstance(said, list):
        raise BadValueError("data was not an array")
    if field.items == "option":
        return tuple(_option(field, one) for one in said)
    for one in said:
        if not isinstance(one, str):
            raise BadValueError("string expected at index 0")
        if re.search(r"\s", one):
            raise BadValueError(f"The label '{one}' contains spaces which is invalid.")
    return tuple(dict.fromkeys(said))


def _instant(_: Field, said: object) -> int:
    if not isinstance(said, str) or not _STAMP.fullmatch(said):
        raise BadValueError(f"Error parsing date string: {said}")
    return parse_moment(said)


def _date(_: Field, said: object) -> str:
    if not isinstance(said, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", said):
        raise BadValueError(f"Error parsing date string: {said}")
    return said


def _number(_: Field, said: object) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise BadValueError("Operation value must be a number")
    return float(said)


def _named(entries: Mapping[str, Named], what: str) -> Callable[[Field, object], str]:
    def read(_: Field, said: object) -> str:
        wanted = said if isinstance(said, dict) else {}
        for entry in entries.values():
            if entry.id == str(wanted.get("id")) or entry.name == wanted.get("name"):
                return entry.id
        raise BadValueError(f"The {what} selected is invalid.")

    return read


_READERS: dict[str, Callable[[Field, Any], Stored]] = {
    "string": _text,
    "option": _option,
    "array": _several,
    "datetime": _instant,
    "date": _date,
    "number": _number,
    "priority": _named(PRIORITIES, "priority"),
    "resolution": _named(RESOLUTIONS, "resolution"),
    "issuetype": _named(TYPES, "issue type"),
}
_NAMES: dict[str, Mapping[str, str]] = {
    "status": {status.id: status.name for status in STATUSES.values()},
    "priority": {entry.id: entry.name for entry in PRIORITIES.values()},
    "resolution": {entry.id: entry.name for entry in RESOLUTIONS.values()},
    "issuetype": {entry.id: entry.name for entry in TYPES.values()},
}


def told(field: Field, value: Stored) -> tuple[str | None, str | None]:
    """(id, text) as a history says them, users apart; texts have no id, nothing is (None, None)."""
    if value is None:
        return None, None
    if isinstance(value, tuple):
        return _told_several(field, value)
    if field.type == "datetime":
        moment = berlin(int(str(value)))  # a history is written in the site's own zone
        return stamp(moment), moment.strftime("%d/%b/%y %-I:%M %p")
    return _told_one(field, value)


def _told_one(field: Field, value: Stored) -> tuple[str | None, str | None]:
    names = field.options if field.type == "option" else _NAMES.get(field.type)
    if names is not None:
        return str(value), names[str(value)]
    return None, to_text(value) if isinstance(value, dict) else str(value)


def _told_several(field: Field, value: tuple[str, ...]) -> tuple[str | None, str | None]:
    if field.items != "option":
        return "", " ".join(value)
    if not value:
        return "", ""
    return f"[{', '.join(value)}]", ", ".join(field.options[one] for one in value)


def stamp(moment: datetime) -> str:
    """`2026-11-21T10:52:00.000+0100`, as Jira writes instants: no colon in the offset."""
    return (
        moment.strftime("%Y-%m-%dT%H:%M:%S.")
        + f"{moment.microsecond // 1000:03}"
        + moment.strftime("%z")
    )
