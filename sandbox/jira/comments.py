"""Comments: read page by page, written with their visibility to customers, checked as v3 or v2."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.jira.adf import LIMIT, is_document, to_text
from sandbox.jira.call import (
    BAD_PAYLOAD,
    ApiError,
    Call,
    commas,
    said_json,
    whole,
)
from sandbox.jira.call import this_call as call
from sandbox.jira.issues import comment_json, comments_page
from sandbox.jira.model import Comment, Issue
from sandbox.jira.render import Json
from sandbox.jira.values import too_long

CAP = 100
EVERYTHING = 1_048_576  # what Data Center says where no maxResults was asked
MOST = 5_000  # comments an issue may have


def add_comments(api: Blueprint) -> None:
    """Everything under /comment."""
    _add_pages(api)
    _add_writes(api)


def _add_pages(api: Blueprint) -> None:
    @api.get("/issue/<key>/comment")
    def comments(key: str) -> Response:
        here = call()
        return jsonify(_page(here, here.issue(key)))

    @api.get("/issue/<key>/comment/<number>")
    def comment(key: str, number: str) -> Response:
        here = call()
        issue = here.issue(key)
        found = _comment(issue, number)
        return jsonify(comment_json(here.desk, here.flavour, issue, found, commas("expand")))

    @api.post("/comment/list")
    def comments_by_id() -> Response:
        here = call()
        ids = said_json({"ids"}).get("ids")
        if not isinstance(ids, list) or not 1 <= len(ids) <= 1_000:
            raise ApiError(400, BAD_PAYLOAD)
        return jsonify(_by_ids(here, {int(one) for one in ids}))

    @api.get("/comment/<number>/properties")
    def comment_property_keys(number: str) -> Response:
        here = call()
        comment = _anywhere(here, number)
        link = here.flavour.link(f"comment/{comment.id}/properties/")
        return jsonify(keys=[{"key": key, "self": link + key} for key in comment.properties])

    @api.get("/comment/<number>/properties/<name>")
    def comment_property(number: str, name: str) -> Response:
        comment = _anywhere(call(), number)
        if name not in comment.properties:
            raise ApiError(404, f"The property with key '{name}' does not exist.")
        return jsonify(key=name, value=comment.properties[name])


def _add_writes(api: Blueprint) -> None:
    @api.post("/issue/<key>/comment")
    def add_comment(key: str) -> tuple[Response, int]:
        here = call()
        issue = here.issue(key)
        here.may_edit(issue, "ADD_COMMENTS")
        comment = add(here, issue, said_json())
        return jsonify(comment_json(here.desk, here.flavour, issue, comment, commas("expand"))), 201

    @api.put("/issue/<key>/comment/<number>")
    def edit_comment(key: str, number: str) -> Response:
        here = call()
        issue = here.issue(key)
        here.may_edit(issue)
        comment = _comment(issue, number)
        here.desk.edit_comment(issue, comment, here.who.id, here.now, _body(here, said_json()))
        return jsonify(comment_json(here.desk, here.flavour, issue, comment, commas("expand")))

    @api.delete("/issue/<key>/comment/<number>")
    def delete_comment(key: str, number: str) -> tuple[str, int]:
        here = call()
        issue = here.issue(key)
        here.may_edit(issue)
        here.desk.delete_comment(issue, _comment(issue, number), here.now)
        return "", 204

    @api.put("/comment/<number>/properties/<name>")
    def set_comment_property(number: str, name: str) -> tuple[Response, int]:
        comment = _anywhere(call(), number)
        known = name in comment.properties
        comment.properties[name] = request.get_json()
        return jsonify({}), 200 if known else 201


def add(here: Call, issue: Issue, said: Json) -> Comment:
    """Write what a body says as a comment; 400 or 413 where it cannot be one."""
    body = _body(here, said)
    if len(issue.comments) >= MOST:
        raise ApiError(413, f"The limit of {MOST} comments for this issue has been reached.")
    properties = said.get("properties", [])
    if not isinstance(properties, list) or not all(map(_is_property, properties)):
        raise ApiError(400, "", {"properties": "Property key and value must be given."})
    by_key = {one["key"]: one["value"] for one in properties}
    comment = here.desk.comment(issue, here.who.id, here.now, body, by_key)
    comment.visibility = said.get("visibility")
    return comment


def _is_property(said: object) -> bool:
    return isinstance(said, dict) and isinstance(said.get("key"), str) and "value" in said


def _body(here: Call, said: Json) -> str | dict[str, Any]:
    body = said.get("body")
    if not body:
        raise ApiError(400, "", {"comment": "Comment body can not be empty!"})
    if not (is_document(body) if here.flavour.adf else isinstance(body, str)):
        raise ApiError(400, "", {"comment": "Comment body is not valid!"})
    text = to_text(body) if isinstance(body, dict) else str(body)
    if len(text) > LIMIT:
        raise ApiError(400, "", {"comment": too_long(LIMIT)})
    return body if isinstance(body, dict) else text


def _comment(issue: Issue, number: str) -> Comment:
    for comment in issue.comments:
        if str(comment.id) == number:
            return comment
    raise ApiError(404, f"Can not find a comment for the id: {number}.")


def _anywhere(here: Call, number: str) -> Comment:
    for issue in here.desk.seen():
        for comment in issue.comments:
            if str(comment.id) == number:
                return comment
    raise ApiError(404, f"Can not find a comment for the id: {number}.")


def _page(here: Call, issue: Issue) -> Json:
    """Oldest first; Cloud gives a hundred at most, Data Center all unless asked for fewer."""
    begin = whole(request.args.get("startAt"), 0)
    size = whole(request.args.get("maxResults"), CAP if here.desk.cloud else EVERYTHING)
    if here.desk.cloud:
        size = min(size, CAP)
    rows = issue.comments
    if request.args.get("orderBy", "").startswith("-"):
        rows = rows[::-1]
    page = comments_page(here.desk, here.flavour, issue, [], begin, size)
    page["comments"] = [
        comment_json(here.desk, here.flavour, issue, comment, commas("expand"))
        for comment in rows[begin : begin + size]
    ]
    return page


def _by_ids(here: Call, ids: set[int]) -> Json:
    found = [
        comment_json(here.desk, here.flavour, issue, comment, commas("expand"))
        for issue in here.desk.seen()
        for comment in issue.comments
        if comment.id in ids
    ]
    most = len(found) or 1
    return {
        "maxResults": most, "startAt": 0, "total": len(found), "isLast": True, "values": found,
    }  # fmt: skip
