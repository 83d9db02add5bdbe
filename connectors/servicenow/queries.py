"""Encoded queries, and whether the rows that came back are what was asked for.

An instance silently drops the parts of a query that it does not understand or that we may not read,
and answers with every row there is. So each filter we send is held against the rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

_CONDITION = re.compile(
    r"(?P<field>[a-z][a-z0-9_.]*)"
    r"(?P<operator>NOT IN|IN(?!STANCEOF)|ISEMPTY|ISNOTEMPTY|STARTSWITH|!=|=|[A-Z<>!*%].*)"
    r"(?P<value>.*)",
    re.DOTALL,
)
_DYNAMIC = ("javascript:", "DYNAMIC")
_TRUTH = {"1": "true", "0": "false"}

Row = Mapping[str, str]


class Position(NamedTuple):
    """A place in the order (sys_updated_on, sys_id); rows after it are still to come."""

    updated_on: str = ""
    sys_id: str = ""


def joined(*parts: str) -> str:
    """Conditions that must all hold."""
    return "^".join(part for part in parts if part)


def one_of(field: str, values: Iterable[str]) -> str:
    """`field` is one of these values; plain ones, for there is no escape for `,` and `^`."""
    return f"{field}IN{','.join(values)}"


def is_plain(value: str) -> bool:
    """Whether a value can stand in an encoded query without becoming part of its grammar."""
    return bool(value) and not re.search(r"[\^,\x00-\x1f]|^javascript:", value)


def after(position: Position) -> str:
    """Rows behind the position. `^OR` binds to the condition before it, so this reads
    updated >= T and (updated > T or sys_id > S): nothing of one second is lost or repeated."""
    at, sys_id = position
    if not at:
        return ""
    if not sys_id:
        return f"sys_updated_on>={at}"
    return f"sys_updated_on>={at}^sys_updated_on>{at}^ORsys_id>{sys_id}"


def fields_of(query: str) -> tuple[str, ...]:
    """The columns that an encoded query names, in the order written."""
    matches = (_CONDITION.match(part) for _, part in _parts(query))
    return tuple(dict.fromkeys(match["field"] for match in matches if match))


def broken_by(query: str, row: Row) -> str:
    """The part of the query that the row surely fails, "" where there is none.

    Only plain comparisons are judged; parts that depend on dates, scripts or display values pass.
    """
    alternatives: list[str] = []
    for joins, part in [*_parts(query), (False, "")]:
        if not joins:
            if alternatives and all(_fails(one, row) for one in alternatives):
                return "^OR".join(alternatives)
            alternatives = []
        alternatives.append(part)
    return ""


def _parts(query: str) -> list[tuple[bool, str]]:
    """(joined by ^OR to the part before, condition)."""
    parts = [part for part in query.split("^") if part]
    return [(p.startswith("OR"), p.removeprefix("OR")) for p in parts]


def _fails(condition: str, row: Row) -> bool:
    match = _CONDITION.match(condition)
    if not match or match["field"] not in row or match["value"].startswith(_DYNAMIC):
        return False
    judge = _JUDGES.get(match["operator"])
    return judge is not None and not judge(_plain(row[match["field"]]), match["value"])


def _plain(value: str) -> str:
    folded = value.casefold()
    return _TRUTH.get(folded, folded)


def _among(found: str, said: str) -> bool:
    return found in {_plain(value.strip()) for value in said.split(",")}


_JUDGES: Mapping[str, Callable[[str, str], bool]] = {
    "=": lambda found, said: found == _plain(said),
    "!=": lambda found, said: found != _plain(said),
    "IN": _among,
    "NOT IN": lambda found, said: not _among(found, said),
    "ISEMPTY": lambda found, _: not found,
    "ISNOTEMPTY": lambda found, _: bool(found),
    "STARTSWITH": lambda found, said: found.startswith(said.casefold()),
}
