"""A field's JSON as one of our values, a history's two texts likewise, and ours as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from connectors.jira import text
from connectors.jira.fields import Field
from connectors.jira.wire import Item, instant
from sla_engine.model import At, FieldValue, Value
from sla_engine.units import Instant, to_datetime

TEXT_LIMIT = 255
"""Characters that a single-line text field takes."""


def decoded(raw: msgspec.Raw | None) -> object:
    """A field's JSON as plain objects; None where the issue lacks it."""
    return None if raw is None else msgspec.json.decode(raw)


def value_of(said: object, field: Field) -> Value:
    """A field's current value as policies see it: people by id, projects by key, else names."""
    if isinstance(said, list):
        return tuple(part for part in (_single(one, field) for one in said) if part is not None)
    return _single(said, field)


def _single(said: object, field: Field) -> str | None:
    if isinstance(said, Mapping):
        if said.get("type") == "doc":
            return text.plain(said) or None
        return _named(said, field)
    if isinstance(said, bool):
        return str(said).lower()
    if isinstance(said, float) and said.is_integer():
        return str(int(said))
    return None if said is None or said == "" else str(said)


def _named(said: Mapping[str, object], field: Field) -> str | None:
    account = said.get("accountId") or ("displayName" in said and (said.get("key")))
    if account:
        return str(account)
    if field.schema.type == "project":
        return str(said["key"]) if "key" in said else None
    if "value" in said:
        child = said.get("child")
        inner = child.get("value") if isinstance(child, Mapping) else None
        return f"{said['value']} / {inner}" if inner else str(said["value"])
    return str(said["name"]) if "name" in said else None


def identities_of(said: object) -> frozenset[str]:
    """What a history's `to` may say of this current value: the ids behind it, if it has any."""
    if not isinstance(said, Mapping):
        return frozenset()
    names = ("accountId", "key", "name") if "displayName" in said else ("id",)
    return frozenset(str(said[name]) for name in names if said.get(name))


def item_values(item: Item, field: Field) -> tuple[Value, Value]:
    """Both values of a history's item. A list whose items come one value at a time (components)
    gives the value that went and the value that came."""
    if field.schema.type == "user":
        return item.from_ or None, item.to or None
    if field.is_list and not comes_singly(field):
        return _listed(item.from_string, field), _listed(item.to_string, field)
    return item.from_string or item.from_ or None, item.to_string or item.to or None


def comes_singly(field: Field) -> bool:
    """Whether a history has one item for each value of this list (Jira: components, versions)."""
    return field.is_list and field.schema.items in ("component", "version")


def _listed(said: str | None, field: Field) -> tuple[str, ...]:
    """Labels are parted by spaces, options and organizations by commas."""
    parts = (said or "").split(None if field.schema.items == "string" else ",")
    return tuple(part.strip() for part in parts if part.strip())


def written_value(said: object, field: Field) -> FieldValue:
    """The present value of a field that we write, typed as we write it."""
    if field.schema.type == "datetime" and isinstance(said, str):
        return At(instant(said))
    value = value_of(said, field)
    return value or None if isinstance(value, tuple) else value


def check_fits(value: FieldValue, field: Field) -> None:
    """ValueError where the field would give the value back as something else: then it would seem
    to differ, and be written again, for ever."""
    if value is None:
        return
    kind = "a time" if isinstance(value, At) else "a list" if isinstance(value, tuple) else "a text"
    wanted = (
        "a list" if field.is_list else "a time" if field.schema.type == "datetime" else "a text"
    )
    if kind != wanted:
        raise ValueError(f'{kind} cannot be kept in "{field.name}", which holds {wanted}')


def to_json(value: FieldValue, field: Field, wiki: bool) -> object:
    """What Jira wants to be sent for a value; ValueError where the field cannot hold it."""
    if field.is_list:
        return _list_json(value, field)
    if value is None:
        return None
    if isinstance(value, At):
        return _time_json(value.at)
    said = value if isinstance(value, str) else ", ".join(value)
    return _text_json(said, field, wiki)


def _list_json(value: FieldValue, field: Field) -> object:
    if isinstance(value, At):
        raise ValueError(f'a time does not fit into the list "{field.name}"')
    values: Sequence[str] = () if value is None else (value,) if isinstance(value, str) else value
    if field.schema.items == "option":
        return [{"value": one} for one in values]
    if field.schema.items in ("component", "version"):
        return [{"name": one} for one in values]
    return list(values)


def _time_json(at: Instant) -> str:
    """As Jira writes times itself; it takes no `Z` and no missing milliseconds."""
    return f"{to_datetime(at):%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}+0000"


def _text_json(said: str, field: Field, wiki: bool) -> object:
    match field.schema.type:
        case "option":
            return {"value": said}
        case "number":
            return float(said)
        case "priority" | "resolution" | "issuetype" | "version" | "component":
            return {"name": said}
        case "user":
            return {"name": said} if wiki else {"accountId": said}
    if field.is_long_text:
        return text.escaped(said) if wiki else text.document(said.split("\n"))
    return said if len(said) <= TEXT_LIMIT else said[: TEXT_LIMIT - 1] + "…"
