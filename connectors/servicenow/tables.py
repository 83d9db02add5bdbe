"""Reading tables: whole pages, and sweeps that miss no row and stop at the right place."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote, urlencode

from connectors.base import PermanentError
from connectors.http import Client
from connectors.servicenow.batches import Batches
from connectors.servicenow.errors import TooMuchError, UnknownFieldError
from connectors.servicenow.pages import Page, Rows, page_of
from connectors.servicenow.queries import Position, after, broken_by, joined
from connectors.servicenow.stamps import is_stamp

FEWEST = 50
"""Rows below which a page is not made smaller any more."""

_log = logging.getLogger("sla.servicenow")


class Tables:
    """The Table API for reading, by stored values: UTC, codes, sys_ids. `prepare` gets what
    signing in needs before each request, with its own patience."""

    def __init__(self, client: Client, prepare: Callable[[], None], batches: Batches) -> None:
        self._client, self._prepare, self._batches = client, prepare, batches

    def get(
        self,
        table: str,
        query: str,
        fields: Sequence[str],
        limit: int,
        *,
        offset: int = 0,
        counted: bool = False,
        display: bool = False,
    ) -> Page:
        """One page. Hidden rows are cut out of it after the limit: a short one proves nothing."""
        path = _path(table, query, fields, limit, offset, counted, display)
        self._prepare()
        return page_of(self._client.read("GET", path), counted)

    def get_many(
        self, table: str, queries: Sequence[str], fields: Sequence[str], limit: int
    ) -> list[Page | None]:
        """A counted page for each query, in few round trips; None where it must be asked alone."""
        paths = [_path(table, query, fields, limit, 0, True, False) for query in queries]
        self._prepare()
        answers = self._batches.get(paths)
        return [None if answer is None else page_of(answer, True) for answer in answers]

    def sweep(
        self, table: str, query: str, fields: Sequence[str], start: Position, limit: int
    ) -> Iterator[tuple[Page, Position]]:
        """Every row behind `start` in the order (sys_updated_on, sys_id), page by page, each with
        the position behind it.

        Only an empty page ends it, and only if the server's own count says that no further rows
        stand behind hidden ones. A page that takes the server too long is asked for by halves.
        Rows whose sys_updated_on is no time have no place in the order: they are in their page,
        and move nothing.
        """
        # To count is dear where there is much to come, and cheap when only changes are asked for.
        position, offset, counted = start, 0, bool(start.updated_on)
        while True:
            asked = joined(query, after(position), "ORDERBYsys_updated_on^ORDERBYsys_id")
            try:
                page = self.get(table, asked, fields, limit, offset=offset, counted=counted)
            except TooMuchError:
                if limit <= FEWEST:
                    raise
                limit = max(FEWEST, limit // 2)
                continue
            before, position = position, _verified(table, query, position, page.rows)
            if page.rows or page.bad:
                yield page, position
            if position != before:
                offset, counted = 0, counted or len(page.rows) < limit
                continue
            total = self._total(table, asked, page)
            offset += limit
            if offset >= total:
                _tell_hidden(table, total - len(page.rows) - len(page.bad))
                return

    def _total(self, table: str, query: str, page: Page) -> int:
        if page.total is not None:
            return page.total
        return self.get(table, query, ("sys_id",), 1, counted=True).total or 0


def _path(
    table: str,
    query: str,
    fields: Sequence[str],
    limit: int,
    offset: int,
    counted: bool,
    display: bool,
) -> str:
    params = {
        "sysparm_query": query,
        "sysparm_fields": ",".join(dict.fromkeys(fields)),
        "sysparm_limit": limit,
        "sysparm_offset": offset,
        "sysparm_display_value": "true" if display else "false",
        "sysparm_exclude_reference_link": "true",
        "sysparm_no_count": "false" if counted else "true",
        "sysparm_suppress_pagination_header": "true",
    }
    said = {key: value for key, value in params.items() if value not in ("", 0)}
    # Commas stay as they are: as %2C they would make a list of ids a tenth longer.
    return f"/api/now/v2/table/{table}?{urlencode(said, safe=',', quote_via=quote)}"


def _verified(table: str, query: str, position: Position, rows: Rows) -> Position:
    """The position behind the rows. Each stands behind the one before, and fulfils the filter."""
    before = position
    for row in rows:
        # Columns that may not be read are missing; an empty or odd value is that of its row alone.
        if not row.get("sys_id") or "sys_updated_on" not in row:
            raise UnknownFieldError(
                f"ServiceNow gives {table} without sys_id or sys_updated_on",
                (("fix", "let the account read both columns; without them no row is found again"),),
            )
        here = Position(row["sys_updated_on"], row["sys_id"])
        placed = is_stamp(here.updated_on)
        if placed and here <= before:
            raise PermanentError(
                f"ServiceNow did not keep to the order asked for in {table}",
                (("asked", f"rows behind {before}"), ("got", f"{here}")),
            )
        if part := broken_by(query, row):
            raise filter_dropped(table, part, row)
        before = here if placed else before
    return before


def filter_dropped(table: str, part: str, row: dict[str, str]) -> UnknownFieldError:
    """A row came back that the filter excludes: that part of it was dropped."""
    got = row.get("number") or row.get("sys_id", "a row without sys_id")
    return UnknownFieldError(
        f'ServiceNow did not apply the filter "{part}" to {table}: it gave {got}',
        (
            ("likely", "the field does not exist or may not be read; ServiceNow then ignores it"),
            ("fix", "mend `query` of this connection in service.yaml"),
            ("effect", "nothing of this answer was used"),
        ),
    )


def _tell_hidden(table: str, hidden: int) -> None:
    if hidden > 0:
        _log.warning("%d rows of %s at the end are hidden from our account", hidden, table)
