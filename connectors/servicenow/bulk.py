"""Rows that belong to many records, by lists of ids: few requests, and known to be complete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from connectors.base import PermanentError
from connectors.envelope import StatusError
from connectors.servicenow.errors import TooMuchError
from connectors.servicenow.pages import Page, Rows
from connectors.servicenow.queries import joined, one_of
from connectors.servicenow.tables import Tables, filter_dropped

IDS = 200
"""Ids in one query: 33 characters each keep the URL under 8 kB, where proxies begin to refuse."""
MOST = 10_000
"""Rows asked for at once; a base instance gives no more than that unasked."""


class Ask(NamedTuple):
    """Rows of `table` whose `column` is one of some ids and which fulfil `query`."""

    table: str
    column: str
    fields: tuple[str, ...]
    query: str = ""


class Found(msgspec.Struct):
    """The rows, and for each id of which some are hidden from us, how many."""

    rows: Rows = msgspec.field(default_factory=list)
    hidden: dict[str, int] = msgspec.field(default_factory=dict)


def of_ids(tables: Tables, ask: Ask, ids: Sequence[str]) -> Found:
    """All rows of these ids, in no order that could be relied on.

    An answer is whole when it has as many rows as the server counted. When it has not, or was too
    much for one request, the ids are asked for by halves, down to the one with the hidden rows.
    """
    found = Found()
    waiting = _together(tables, ask, ids)
    while waiting:
        some, page = waiting.pop()
        page = _fitting(ask, some, page or _attempt(tables, ask, some))
        if page is None or _is_partial(page, some):
            middle = len(some) // 2
            waiting += [(some[:middle], None), (some[middle:], None)]
        elif page.total is None or (page.rows and len(page.rows) < page.total):
            _walk(tables, ask, some, found)
        else:
            found.rows += page.rows
            if hidden := page.total - len(page.rows):
                found.hidden |= dict.fromkeys(some, hidden)
    return found


def _together(
    tables: Tables, ask: Ask, ids: Sequence[str]
) -> list[tuple[Sequence[str], Page | None]]:
    """Each part of the ids with its answer, None where it must be asked for alone."""
    parts = [ids[start : start + IDS] for start in range(0, len(ids), IDS)]
    queries = [joined(ask.query, one_of(ask.column, part)) for part in parts]
    pages = tables.get_many(ask.table, queries, ask.fields, MOST)
    return list(zip(parts, pages, strict=True))


def _is_partial(page: Page, ids: Sequence[str]) -> bool:
    """Whether some rows came and some did not. Where none came it is the table that is closed."""
    return len(ids) > 1 and bool(page.rows) and len(page.rows) < (page.total or 0)


def _attempt(tables: Tables, ask: Ask, ids: Sequence[str]) -> Page | None:
    """One answer for all the ids; None where that is too much for one request."""
    query = joined(ask.query, one_of(ask.column, ids))
    try:
        return tables.get(ask.table, query, ask.fields, MOST, counted=True)
    except (TooMuchError, StatusError) as error:
        if len(ids) > 1 and _is_too_long(error):
            return None
        raise


def _fitting(ask: Ask, ids: Sequence[str], page: Page | None) -> Page | None:
    """The page, proved to be about these ids alone."""
    wanted = frozenset(ids)
    for row in page.rows if page else ():
        if row.get(ask.column) not in wanted:
            raise filter_dropped(ask.table, f"{ask.column}IN...", row)
    return page


def _is_too_long(error: PermanentError) -> bool:
    """Whether fewer ids may help: a time-out, 414, or the 400 about the pagination header."""
    if isinstance(error, StatusError):
        return error.status == 414 or "too long" in error.said.lower()
    return True


def _walk(tables: Tables, ask: Ask, ids: Sequence[str], found: Found) -> None:
    """Page by page along sys_id until one is empty: where the server does not count, and for the
    one record that has very many rows, or hidden ones."""
    last, seen, total = "", 0, None
    while True:
        behind = f"sys_id>{last}" if last else ""
        query = joined(ask.query, one_of(ask.column, ids), behind, "ORDERBYsys_id")
        page = tables.get(ask.table, query, ask.fields, MOST, counted=not last)
        total = total if last else page.total
        if not page.rows:
            break
        if page.rows[0].get("sys_id", "") <= last:
            raise filter_dropped(ask.table, behind or "sys_id", page.rows[0])
        found.rows += page.rows
        seen, last = seen + len(page.rows), page.rows[-1]["sys_id"]
    if total is not None and total > seen:
        found.hidden |= dict.fromkeys(ids, total - seen)
