"""What a column makes of a text: stored form, comparable form, displayed form."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from sandbox.servicenow.schema import Column

DATE_TYPES: Final = frozenset({"glide_date_time", "due_date", "glide_duration"})
_STAMP = "%Y-%m-%d %H:%M:%S"
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?$")
_GENERATED = re.compile(r"javascript:gs\.dateGenerate\('([\d-]+)','([\d:]+)'\)$")
_TRUE = frozenset({"true", "1", "yes", "on"})


def stamp(ms: int) -> str:
    """Epoch milliseconds as the server writes instants: UTC, whole seconds, rounded down."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime(_STAMP)


def instant(text: str, zone: str = "UTC") -> int | None:
    """The epoch milliseconds of "yyyy-MM-dd HH:mm:ss" in a zone; a bare date is its midnight."""
    if not _DATE_TIME.match(text):
        return None
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        return None
    return int(local.timestamp()) * 1000


def text_of(value: object) -> str:
    """A JSON value as the server reads it into a field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def stored(column: Column, text: str, zone: str = "UTC") -> str:
    """The stored form; "" where the text is none of the type, as a field set to rubbish ends up."""
    if column.type == "integer":
        return str(int(text)) if re.fullmatch(r"-?\d+", text.strip()) else ""
    if column.type == "boolean":
        return "true" if text.lower() in _TRUE else "false"
    if column.type in DATE_TYPES:
        ms = instant(text, zone)
        return "" if ms is None else stamp(ms)
    return text[: column.length] if column.length else text


def literal(column: Column, text: str, zone: str) -> str | None:
    """A query's value as stored values compare to it; None where the value is no such thing.

    Plain date-times are UTC, `javascript:gs.dateGenerate` is in the caller's zone; NULL is empty.
    """
    if text == "NULL":
        return ""
    if column.type in DATE_TYPES and text:
        generated = _GENERATED.match(text)
        ms = instant(f"{generated[1]} {generated[2]}", zone) if generated else instant(text)
        return None if ms is None else stamp(ms)
    if column.type == "boolean":
        return "true" if text.lower() in _TRUE else "false"
    if column.type == "integer":
        return text if re.fullmatch(r"-?\d*", text) else None
    return text


def number(text: str) -> float | None:
    """The number a text is; None where it is none (an empty field)."""
    try:
        return float(text)
    except ValueError:
        return None


def sort_key(column: Column, text: str) -> tuple[float, str]:
    """Where a stored value sorts: numbers by size, texts by letter, empty ones first."""
    if column.type in {"integer", "decimal"}:
        value = number(text)
        return (float("-inf") if value is None else value, "")
    return (0.0, text.casefold() if column.type == "string" else text)


def displayed(column: Column, text: str, zone: str) -> str:
    """A stored value as a person of that zone sees it, where no other row need be read."""
    if column.type == "due_date" and not text:
        return "UNKNOWN"
    if column.type in {"glide_date_time", "due_date"} and text:
        ms = instant(text)
        assert ms is not None, f"{column.name} holds {text!r}"
        return datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)).strftime(_STAMP)
    return text
