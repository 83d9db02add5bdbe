"""Cloud's two bulk reads: issues by the thousand, histories by the ten thousand."""

from __future__ import annotations

import base64
import json
from itertools import groupby

from flask import Blueprint, Response, jsonify

from sandbox.jira.call import BAD_PAYLOAD, NO_ISSUE, ApiError, Call, said_json, texts, whole
from sandbox.jira.call import this_call as call
from sandbox.jira.issues import Wanted, history_json, issue_json, told_histories
from sandbox.jira.model import History, Issue
from sandbox.jira.render import Json

_FETCH_KEYS = {"issueIdsOrKeys", "fields", "expand", "properties", "fieldsByKeys"}
_LOG_KEYS = {"issueIdsOrKeys", "fieldIds", "maxResults", "nextPageToken"}
_MANY_VALUED = {"comment", "worklog", "attachment", "*all", "*navigable"}
_HEAVY_EXPANDS = {
    "changelog", "editmeta", "operations", "renderedFields", "transitions",
    "versionedRepresentations",
}  # fmt: skip


def add_bulk(api: Blueprint) -> None:
    """Routes that only Cloud has."""

    @api.post("/issue/bulkfetch")
    def bulk_fetch() -> Response:
        return _bulk_fetch(call(), said_json(_FETCH_KEYS))

    @api.post("/changelog/bulkfetch")
    def bulk_changelog() -> Response:
        return _bulk_changelog(call(), said_json(_LOG_KEYS))


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
        ((history, issue) for issue in issues for history in _matching(here, issue, fields)),
        key=lambda row: (row[0].at, row[1].id, row[0].id),
    )
    begin = _offset(str(said.get("nextPageToken", "")), asked, fields)
    answer: Json = {"issueChangeLogs": _grouped(here, rows[begin : begin + size])}
    if begin + size < len(rows):
        answer["nextPageToken"] = _token(begin + size, asked, fields)
    return jsonify(answer)


def _matching(here: Call, issue: Issue, fields: tuple[str, ...]) -> list[History]:
    """Histories with an item of these fields, cut to such items; all where none are named."""
    told = told_histories(here.desk, issue)
    if not fields:
        return told
    kept = (
        history._replace(items=tuple(i for i in history.items if i.field_id in fields))
        for history in told
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
