"""The histories of many issues of Jira Cloud, by changelog/bulkfetch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.envelope import StatusError
from connectors.http import Client
from connectors.jira.reading import PORTION, Guard, Rows, parts
from connectors.jira.wire import HistoriesPage, History, IssueHistories

PAGE = 10_000
MOST_FIELDS = 10
"""Fields by which the request can be narrowed; with more of them all histories are read."""


class _ExpiredError(Exception):
    """A page token was refused on the way."""


class Histories:
    """Asks at `path`; for the changes of these fields alone, where they are few."""

    def __init__(self, client: Client, path: str, fields: Sequence[str]) -> None:
        self._client, self._path, self._fields = client, path, fields

    def of(self, ids: Sequence[str], rows: Rows) -> dict[str, list[History]]:
        """All histories of these issues by id; an issue may be spread over pages."""
        found: dict[str, list[History]] = {}
        waiting = list(parts(ids, PORTION))
        while waiting:
            part = waiting.pop(0)
            try:
                pages = list(self._pages(part))
            except _ExpiredError:
                waiting = [*parts(part, (len(part) + 1) // 2), *waiting]
                continue
            for raw in (raw for page in pages for raw in page.issue_change_logs):
                told = rows.parsed(raw, IssueHistories)
                if told is not None:
                    found.setdefault(told.issue_id, []).extend(told.change_histories)
        return found

    def _pages(self, ids: Sequence[str]) -> Iterator[HistoriesPage]:
        """_ExpiredError where fewer issues, and so fewer pages, may come through."""
        body: dict[str, object] = {"issueIdsOrKeys": list(ids), "maxResults": PAGE}
        if len(self._fields) <= MOST_FIELDS:
            body["fieldIds"] = list(self._fields)
        guard = Guard()
        while True:
            try:
                answer = self._client.read("POST", self._path, body=body)
            except StatusError as error:
                if error.status == 400 and "nextPageToken" in body and len(ids) > 1:
                    raise _ExpiredError from error
                raise
            page = answer.into(HistoriesPage)
            guard.take(page.issue_change_logs)
            yield page
            if not page.next_page_token:
                return
            body["nextPageToken"] = guard.check(page.next_page_token)
