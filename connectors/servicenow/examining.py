"""What our account sees of a ServiceNow instance. Rows and columns that it may not read are left
out without a word, so each answer is held against the server's own count; reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

import msgspec

from connectors.base import Finding, PermanentError, Use
from connectors.servicenow.columns import BASE, Columns
from connectors.servicenow.pages import Page
from connectors.servicenow.settings import ServiceNowSettings
from connectors.servicenow.tables import Tables

SOME = 100
"""Tickets looked at."""


class _Table(msgspec.Struct, frozen=True):
    name: str
    why: str
    hidden: str  # what it means when we see nothing there
    needed: bool
    mend: str = "let our account read it by an ACL, or give it the role audit_viewer"


_AROUND = (
    _Table("sys_audit", "histories", "every verdict will be unknown", True),
    _Table("sys_journal_field", "comments", "no response clock can be judged", True),
    _Table("sys_user", "people", "their ids are shown", False, "let our account read it"),
    _Table("sys_user_group", "teams", "their ids are shown", False, "let our account read it"),
    _Table("sys_choice", "labels of states", "codes are shown", False, "let our account read it"),
)


def examine(
    tables: Tables, settings: ServiceNowSettings, columns: Columns, uses: Set[Use]
) -> Iterator[Finding]:
    """Tickets, our columns, the tables around them, and what the account sees too much of."""
    asked = (*BASE, *columns.published)
    page = tables.get(settings.table, settings.query, asked, SOME, counted=True)
    yield _tickets(settings, page)
    if "edit" in uses and columns.published:
        yield _published(columns, page)
    for table in _AROUND:
        if table.name != "sys_journal_field" or settings.comments or columns.published:
            yield _around(tables, table)
    if uses:
        said = "ServiceNow does not tell them without a write; the first pass that writes will show"
        yield Finding("unknown", "rights to write", said)
    yield from _excess(tables)


def _tickets(settings: ServiceNowSettings, page: Page) -> Finding:
    total = page.total or 0
    hidden = min(total, SOME) - len(page.rows)
    if not total:
        mend = "see whether `query` and `table` of the connection are meant so"
        return Finding("warning", f"read {settings.table}", "no ticket matches", mend)
    if hidden > 0:
        said = f"{hidden} of the first {min(total, SOME)} tickets are hidden from our account"
        mend = f"let it read all of {settings.table}, or narrow `query` to what it is about"
        return _closed(not page.rows, f"read {settings.table}", said, mend)
    return Finding("ok", f"read {settings.table}", f"{total} tickets")


def _published(columns: Columns, page: Page) -> Finding:
    there: Set[str] = frozenset().union(*page.rows) if page.rows else frozenset(columns.published)
    off = [name for name in columns.published if name not in there]
    if off:
        said = f"missing or not readable: {', '.join(off)}"
        mend = "make them, and let our account read and write them"
        return Finding("problem", "our columns", said, mend, True)
    return Finding("ok", "our columns", f"{len(columns.published)} of {len(columns.published)}")


def _around(tables: Tables, table: _Table) -> Finding:
    what = f"read {table.name}"
    try:
        page = tables.get(table.name, "", ("sys_id",), 1, counted=True)
    except PermanentError as error:
        return _closed(table.needed, what, f"{error.what}: {table.hidden}", table.mend)
    if page.rows:
        return Finding("ok", what, table.why)
    if page.total:
        said = f"its {page.total} rows are hidden from our account: {table.hidden}"
        return _closed(table.needed, what, said, table.mend)
    return Finding("unknown", what, "there is nothing in it yet")


def _closed(problem: bool, what: str, said: str, mend: str) -> Finding:
    return Finding("problem" if problem else "warning", what, said, mend)


def _excess(tables: Tables) -> Iterator[Finding]:
    """Who sees the roles of others is user_admin or admin."""
    try:
        rows: Sequence[object] = tables.get("sys_user_has_role", "", ("sys_id",), 1).rows
    except PermanentError:
        rows = ()
    if rows:
        said = "sees who has which role: it has user_admin or admin, which nothing here needs"
        yield Finding("warning", "more than needed", said, "take that role away")
