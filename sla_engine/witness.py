"""Tickets that show something: conditions inverted, by trying every value they can tell apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, islice, product
from math import prod

from sla_engine.conditions import All, Condition, EventTest, FieldTest, Not, Some, atoms, holds
from sla_engine.model import Value
from sla_engine.presets import CONNECTED, FIELDS
from sla_engine.terms import FieldTerms

MOST = 4_000
"""Tickets that are tried; where conditions tell more apart, the search proves nothing."""

_SEVERAL = frozenset(("labels", "components"))

Made = dict[str, Value]
"""A made-up ticket: its fields."""


def tickets(
    conditions: Sequence[Condition], fields: Mapping[str, FieldTerms], most: int = MOST
) -> Iterator[Made]:
    """Every ticket that these conditions can tell from another and that some system could have,
    the plainest first; at most `most` are looked at."""
    columns = [[(name, value) for value in values] for name, values in _values(conditions).items()]
    for row in islice(product(*columns), most):
        ticket: Made = {name: value for name, value in row if value is not None}
        if _exists(ticket, fields):
            yield ticket


def all_of_them(conditions: Sequence[Condition]) -> bool:
    """Whether `tickets` comes to its end, so that what it does not show is not there."""
    return prod(len(values) for values in _values(conditions).values()) <= MOST


def may_hold(condition: Condition, ticket: Mapping[str, Value]) -> bool:
    """Whether the condition can be true of these fields, whatever happens in that moment."""
    match condition:
        case EventTest():
            return True
        case All(parts):
            return all(may_hold(part, ticket) for part in parts)
        case Some(parts):
            return any(may_hold(part, ticket) for part in parts)
        case Not(part):
            return not _must_hold(part, ticket)
    return holds(condition, ticket)


def _must_hold(condition: Condition, ticket: Mapping[str, Value]) -> bool:
    match condition:
        case EventTest():
            return False
        case All(parts):
            return all(_must_hold(part, ticket) for part in parts)
        case Some(parts):
            return any(_must_hold(part, ticket) for part in parts)
        case Not(part):
            return not may_hold(part, ticket)
    return holds(condition, ticket)


def shown(ticket: Mapping[str, Value]) -> str:
    """`{priority: P1, project: SUP}`, as policies write it; `any ticket` where nothing is asked."""
    said = (
        f"{name}: {value if isinstance(value, str) else '[' + ', '.join(value or ()) + ']'}"
        for name, value in ticket.items()
    )
    return f"{{{', '.join(said)}}}" if ticket else "any ticket"


def _values(conditions: Sequence[Condition]) -> dict[str, list[Value]]:
    """The values of each field that these conditions can tell apart: none, those named, one that
    nobody names, and of fields with several values every two of them and all."""
    found: dict[str, list[Value]] = {}
    for test in atoms(*conditions):
        if isinstance(test, FieldTest):
            values = found.setdefault(test.field, [None])
            values += [value for value in _named(test) if value not in values]
    for name, values in found.items():
        plain = [*(value for value in values if isinstance(value, str)), "other"]
        values.append("other")
        if name in _SEVERAL or name not in FIELDS:
            values += dict.fromkeys([*combinations(plain, 2), tuple(plain)])
    return found


def _named(test: FieldTest) -> list[str]:
    bounds = [b for b in (test.gte, test.gt, test.lte, test.lt) if b is not None]
    return [
        *test.one_of,
        *(glob.replace("*", "") or "any" for glob in test.matches),
        *(f"{bound + by:g}" for bound in bounds for by in (-1, 0, 1)),
    ]


def _exists(ticket: Mapping[str, Value], fields: Mapping[str, FieldTerms]) -> bool:
    """Whether some system has tickets with all of these fields."""
    said = ticket.get("system")
    return any(
        (said is None or said == system)
        and all(_kept(name, system, fields) for name in ticket)
        and (system == "servicenow" or "table" not in ticket)
        for system in ("jira", "servicenow")
    ) or said in ("event_log", "memory")


def _kept(name: str, system: str, fields: Mapping[str, FieldTerms]) -> bool:
    field = fields.get(name)
    return name in CONNECTED or field is None or not field.sources or system in field.sources
