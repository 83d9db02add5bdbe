"""One table's rows with the indexes that the usual questions need."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from sandbox.servicenow.query import Branch, Row, Sort, holds

if TYPE_CHECKING:
    from sandbox.servicenow.query import Condition

KEYS: Final = frozenset(
    (
        "sys_id",
        "number",
        "documentkey",
        "element_id",
        "task",
        "user_name",
        "email",
        "name",
        "element",
    )
)
"""Columns found by equality (`=`, `IN`)."""
RANGES: Final = frozenset({"sys_id", "sys_updated_on", "sys_created_on"})
"""Columns walked in order by readers that page through everything."""
_LAST: Final = "\U0010ffff"


class Rows:
    """Rows by sys_id. A row is never changed in place: put a new one."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._keyed: dict[str, dict[str, dict[str, None]]] = {}
        self._ranged: dict[str, list[tuple[str, str]]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def get(self, sys_id: str) -> Row | None:
        return self._rows.get(sys_id)

    def fill(self, rows: Iterable[Row]) -> None:
        """Put many rows; indexes are made when first asked for."""
        self._rows.update((row["sys_id"], row) for row in rows)
        self._keyed.clear()
        self._ranged.clear()

    def put(self, row: Row) -> None:
        """Add a row or replace the one with its sys_id."""
        self.drop(row["sys_id"], keep_place=True)
        self._rows[row["sys_id"]] = row
        for column, index in self._keyed.items():
            index.setdefault(row.get(column, ""), {})[row["sys_id"]] = None
        for column, ordered in self._ranged.items():
            insort(ordered, (row.get(column, ""), row["sys_id"]))

    def drop(self, sys_id: str, keep_place: bool = False) -> None:
        """Forget a row; nothing happens where there is none."""
        row = self._rows.get(sys_id)
        if row is None:
            return
        for column, index in self._keyed.items():
            index[row.get(column, "")].pop(sys_id)
        for column, ordered in self._ranged.items():
            del ordered[bisect_left(ordered, (row.get(column, ""), sys_id))]
        if not keep_place:
            del self._rows[sys_id]

    def select(self, branch: Branch, order: tuple[Sort, ...]) -> tuple[Iterator[Row], bool]:
        """The rows of a branch, lazily, and whether they already come in the order asked for."""
        keyed = self._by_key(branch)
        if keyed is not None:
            return (row for row in keyed if holds(branch, row)), False
        column = order[0].field if order and not order[0].descending else ""
        if column not in RANGES or not _is_total(order):
            return (row for row in self._rows.values() if holds(branch, row)), False
        return (row for row in self._in_range(column, branch) if holds(branch, row)), True

    def where(self, column: str, value: str) -> list[Row]:
        """The rows whose key column has this value, in the order of their coming."""
        return [self._rows[sys_id] for sys_id in self._index(column).get(value, ())]

    def _by_key(self, branch: Branch) -> list[Row] | None:
        for condition in _alone(branch):
            if condition.field in KEYS and condition.operator in {"=", "IN"}:
                values = condition.value.split(",") if condition.operator == "IN" else None
                wanted = dict.fromkeys(v.strip() for v in values or [condition.value])
                return [row for value in wanted for row in self.where(condition.field, value)]
        return None

    def _in_range(self, column: str, branch: Branch) -> Iterator[Row]:
        ordered = self._order(column)
        low, high = 0, len(ordered)
        for condition in _alone(branch):
            if condition.field != column:
                continue
            if condition.operator in {">", ">=", "="}:
                low = max(low, _first(ordered, condition))
            if condition.operator in {"<", "<=", "="}:
                high = min(high, bisect_right(ordered, (condition.value, _LAST)))
        return (self._rows[ordered[at][1]] for at in range(low, high))

    def _index(self, column: str) -> dict[str, dict[str, None]]:
        if column not in self._keyed:
            index: dict[str, dict[str, None]] = {}
            for sys_id, row in self._rows.items():
                index.setdefault(row.get(column, ""), {})[sys_id] = None
            self._keyed[column] = index
        return self._keyed[column]

    def _order(self, column: str) -> list[tuple[str, str]]:
        if column not in self._ranged:
            self._ranged[column] = sorted(
                (row.get(column, ""), sys_id) for sys_id, row in self._rows.items()
            )
        return self._ranged[column]


def _alone(branch: Branch) -> Iterator[Condition]:
    """The conditions that must hold by themselves (bound to no ^OR)."""
    return (alternatives[0] for alternatives in branch if len(alternatives) == 1)


def _is_total(order: tuple[Sort, ...]) -> bool:
    """Is this `X` and then sys_id, both upward: the order that the indexes keep?"""
    fields = [(sort.field, sort.descending) for sort in order]
    return fields[-1] == ("sys_id", False) and len(fields) <= 2


def _first(ordered: list[tuple[str, str]], condition: Condition) -> int:
    tie = _LAST if condition.operator == ">" else ""
    return bisect_left(ordered, (condition.value, tie))
