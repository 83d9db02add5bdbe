"""The operators of encoded queries: from (column, value) to a test of a stored text."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from sandbox.servicenow.values import literal, number, sort_key

if TYPE_CHECKING:
    from sandbox.servicenow.schema import Column

Test = Callable[[str], bool]
Key = tuple[float, str]
Order = Callable[[Key, Key], bool]
Maker = Callable[["Column", str, str], Test | None]
"""(column, value, caller's zone) -> a test; None where the value does not fit the column."""


def _equal(column: Column, value: str, zone: str) -> Test | None:
    wanted = literal(column, value, zone)
    if wanted is None:
        return None
    if column.type == "integer" and (size := number(wanted)) is not None:
        return lambda text: number(text) == size
    return lambda text: text == wanted


def _compare(order: Order, column: Column, value: str, zone: str) -> Test | None:
    """Nothing is more or less than nothing: empty fields and empty values never match."""
    wanted = literal(column, value, zone)
    if wanted is None:
        return None
    limit = sort_key(column, wanted)
    return lambda text: bool(text and wanted) and order(sort_key(column, text), limit)


def _one_of(column: Column, value: str, zone: str) -> Test | None:
    wanted = {literal(column, part.strip(), zone) for part in value.split(",")}
    return lambda text: text in wanted


def _text(test: Callable[[str, str], bool]) -> Maker:
    """LIKE and its kin ignore case, as the databases below do."""

    def make(_column: Column, value: str, _zone: str) -> Test | None:
        wanted = value.casefold()
        return lambda text: test(text.casefold(), wanted)

    return make


def _between(column: Column, value: str, zone: str) -> Test | None:
    low, _, high = value.partition("@")
    above = _compare(operator.ge, column, low, zone)
    below = _compare(operator.le, column, high, zone)
    if above is None or below is None:
        return None
    return lambda text: above(text) and below(text)


def _always(test: Test) -> Maker:
    """An operator without a value."""
    return lambda _column, _value, _zone: test


def _not(make: Maker, column: Column, value: str, zone: str) -> Test | None:
    """Empty fields are unlike any value: `state!=2` finds rows without a state too."""
    test = make(column, value, zone)
    return None if test is None else lambda text: not test(text)


_like = _text(operator.contains)

OPERATORS: Final[Mapping[str, Maker]] = {
    "=": _equal,
    "!=": partial(_not, _equal),
    ">": partial(_compare, operator.gt),
    ">=": partial(_compare, operator.ge),
    "<": partial(_compare, operator.lt),
    "<=": partial(_compare, operator.le),
    "IN": _one_of,
    "NOT IN": partial(_not, _one_of),
    "LIKE": _like,
    "*": _like,
    "NOT LIKE": partial(_not, _like),
    "!*": partial(_not, _like),
    "STARTSWITH": _text(str.startswith),
    "ENDSWITH": _text(str.endswith),
    "%": _text(str.endswith),
    "ISEMPTY": _always(operator.not_),
    "ISNOTEMPTY": _always(bool),
    "EMPTYSTRING": _always(operator.not_),
    "ANYTHING": _always(lambda _: True),
    "BETWEEN": _between,
}

TWO_FIELDS: Final[Mapping[str, Order]] = {
    "SAMEAS": operator.eq,
    "NSAMEAS": operator.ne,
    "GT_FIELD": operator.gt,
    "LT_FIELD": operator.lt,
    "GT_OR_EQUALS_FIELD": operator.ge,
    "LT_OR_EQUALS_FIELD": operator.le,
}
"""These compare with another field of the same row, by how their values sort."""

COMPARISONS: Final = frozenset({"=", "!=", ">", ">=", "<", "<="})
"""These have one value of the column's own type."""

LONGEST_FIRST: Final = tuple(sorted((*OPERATORS, *TWO_FIELDS), key=len, reverse=True))
