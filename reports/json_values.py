"""Engine values as JSON values: instants in ISO 8601, durations in whole milliseconds."""

from __future__ import annotations

import json

import msgspec

from sla_engine.changes import Change, SetFields
from sla_engine.model import At, FieldValue, Ticket
from sla_engine.units import Instant, to_iso

_ESCAPED = {
    code: f"\\u{code:04x}"
    for code in (*range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
"""JSON escapes the other control characters itself."""

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]


def json_text(value: object, indent: int | None = 2) -> str:
    """JSON that people can read: letters as they are, but what would steer a terminal escaped."""
    return json.dumps(value, indent=indent, ensure_ascii=False).translate(_ESCAPED)


def iso(at: Instant | None) -> str | None:
    """ISO 8601 in UTC, null where there is no instant."""
    return None if at is None else to_iso(at)


def field_json(value: FieldValue) -> JsonValue:
    """A field of ours: a text, an instant, a list of texts, or null."""
    if isinstance(value, At):
        return to_iso(value.at)
    return list(value) if isinstance(value, tuple) else value


def change_json(change: Change, ticket: Ticket) -> dict[str, JsonValue]:
    """A change with its kind; fields bear what was there before."""
    kind = type(change).__name__
    why: dict[str, JsonValue] = {
        "text": change.why.text,
        "policy": str(change.why.policy) if change.why.policy else None,
        "event": change.why.source_id or None,
    }
    if isinstance(change, SetFields):
        fields: dict[str, JsonValue] = {
            name: {"old": field_json(ticket.written.get(name)), "new": field_json(new)}
            for name, new in change.fields
        }
        return {"kind": kind, "fields": fields, "why": why}
    said = {
        name: msgspec.to_builtins(getattr(change, name))
        for name in change.__struct_fields__
        if name not in ("ref", "why")
    }
    return {"kind": kind, **said, "why": why}
