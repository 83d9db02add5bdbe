"""The targets of a policy as one table: a row for all tickets that are promised the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from sla_engine.model import Value
    from sla_engine.terms import Choice

T = TypeVar("T")

Row = tuple[tuple[str, ...], tuple[str, ...]]
"""The values of the fields (`ANY` for all that have no row), and what each choice promises."""

ANY = ""


def rows(
    choices: Sequence[Choice[T]], say: Callable[[T | None], str]
) -> tuple[tuple[str, ...], list[Row]]:
    """The fields that choose, outermost first, and a row for each of their values that is promised
    something of its own. Fields that change nothing are left out."""
    fields = tuple(dict.fromkeys(field for choice in choices for field in fields_of(choice)))
    values = {field: _values(choices, field) for field in fields}
    table = _rows(choices, say, fields, values, {})
    useful = [number for number in range(len(fields)) if any(row[0][number] for row in table)]
    kept = [(tuple(row[0][number] for number in useful), row[1]) for row in table]
    return tuple(fields[number] for number in useful), kept


def fields_of(choice: Choice[T]) -> Iterator[str]:
    """Every field that a choice asks for."""
    yield from choice.by[:1]
    for row in choice.rows.values():
        yield from fields_of(row)


def _values(choices: Sequence[Choice[T]], field: str) -> tuple[str, ...]:
    """In the order of whoever names most of them: P1 before P2 though one row has P2 alone."""
    named = sorted((row for one in choices for row in _named(one, field)), key=len, reverse=True)
    return tuple(dict.fromkeys(value for row in named for value in row))


def _named(choice: Choice[T], field: str) -> Iterator[tuple[str, ...]]:
    if choice.by[:1] == (field,):
        yield tuple(choice.rows)
    for row in choice.rows.values():
        yield from _named(row, field)


def _rows(
    choices: Sequence[Choice[T]],
    say: Callable[[T | None], str],
    fields: tuple[str, ...],
    values: dict[str, tuple[str, ...]],
    given: dict[str, Value],
) -> list[Row]:
    """Rows of the inner fields; a value whose rows are those of all others has none of its own."""
    if not fields:
        return [((), tuple(say(choice.pick(given)) for choice in choices))]
    field, inner = fields[0], fields[1:]
    others = _rows(choices, say, inner, values, given)
    table: list[Row] = []
    for value in values[field]:
        own = _rows(choices, say, inner, values, {**given, field: value})
        if own != others:
            table += [((value, *row[0]), row[1]) for row in own]
    return table + [((ANY, *row[0]), row[1]) for row in others]
