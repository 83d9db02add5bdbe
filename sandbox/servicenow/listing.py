"""Which rows a query finds, in order, and the page of them that the caller may see."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from sandbox.servicenow.access import may_read
from sandbox.servicenow.values import stamp

if TYPE_CHECKING:
    from sandbox.servicenow.access import Caller
    from sandbox.servicenow.query import Query, Row
    from sandbox.servicenow.state import Desk


class Page(NamedTuple):
    """The rows shown, and how many there are in all, hidden ones included; None: not counted."""

    rows: list[Row]
    total: int | None


class Slice(NamedTuple):
    """Which rows of the result, cut *before* anyone asks whether the caller may read them."""

    offset: int = 0
    limit: int = 10_000
    counted: bool = True


def page(desk: Desk, table: str, query: Query, part: Slice, caller: Caller, now: int) -> Page:
    """Cut first, then hide: a page may be short or empty although readable rows follow."""
    found = _found(desk, table, query, now)
    total = None
    if part.counted:
        everything = list(found)
        found, total = iter(everything), len(everything)
    cut = itertools.islice(found, part.offset, part.offset + part.limit)
    return Page([row for row in cut if may_read(desk, table, row, caller)], total)


def _found(desk: Desk, table: str, query: Query, now: int) -> Iterator[Row]:
    if query.dropped and desk.dials.no_rows_on_invalid_query:
        return iter(())
    rows = _matching(desk, table, query)
    if table != "sys_audit" or not desk.dials.audit_lag:
        return rows
    known = stamp(now - desk.dials.audit_lag)
    return (row for row in rows if row["sys_created_on"] <= known)


def _matching(desk: Desk, table: str, query: Query) -> Iterator[Row]:
    sources = [
        rows.select(branch, query.order) for rows in desk.kin(table) for branch in query.branches
    ]
    if len(sources) == 1 and (sources[0][1] or not query.order):
        return sources[0][0]
    found = {row["sys_id"]: row for rows, _ in sources for row in rows}
    return iter(_sorted(desk, list(found.values()), query))


def _sorted(desk: Desk, rows: list[Row], query: Query) -> list[Row]:
    """By the last ORDERBY first, as sorting is stable; what stays equal has no order at all."""
    if query.order and desk.dials.shuffle_ties:
        salt = desk.next_draw()
        rows.sort(key=lambda row: zlib.crc32(row["sys_id"].encode(), salt))
    for sort in reversed(query.order):
        rows.sort(key=sort.key, reverse=sort.descending)
    return rows
