"""Two policies of one rank that promise the same to one ticket: a mistake, shown by that ticket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, islice, product

from sla_engine.conditions import Condition, FieldTest, holds
from sla_engine.model import Value
from sla_engine.presets import CONNECTED
from sla_engine.problems import Problem
from sla_engine.resolving.conditions import fields_of
from sla_engine.terms import FieldTerms, Policy

_MOST_TICKETS = 2_000


def ties(policies: Sequence[Policy], fields: Mapping[str, FieldTerms]) -> Iterator[Problem]:
    """A problem for every pair that cannot be told apart, with a ticket that shows it."""
    for one, other in combinations(policies, 2):
        shared = [c.name for c in one.clocks if c.name in {d.name for d in other.clocks}]
        if one.rank != other.rank or not shared or one.where is None or other.where is None:
            continue
        witness = _witness(one.match, other.match, fields)
        if witness is not None:
            shown = ", ".join(f"{field}: {value}" for field, value in witness.items()) or "any"
            yield Problem(
                other.where,
                f'"{one.name}" and "{other.name}" both promise {shared[0]} to '
                f"{{{shown}}}, with rank {one.rank}",
                f'give one a lower rank (it wins); "{one.name}" is {one.where.file}:'
                f"{one.where.line}",
                "SLA126",
            )


def _witness(
    one: Condition, other: Condition, fields: Mapping[str, FieldTerms]
) -> dict[str, Value] | None:
    """A ticket that both match; None where none is found."""
    tests = [*fields_of(one), *fields_of(other)]
    columns = [[(name, value) for value in values] for name, values in _values(tests).items()]
    for row in islice(product(*columns), _MOST_TICKETS):
        ticket: dict[str, Value] = {name: value for name, value in row if value is not None}
        if _exists(ticket, fields) and holds(one, ticket) and holds(other, ticket):
            return ticket
    return None


def _values(tests: Sequence[FieldTest]) -> dict[str, list[Value]]:
    """The values of each field that these tests can tell apart, and one that none names."""
    found: dict[str, list[Value]] = {}
    for test in tests:
        values = found.setdefault(test.field, [None])
        named = [*test.one_of, *(glob.replace("*", "") or "any" for glob in test.matches)]
        bounds = [b for b in (test.gte, test.gt, test.lte, test.lt) if b is not None]
        numbers = [f"{bound + by:g}" for bound in bounds for by in (-1, 0, 1)]
        values += [value for value in (*named, *numbers) if value not in values]
    for values in found.values():
        values.append("other")
    return found


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
