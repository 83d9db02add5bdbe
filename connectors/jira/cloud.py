"""Reading Jira Cloud: search, issue/bulkfetch and changelog/bulkfetch, as few calls as can be.

With comments an issue comes whole from search, a hundred a page: nothing else gives the comments of
many issues, and a page shows at one call which issues of the overlap have changed at all. Without
comments 5,000 ids come a page, and a thousand issues a bulk request. A thousand changed issues thus
cost 11 calls with comments and 3 without, an idle pull 1, or 2 without comments while the overlap
holds issues, which have to be asked for their `updated`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from functools import partial

import msgspec

from connectors.envelope import StatusError
from connectors.http import Client
from connectors.jira.cursor import Cursor
from connectors.jira.fields import Plan
from connectors.jira.histories import Histories
from connectors.jira.journal import Whole
from connectors.jira.reading import (
    PORTION,
    Guard,
    Portion,
    Rows,
    census_jql,
    comments_of,
    hole_in,
    parts,
    search_jql,
)
from connectors.jira.wire import (
    BulkPage,
    Comment,
    CommentPage,
    History,
    Issue,
    IssueError,
    SearchPage,
)
from sla_engine.units import Instant

API = "/rest/api/3"
SEARCH_PAGE, ID_PAGE, COMMENT_PAGE = 100, 5000, 100
MOST_SEVERAL = 100
"""Issues that bulkfetch takes if a field holds several values, and on older sites ever."""


class CloudReader:
    """Reads issues whole. `scope` is the JQL of what the connection is about."""

    def __init__(self, client: Client, scope: str, plan: Plan, comments: bool) -> None:
        self._client, self._scope, self._plan = client, scope, plan
        self._histories = Histories(client, f"{API}/changelog/bulkfetch", plan.history_ids)
        self._comments = comments
        self._bulk = PORTION
        self._began: Instant | None = None

    def changed(self, cursor: Cursor, low: Instant) -> Iterator[Portion]:
        self._began = None
        jql = search_jql(self._scope, low)
        return self._by_search(jql, cursor) if self._comments else self._by_bulk(jql, cursor)

    def by_ids(self, ids: Sequence[str]) -> tuple[Portion, ...]:
        size = MOST_SEVERAL if self._comments else self._bulk
        return tuple(
            self._whole(self._fetched(part), from_index=False) for part in parts(ids, size)
        )

    def there(self, ids: Sequence[str]) -> Set[str]:
        rows = Rows()
        for part in parts(ids, MOST_SEVERAL):
            body = {"issueIdsOrKeys": list(part), "fields": ["id"]}
            answer = self._client.read("POST", f"{API}/issue/bulkfetch", body=body)
            rows.add(answer.into(BulkPage).issues)
        names = {name for one in rows.issues.values() for name in (one.id, one.key)}
        return (names | rows.unreadable.keys()) & set(ids)

    def ids(self, since: Instant) -> Iterator[Sequence[str]]:
        for page in self._pages(census_jql(self._scope, since), ["id"], ID_PAGE):
            rows = Rows()
            rows.add(page.issues)
            yield list(rows.issues)

    # The two ways of a pull

    def _by_search(self, jql: str, cursor: Cursor) -> Iterator[Portion]:
        rows, fresh = Rows(), 0
        onwards = partial(search_jql, self._scope)
        for page in self._pages(jql, [*self._plan.asked, "comment"], SEARCH_PAGE, onwards):
            if fresh >= PORTION:
                yield self._whole(rows, from_index=True, seen=cursor, over=False)
                rows = Rows()
            rows.add(page.issues)
            updated = rows.updated()
            fresh = sum(cursor.seen.get(one) != at for one, at in updated.items())
        yield self._whole(rows, from_index=True, seen=cursor)

    def _by_bulk(self, jql: str, cursor: Cursor) -> Iterator[Portion]:
        rows = Rows()
        for page in self._pages(jql, ["id"], ID_PAGE):
            rows.add(page.issues)
        ids = list(rows.issues)
        for part in list(parts(ids, PORTION)) or [[]]:
            fetched = self._fetched(part)
            fetched.unreadable |= rows.unreadable
            rows.unreadable = {}
            yield self._whole(fetched, from_index=False, seen=cursor)

    def _pages(
        self,
        jql: str,
        fields: Sequence[str],
        size: int,
        onwards: Callable[[Instant], str] | None = None,
    ) -> Iterator[SearchPage]:
        """The pages of a search; the search index may lag, and its pages have no total. Where a
        token expires on the way and `onwards` makes the query from an instant on, it goes on from
        the last row."""
        body: dict[str, object] = {"jql": jql, "fields": list(fields), "maxResults": size}
        guard, low = Guard(), None
        before: Sequence[msgspec.Raw] = ()
        while True:
            try:
                page = self._client.read("POST", f"{API}/search/jql", body=body).into(SearchPage)
            except StatusError as error:
                at = _newest(before)
                if error.status != 400 or onwards is None or at in (None, low):
                    raise  # the query itself, or a token that brought us no further
                body = {"jql": onwards(at), "fields": list(fields), "maxResults": size}
                guard, low = Guard(), at
                continue
            self._began = self._began or self._client.server_time
            guard.take(page.issues)
            yield page
            if page.is_last or not page.next_page_token:
                return
            before = page.issues
            body["nextPageToken"] = guard.check(page.next_page_token)

    # Issues, histories, comments

    def _whole(
        self, rows: Rows, *, from_index: bool, seen: Cursor | None = None, over: bool = True
    ) -> Portion:
        """The rows, less those seen before, with histories and comments."""
        updated = rows.updated()
        known = seen.seen if seen else {}
        fresh = [
            issue
            for issue in rows.issues.values()
            if issue.id not in updated or known.get(issue.id) != updated[issue.id]
        ]
        histories = self._histories.of([issue.id for issue in fresh], rows)
        wholes = [self._assembled(issue, histories, rows, from_index) for issue in fresh]
        return Portion(
            tuple(whole for whole in wholes if whole is not None),
            updated,
            tuple(rows.unreadable.items()),
            None if over else max(updated.values(), default=None),
            self._began,
        )

    def _assembled(
        self, issue: Issue, histories: dict[str, list[History]], rows: Rows, from_index: bool
    ) -> Whole | None:
        if issue.key in rows.unreadable or issue.id in rows.unreadable:
            return None
        try:
            comments, hole = self._comments_of(issue)
        except msgspec.ValidationError as error:
            rows.refuse(issue.key or issue.id, str(error))
            return None
        told = histories.get(issue.id, [])
        return Whole(issue, tuple(told), comments, hole, from_index)

    def _fetched(self, ids: Sequence[str]) -> Rows:
        """Issues by id from the records themselves, for ids that a bulk request takes."""
        rows = Rows()
        several = ["comment"] if self._comments else []
        waiting = list(parts(ids, self._bulk))
        while waiting:
            part = waiting.pop(0)
            body = {"issueIdsOrKeys": list(part), "fields": [*self._plan.asked, *several]}
            try:
                answer = self._client.read("POST", f"{API}/issue/bulkfetch", body=body)
            except StatusError as error:
                if error.status != 400 or len(part) <= MOST_SEVERAL:
                    raise
                self._bulk = MOST_SEVERAL  # an older site: a hundred at once, from now on
                waiting = [*parts(part, self._bulk), *waiting]
                continue
            page = answer.into(BulkPage)
            rows.add(page.issues)
            self._note_errors(page, rows)
        return rows

    def _note_errors(self, page: BulkPage, rows: Rows) -> None:
        for raw in page.issue_errors:
            error = rows.parsed(raw, IssueError)
            if error is not None and error.id is not None and error.error_message:
                rows.refuse(str(error.id), error.error_message)

    def _comments_of(self, issue: Issue) -> tuple[tuple[Comment, ...], str]:
        """All comments: those that came with the issue, if that is all, else page by page (the
        newest 100 alone come with it, and nothing but `total` tells); and why they are not all."""
        embedded = comments_of(issue)
        if not self._comments or (embedded.total or 0) <= len(embedded.comments):
            return embedded.comments, ""
        found: dict[str, Comment] = {}
        while True:
            page = self._client.read(
                "GET",
                f"{API}/issue/{issue.id}/comment",
                params={"startAt": len(found), "maxResults": COMMENT_PAGE, "orderBy": "created"},
            ).into(CommentPage)
            before = len(found)
            found |= {str(comment.id): comment for comment in page.comments}
            if len(found) == before or len(found) >= (page.total or 0):
                return tuple(found.values()), hole_in("comments", page.total, len(found))


def _newest(raws: Sequence[msgspec.Raw]) -> Instant | None:
    """When the last of these changed; None where there are none, or none tells."""
    rows = Rows()
    rows.add(raws[-1:])
    return max(rows.updated().values(), default=None)
