"""Cloud's ways to read issues: search/jql, one issue, its changelog."""

from __future__ import annotations

import base64
from collections import OrderedDict

from flask import Blueprint, Response, jsonify, request

from sandbox.jira.bulk import add_bulk
from sandbox.jira.call import (
    BAD_PAYLOAD,
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
from sandbox.jira.model import Issue
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
    add_bulk(api)

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
    rest = found if here.desk.dials["stuck"] else found[size:]
    if rest:
        answer["nextPageToken"] = pages.keep(jql, rest)
    return jsonify(answer | {"isLast": not rest})


def _found(here: Call, jql: str, said: Json) -> list[Issue]:
    fresh = said.get("reconcileIssues", [])
    if not isinstance(fresh, list) or not all(isinstance(one, int) for one in fresh):
        raise ApiError(400, BAD_PAYLOAD)
    if len(fresh) > 50:
        raise ApiError(400, "The number of issues to reconcile must not be more than 50.")
    if here.account is None:
        return []
    return search(here.desk, jql, here.account, here.flavour.zone, frozenset(fresh))


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
