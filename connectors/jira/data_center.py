"""Reading Jira Data Center: search gives issues whole, histories and comments and all.

The walk goes by the time of change and never by a deep `startAt`: rows that change while we page
would push others over a page's edge, and the newer search platform ends at 10,000 rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from functools import partial
from typing import NamedTuple

import msgspec

from connectors.base import ForbiddenError
from connectors.envelope import StatusError
from connectors.http import Client
from connectors.jira.cursor import BEGINNING, Cursor
from connectors.jira.fields import Plan
from connectors.jira.journal import Whole
from connectors.jira.reading import (
    PORTION,
    Guard,
    Portion,
    Rows,
    census_jql,
    comments_of,
    hole_in,
    search_jql,
)
from connectors.jira.wire import HistoryPage, Issue, SearchPage
from sla_engine.units import Instant

API = "/rest/api/2"
PAGE, ID_PAGE = 100, 1000


class Ask(NamedTuple):
    """A search in the order of `stamp`, a field of instants: `jql` from one of them on."""

    jql: Callable[[Instant], str]
    fields: tuple[str, ...]
    stamp: str
    size: int
    expand: tuple[str, ...] = ()


class DataCenterReader:
    """Reads issues whole. `scope` is the JQL of what the connection is about."""

    def __init__(self, client: Client, scope: str, plan: Plan, comments: bool) -> None:
        self._client, self._scope = client, scope
        self._began: Instant | None = None
        self._fields = [*plan.asked, *(["comment"] if comments else [])]

    def changed(self, cursor: Cursor, low: Instant) -> Iterator[Portion]:
        self._began = None
        rows = Rows()
        jql = partial(search_jql, self._scope)
        whole = Ask(jql, tuple(self._fields), "updated", PAGE, ("changelog",))
        for page in self._pages(low, whole):
            if len(rows.issues) >= PORTION:
                yield _portion(rows, cursor, self._began, over=False)
                rows = Rows()
            rows.add(page.issues)
        yield _portion(rows, cursor, self._began)

    def by_ids(self, ids: Sequence[str]) -> tuple[Portion, ...]:
        rows = Rows()
        for identity in ids:
            if (raw := self._one(identity, self._fields, "changelog")) is not None:
                rows.add([raw])
        return (_portion(rows, None, None, from_index=False),)

    def there(self, ids: Sequence[str]) -> Set[str]:
        return {one for one in ids if self._one(one, ["status"], "") is not None}

    def ids(self, since: Instant) -> Iterator[Sequence[str]]:
        made = Ask(partial(census_jql, self._scope, since), ("created",), "created", ID_PAGE)
        for page in self._pages(BEGINNING, made):
            rows = Rows()
            rows.add(page.issues)
            yield list(rows.issues)

    def _one(self, identity: str, fields: Sequence[str], expand: str) -> msgspec.Raw | None:
        """An issue's record; None where it is gone or hidden."""
        params = {"fields": ",".join(fields), **({"expand": expand} if expand else {})}
        try:
            answer = self._client.read("GET", f"{API}/issue/{identity}", params=params)
        except ForbiddenError:
            return None
        except StatusError as error:
            if error.status in (404, 410):
                return None
            raise
        return answer.into(msgspec.Raw)

    def _pages(self, low: Instant, ask: Ask) -> Iterator[SearchPage]:
        """Pages by keyset: each search begins at the last row's time, or, where a whole page
        brought nothing new (so many rows share that time, or minute), further on within it."""
        met: set[tuple[str, Instant | None]] = set()
        start = 0
        guard = Guard()
        while True:
            guard.check(f"{low} {start}")
            page = self._search(low, start, ask)
            yield page
            got = len(page.issues)
            if not got or start + got >= (page.total or 0):
                return
            rows = Rows()
            rows.add(page.issues)
            stamps = rows.stamps(ask.stamp)
            new = {(identity, stamps.get(identity)) for identity in rows.issues} - met
            met |= new
            last = max(stamps.values(), default=low)
            low, start = (last, 0) if new and last > low else (low, start + got)

    def _search(self, low: Instant, start: int, ask: Ask) -> SearchPage:
        body = {
            "jql": ask.jql(low),
            "startAt": start,
            "maxResults": ask.size,
            "fields": list(ask.fields),
            "expand": list(ask.expand),
        }
        answer = self._client.read("POST", f"{API}/search", body=body)
        self._began = self._began or self._client.server_time
        return answer.into(SearchPage)


def _portion(
    rows: Rows,
    seen: Cursor | None,
    began: Instant | None,
    *,
    over: bool = True,
    from_index: bool = True,
) -> Portion:
    updated = rows.updated()
    known = seen.seen if seen else {}
    wholes = [
        _whole(issue, rows, from_index)
        for issue in rows.issues.values()
        if issue.id not in updated or known.get(issue.id) != updated[issue.id]
    ]
    return Portion(
        tuple(whole for whole in wholes if whole is not None),
        updated,
        tuple(rows.unreadable.items()),
        None if over else max(updated.values(), default=None),
        began,
    )


def _whole(issue: Issue, rows: Rows, from_index: bool) -> Whole | None:
    try:
        comments = comments_of(issue)
    except msgspec.ValidationError as error:
        rows.refuse(issue.key or issue.id, str(error))
        return None
    log = issue.changelog or HistoryPage()
    hole = hole_in("history entries", log.total, len(log.histories)) or hole_in(
        "comments", comments.total, len(comments.comments)
    )
    return Whole(issue, log.histories, comments.comments, hole, from_index)
