"""Condition maps over the fields of a ticket as of an instant: facts, not programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase

import msgspec

from sla_engine.model import Value
from sla_engine.units import Millis


class FieldTest(msgspec.Struct, frozen=True):
    """True where the field's value passes every given test; a field without value passes `absent`.

    `one_of` compares whole texts (a list value passes if any member does), `matches` is a glob,
    `gte`, `gt`, `lte`, `lt` compare numbers, `is_set` asks whether there is a value at all,
    `negated` turns the whole answer round.
    """

    field: str
    one_of: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()
    gte: float | None = None
    gt: float | None = None
    lte: float | None = None
    lt: float | None = None
    is_set: bool | None = None
    negated: bool = False


class EventTest(msgspec.Struct, frozen=True):
    """True in the step in which it happens, never after.

    `comment` with `visibility` ("public", "internal", "" for either) and `by`: kinds of actor or
    "requester"; empty `by` is any person, never a bot or ourselves. `assigned`: the ticket got a
    person. `changed`: the field `field` changed. `linked`: a ticket came to the case by the link
    `field` ("" for any). `touched`: the team that was given the ticket did something to it.
    A change `within` a time is true for that long after it; only a ladder's step asks that.
    """

    kind: str  # "comment" | "assigned" | "changed" | "linked" | "touched"
    visibility: str = ""
    by: tuple[str, ...] = ()
    field: str = ""
    within: Millis | None = None


class All(msgspec.Struct, frozen=True):
    parts: tuple[Condition, ...]


class Some(msgspec.Struct, frozen=True):
    parts: tuple[Condition, ...]


class Not(msgspec.Struct, frozen=True):
    part: Condition


Condition = FieldTest | EventTest | All | Some | Not

ALWAYS = All(())
NEVER = Some(())


def passes(test: FieldTest, value: Value) -> bool:
    """Whether one value passes the test."""
    values = () if value is None else (value,) if isinstance(value, str) else value
    return _plain(test, values) != test.negated


def _plain(test: FieldTest, values: tuple[str, ...]) -> bool:
    if test.is_set is not None and bool(values) != test.is_set:
        return False
    if test.one_of and not any(value in test.one_of for value in values):
        return False
    if test.matches and not any(fnmatchcase(v, glob) for v in values for glob in test.matches):
        return False
    return all(
        limit is None or any(_compare(value, limit, holds) for value in values)
        for limit, holds in (
            (test.gte, float.__ge__),
            (test.gt, float.__gt__),
            (test.lte, float.__le__),
            (test.lt, float.__lt__),
        )
    )


def _compare(value: str, limit: float, holds: Callable[[float, float], bool]) -> bool:
    try:
        return holds(float(value), float(limit))
    except ValueError:
        return False


def holds(
    condition: Condition,
    fields: Mapping[str, Value],
    happened: Callable[[EventTest], bool] = lambda _: False,
) -> bool:
    """Whether the condition is true of these fields; `happened` answers for events."""
    match condition:
        case FieldTest():
            return passes(condition, fields.get(condition.field))
        case EventTest():
            return happened(condition)
        case All(parts):
            return all(holds(part, fields, happened) for part in parts)
        case Some(parts):
            return any(holds(part, fields, happened) for part in parts)
        case Not(part):
            return not holds(part, fields, happened)


def atoms(*conditions: Condition) -> Iterator[FieldTest | EventTest]:
    """Every single test in conditions, in the order written."""
    for condition in conditions:
        match condition:
            case All(parts) | Some(parts):
                yield from atoms(*parts)
            case Not(part):
                yield from atoms(part)
            case _:
                yield condition
