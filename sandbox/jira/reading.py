"""Cloud's ways to read issues: search/jql, the two bulk fetches, one issue, its changelog."""

from __future__ import annotations

import base64
import json
from collections import OrderedDict
from itertools import groupby

from flask import Blueprint, Response, jsonify, request

from sandbox.jira.call import (
    BAD_PAYLOAD,
    NO_ISSUE,
    ApiError,
    Call,
    commas,
    said_json,
    texts,
    whole,
)
from sandbox.jira.call import this_call as call
from sandbox.jira.issues import ISSUE_HISTORIES, Wanted, history_json, issue_json
from sandbox.jira.jql import search
from sandbox.jira.model import History, Issue
from sandbox.jira.render import Json

GONE = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
    "A full migration guideline is available at "
    "https://developer.atlassian.com/changelog/#CHANGE-2046"
)
IDS_A_PAGE = 5_000
ISSUES_A_PAGE = 100
_SEARCH_KEYS = {
    "jql", "nextPageToken", "maxResults", "fields", "expand", "fieldsByKeys", "properties",
    "reconcileIssues",
}  # fmt: skip
_FETCH_KEYS = {"issueIdsOrKeys", "fields", "expand", "properties", "fieldsByKeys"}
_LOG_KEYS = {"issueIdsOrKeys", "fieldIds", "maxResults", "nextPageToken"}
_MANY_VALUED = {"comment", "worklog", "attachment", "*all", "*navigable"}
_HEAVY_EXPANDS = {
    "changelog", "editmeta", "operations", "renderedFields", "transitions",
    "versionedRepresentations",
}  # fmt: skip
_MOST_TOKENS = 500


class Pages:
    """The rest of each search that has more pages, by its token; old ones are forgotten."""

    def __init__(self) -> None:
        self._rests: OrderedDict[str, tuple[str, list[Issue]]] = OrderedDict()
        self._count = 0

    def keep(self, jql: str, rest: list[Issue]) -> str:
        self._count += 1
        token = base64.urlsafe_b64encode(f"page:{self._count}:{len(rest)}".encode()).decode()
        self._rests[token] = (jql, rest)
        if len(self._rests) > _MOST_TOKENS:
            self._rests.popitem(last=False)
        return token

    def take(self, jql: str, token: str) -> list[Issue]:
        """What is left after the page that gave this token; the token stays good."""
        kept = self._rests.get(token)
        if kept is None or kept[0] != jql:
            raise ApiError(400, "The provided next page token is invalid or expired.")
        return kept[1]


def add_reading(api: Blueprint) -> None:
    """Routes that only Cloud has."""
    _add_search(api, Pages())
    _add_bulk(api)

    @api.get("/issue/<key>/changelog")
    def changelog(key: str) -> Response:
        return _changelog(call(), call().issue(key))


def _add_search(api: Blueprint, pages: Pages) -> None:
    @api.route("/search", methods=["GET", "POST"])
    def removed_search() -> Response:
        raise ApiError(410, GONE)

    @api.get("/search/jql")
    def get_search() -> Response:
        said: Json = {name: request.args[name] for name in request.args if name in _SEARCH_KEYS}
        if unknown := set(request.args) - _SEARCH_KEYS - {"failFast"}:
            raise ApiError(400, f"Unknown query parameters: {', '.join(sorted(unknown))}")
        said |= {"fields": list(commas("fields")), "properties": list(commas("properties"))}
        said["reconcileIssues"] = [whole(one, 0) for one in commas("reconcileIssues")]
        return _search(call(), pages, said)

    @api.post("/search/jql")
    def post_search() -> Response:
        return _search(call(), pages, said_json(_SEARCH_KEYS))

    @api.post("/search/approximate-count")
    def count() -> Response:
        said = said_json({"jql"})
        here = call()
        found = search(here.desk, str(said.get("jql", "")), here.who, here.flavour.zone)
        return jsonify(count=len(found))


def _add_bulk(api: Blueprint) -> None:
    @api.post("/issue/bulkfetch")
    def bulk_fetch() -> Response:
        return _bulk_fetch(call(), said_json(_FETCH_KEYS))

    @api.post("/changelog/bulkfetch")
    def bulk_changelog() -> Response:
        return _bulk_changelog(call(), said_json(_LOG_KEYS))


def add_one_issue(api: Blueprint) -> None:
    """GET issue, the same on Cloud and on Data Center but for the length of its history."""

    @api.get("/issue/<key>")
    def get_issue(key: str) -> Response:
        here = call()
        wanted = Wanted(
            commas("fields") or ("*all",),
            frozenset(commas("expand")),
            commas("properties"),
            ISSUE_HISTORIES if here.desk.cloud else None,
        )
        return jsonify(issue_json(here.desk, here.flavour, here.issue(key), wanted))


def _search(here: Call, pages: Pages, said: Json) -> Response:
    jql = said.get("jql", "")
    if not isinstance(jql, str) or not isinstance(said.get("expand", ""), str):
        raise ApiError(400, BAD_PAYLOAD)
    fields = texts(said, "fields") or ("id",)
    token = said.get("nextPageToken")
    found = pages.take(jql, str(token)) if token else _found(here, jql, said)
    cap = IDS_A_PAGE if set(fields) <= {"id", "key"} else ISSUES_A_PAGE
    size = min(max(whole(said.get("maxResults"), 50), 1), cap)
    expand = frozenset(filter(None, said.get("expand", "").split(",")))
    wanted = Wanted(fields, expand, texts(said, "properties"))
    answer: Json = {
        "issues": [issue_json(here.desk, here.flavour, one, wanted) for one in found[:size]]
    }
    if len(found) > size:
        answer["nextPageToken"] = pages.keep(jql, found[size:])
    return jsonify(answer | {"isLast": len(found) <= size})


def _found(here: Call, jql: str, said: Json) -> list[Issue]:
    fresh = said.get("reconcileIssues", [])
    if not isinstance(fresh, list) or not all(isinstance(one, int) for one in fresh):
        raise ApiError(400, BAD_PAYLOAD)
    if len(fresh) > 50:
        raise ApiError(400, "The number of issues to reconcile must not be more than 50.")
    if here.account is None:
        return []
    return search(here.desk, jql, here.account, here.flavour.zone, frozenset(fresh))


def _bulk_fetch(here: Call, said: Json) -> Response:
    asked = _asked_issues(said)
    fields, expand = texts(said, "fields"), texts(said, "expand")
    few = not 1 <= len(fields) <= 100 or _MANY_VALUED & set(fields) or _HEAVY_EXPANDS & set(expand)
    limit = 100 if few else int(here.desk.dials["bulk_limit"])
    if len(asked) > limit:
        raise ApiError(400, f"The number of issue ids or keys must not be more than {limit}.")
    found = {key: here.desk.find(key) for key in asked}
    wanted = Wanted(fields or ("*navigable",), frozenset(expand), texts(said, "properties"))
    issues = sorted({one.id: one for one in found.values() if one}.items())
    return jsonify(
        issues=[issue_json(here.desk, here.flavour, one, wanted) for _, one in issues],
        issueErrors=[
            {"id": key, "errorMessage": NO_ISSUE} for key, one in found.items() if one is None
        ],
    )


def _asked_issues(said: Json) -> tuple[str, ...]:
    asked = texts(said, "issueIdsOrKeys")
    if not asked:
        raise ApiError(400, BAD_PAYLOAD)
    return tuple(dict.fromkeys(asked))


def _bulk_changelog(here: Call, said: Json) -> Response:
    """Ordered by date, then issue: so one issue comes in several places, and over several pages."""
    asked, fields = _asked_issues(said), texts(said, "fieldIds")
    size = whole(said.get("maxResults"), 1_000)
    if len(asked) > 1_000 or len(fields) > 10 or len(set(fields)) < len(fields):
        raise ApiError(400, BAD_PAYLOAD)
    if not 1 <= size <= 10_000:
        raise ApiError(400, "maxResults must be between 1 and 10000.")
    issues = {one.id: one for key in asked if (one := here.desk.find(key))}.values()
    rows = sorted(
        ((history, issue) for issue in issues for history in _matching(issue, fields)),
        key=lambda row: (row[0].at, row[1].id, row[0].id),
    )
    begin = _offset(str(said.get("nextPageToken", "")), asked, fields)
    answer: Json = {"issueChangeLogs": _grouped(here, rows[begin : begin + size])}
    if begin + size < len(rows):
        answer["nextPageToken"] = _token(begin + size, asked, fields)
    return jsonify(answer)


def _matching(issue: Issue, fields: tuple[str, ...]) -> list[History]:
    """Histories with an item of these fields, cut to such items; all where none are named."""
    if not fields:
        return issue.histories
    kept = (
        history._replace(items=tuple(i for i in history.items if i.field_id in fields))
        for history in issue.histories
    )
    return [history for history in kept if history.items]


def _grouped(here: Call, rows: list[tuple[History, Issue]]) -> list[Json]:
    return [
        {
            "issueId": str(number),
            "changeHistories": [_numeric(here, history) for history, _ in group],
        }
        for number, group in groupby(rows, key=lambda row: row[1].id)
    ]


def _numeric(here: Call, history: History) -> Json:
    """Unlike everywhere else `created` is a number here."""
    answer = history_json(here.desk, here.flavour, history)
    seconds = here.desk.dials["created_in_seconds"]
    answer["created"] = history.at // 1000 if seconds else history.at
    return answer


def _token(offset: int, asked: tuple[str, ...], fields: tuple[str, ...]) -> str:
    said = json.dumps([offset, len(asked), list(fields)])
    return base64.urlsafe_b64encode(said.encode()).decode()


def _offset(token: str, asked: tuple[str, ...], fields: tuple[str, ...]) -> int:
    if not token:
        return 0
    try:
        offset, count, names = json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        raise ApiError(400, "The provided next page token is invalid or expired.") from None
    if count != len(asked) or tuple(names) != fields:
        raise ApiError(400, "The provided next page token is invalid or expired.")
    return int(offset)


def _changelog(here: Call, issue: Issue) -> Response:
    begin, size = whole(request.args.get("startAt"), 0), whole(request.args.get("maxResults"), 100)
    size = min(size, 100)
    rows = issue.histories[begin : begin + size]
    last = begin + size >= len(issue.histories)
    link = here.flavour.link(f"issue/{issue.key}/changelog")
    answer: Json = {
        "self": f"{link}?maxResults={size}&startAt={begin}",
        "maxResults": size,
        "startAt": begin,
        "total": len(issue.histories),
        "isLast": last,
        "values": [history_json(here.desk, here.flavour, history) for history in rows],
    }
    if not last:
        answer["nextPage"] = f"{link}?maxResults={size}&startAt={begin + size}"
    return jsonify(answer)
