"""Reading tables: whole pages, and sweeps that miss no row and stop at the right place."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote, urlencode

import msgspec

from connectors.base import PermanentError
from connectors.envelope import Answer
from connectors.http import Client
from connectors.servicenow.errors import TooMuchError, UnknownFieldError
from connectors.servicenow.queries import Position, after, broken_by, joined

Rows = list[dict[str, str]]

FEWEST = 50
"""Rows below which a page is not made smaller any more."""

_log = logging.getLogger("sla.servicenow")


class _Link(msgspec.Struct):
    """A reference as some instances give it although links are excluded."""

    value: str | None = None


_row = msgspec.json.Decoder(dict[str, str | int | float | bool | _Link | None])


class _Reply(msgspec.Struct):
    result: list[msgspec.Raw]


class Page(msgspec.Struct, frozen=True):
    """Rows as they came. `total` is the server's own count of matches, None where not asked;
    `bad` tells of rows that are no rows."""

    rows: Rows
    total: int | None = None
    bad: tuple[str, ...] = ()


class Tables:
    """The Table API for reading, by stored values: UTC, codes, sys_ids. `prepare` gets what
    signing in needs before each request, with its own patience."""

    def __init__(self, client: Client, prepare: Callable[[], None]) -> None:
        self._client, self._prepare = client, prepare

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
        text = urlencode(said, safe=",", quote_via=quote)
        self._prepare()
        return _page(self._client.read("GET", f"/api/now/v2/table/{table}?{text}"), counted)

    def sweep(
        self, table: str, query: str, fields: Sequence[str], start: Position, limit: int
    ) -> Iterator[tuple[Page, Position]]:
        """Every row behind `start` in the order (sys_updated_on, sys_id), page by page, each with
        the position behind it.

        Only an empty page ends it, and only if the server's own count says that no further rows
        stand behind hidden ones. A page that takes the server too long is asked for by halves.
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
            if page.rows:
                _verify(table, query, position, page.rows)
                last = page.rows[-1]
                position = Position(last["sys_updated_on"], last["sys_id"])
                offset, counted = 0, counted or len(page.rows) < limit
                yield page, position
                continue
            if page.bad:
                yield page, position
            total = self._total(table, asked, page)
            offset += limit
            if offset >= total:
                _tell_hidden(table, total - len(page.bad))
                return

    def _total(self, table: str, query: str, page: Page) -> int:
        if page.total is not None:
            return page.total
        return self.get(table, query, ("sys_id",), 1, counted=True).total or 0


def _page(answer: Answer, counted: bool) -> Page:
    rows: Rows = []
    bad: list[str] = []
    for raw in answer.into(_Reply).result:
        try:
            rows.append({name: _text(cell) for name, cell in _row.decode(raw).items()})
        except (msgspec.DecodeError, RecursionError) as error:
            bad.append(str(error)[:200])
    said = answer.headers.get("X-Total-Count", "")
    total = int(said) if counted and said.isascii() and said.isdigit() else None
    return Page(rows, total, tuple(bad))


def _text(cell: str | int | float | bool | _Link | None) -> str:
    match cell:
        case str():
            return cell
        case None:
            return ""
        case _Link(value):
            return value or ""
        case bool():
            return "true" if cell else "false"
    return str(cell)


def _verify(table: str, query: str, position: Position, rows: Rows) -> None:
    """Every row stands behind the position, in order, and fulfils the filter."""
    before = position
    for row in rows:
        here = Position(row.get("sys_updated_on", ""), row.get("sys_id", ""))
        if not all(here):
            raise UnknownFieldError(
                f"ServiceNow gives {table} without sys_id or sys_updated_on",
                (("fix", "let the account read both columns; without them no row is found again"),),
            )
        if here <= before:
            raise PermanentError(
                f"ServiceNow did not keep to the order asked for in {table}",
                (("asked", f"rows behind {before}"), ("got", f"{here}")),
            )
        if part := broken_by(query, row):
            raise filter_dropped(table, part, row)
        before = here


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
