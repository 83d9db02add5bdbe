"""Encoded queries: `state=1^ORstate=2^active=true^ORDERBYsys_updated_on`, read and held to rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from sandbox.servicenow.operators import COMPARISONS, LONGEST_FIRST, OPERATORS, TWO_FIELDS
from sandbox.servicenow.schema import Column
from sandbox.servicenow.values import literal, sort_key

Row = Mapping[str, str]
Reader = Callable[[Row], str]


class Field(NamedTuple):
    """The column at the end of a (dot-walked) field name, its table, and how to read it."""

    table: str
    column: Column
    read: Reader


FindField = Callable[[str], Field | None]
"""The field of a name; None where there is no such field."""

_FIELD = re.compile(r"[a-z][a-z0-9_.]*")
_ORDER = re.compile(r"ORDERBY(DESC)?(.*)$")


class Condition(NamedTuple):
    """One `field operator value`; the value is written as stored ones are, where that is sure."""

    field: str
    operator: str
    value: str
    test: Callable[[Row], bool]


Alternatives = tuple[Condition, ...]
"""At least one of these holds (`^OR`)."""
Branch = tuple[Alternatives, ...]
"""All of these hold (`^`)."""


class Sort(NamedTuple):
    """One ORDERBY."""

    field: str
    descending: bool
    key: Callable[[Row], tuple[float, str]]


class Query(NamedTuple):
    """Rows of any branch (`^NQ`), in this order; `dropped` are the parts nobody understood.

    A dropped part is no condition at all: what it was to exclude is found too.
    """

    branches: tuple[Branch, ...] = ((),)
    order: tuple[Sort, ...] = ()
    dropped: tuple[str, ...] = ()

    def matches(self, row: Row) -> bool:
        """Does any branch hold of this row?"""
        return any(holds(branch, row) for branch in self.branches)


def holds(branch: Branch, row: Row) -> bool:
    """Do all conditions of the branch hold of this row?"""
    return all(any(c.test(row) for c in alternatives) for alternatives in branch)


def parse(text: str, find: FindField, zone: str = "UTC") -> Query:
    """Read an encoded query as a default instance does: what is wrong in it is left out.

    There is no escape for `^`; `zone` is the caller's, for `javascript:gs.dateGenerate`.
    """
    reading = _Reading(find, zone)
    for part in text.split("^"):
        if part.startswith("NQ"):
            reading.begin_branch()
        reading.take(part.removeprefix("NQ"))
    return reading.query()


class _Reading:
    """The query read so far."""

    def __init__(self, find: FindField, zone: str) -> None:
        self._find, self._zone = find, zone
        self._branches: list[list[list[Condition]]] = [[]]
        self._order: list[Sort] = []
        self._dropped: list[str] = []
        self._joins = False  # whether an ^OR has a condition to bind to

    def begin_branch(self) -> None:
        self._branches.append([])
        self._joins = False

    def take(self, part: str) -> None:
        if part in {"", "EQ"}:
            return
        if part.startswith("ORDERBY"):
            self._take_order(part)
        else:
            self._take_condition(part.removeprefix("OR"), part.startswith("OR"))

    def _take_order(self, part: str) -> None:
        match = _ORDER.match(part)
        found = self._find(match[2]) if match else None
        if match is None or found is None:
            self._dropped.append(part)
            return
        key = partial(_row_key, found)
        self._order.append(Sort(match[2], bool(match[1]), key))

    def _take_condition(self, part: str, alternative: bool) -> None:
        condition = _condition(part, self._find, self._zone)
        if condition is None:
            self._dropped.append(part)
            self._joins = self._joins and alternative
        elif alternative and self._joins:
            self._branches[-1][-1].append(condition)
        else:
            self._branches[-1].append([condition])
            self._joins = True

    def query(self) -> Query:
        branches = tuple(tuple(map(tuple, branch)) for branch in self._branches)
        return Query(branches, tuple(self._order), tuple(self._dropped))


def _row_key(field: Field, row: Row) -> tuple[float, str]:
    return sort_key(field.column, field.read(row))


def _condition(part: str, find: FindField, zone: str) -> Condition | None:
    name = _FIELD.match(part)
    found = find(name[0]) if name else None
    if name is None or found is None:
        return None
    rest = part[name.end() :]
    operator = next((o for o in LONGEST_FIRST if rest.startswith(o)), None)
    if operator is None:
        return None
    value = rest[len(operator) :]
    test = _test(operator, value, found, find, zone)
    if test is None:
        return None
    if operator in COMPARISONS:
        value = literal(found.column, value, zone) or ""
    return Condition(name[0], operator, value, test)


def _test(
    operator: str, value: str, field: Field, find: FindField, zone: str
) -> Callable[[Row], bool] | None:
    if operator in TWO_FIELDS:
        other, compare = find(value), TWO_FIELDS[operator]
        return (
            None
            if other is None
            else lambda row: compare(_row_key(field, row), _row_key(other, row))
        )
    test, read = OPERATORS[operator](field.column, value, zone), field.read
    return None if test is None else lambda row: test(read(row))
