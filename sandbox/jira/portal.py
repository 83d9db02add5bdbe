"""The service desk's own API: comments with `public`, and the native SLA figures, of which we
have none."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from sandbox.jira.call import ApiError, Call, said_json
from sandbox.jira.call import this_call as call
from sandbox.jira.model import Comment, Issue
from sandbox.jira.render import Json, user_json
from sandbox.jira.telling import INTERNAL


def add_portal(portal: Blueprint) -> None:
    """Routes under /rest/servicedeskapi; issues of other projects are no requests: 404."""

    @portal.get("/request/<key>/comment")
    def comments(key: str) -> Response:
        here = call()
        issue = _request(here, key)
        return jsonify(_page([_comment(here, comment) for comment in issue.comments]))

    @portal.post("/request/<key>/comment")
    def add_comment(key: str) -> tuple[Response, int]:
        here = call()
        issue = _request(here, key)
        here.may_edit(issue)
        said = said_json({"body", "public"})
        if not isinstance(said.get("body"), str) or not said["body"]:
            raise ApiError(400, "The comment body must not be empty.")
        properties = {} if said.get("public", True) else INTERNAL
        comment = here.desk.comment(issue, here.who.id, here.now, said["body"], properties)
        return jsonify(_comment(here, comment)), 201

    @portal.get("/request/<key>/sla")
    def sla(key: str) -> Response:
        _request(call(), key)
        return jsonify(_page([]))


def _request(here: Call, key: str) -> Issue:
    issue = here.issue(key)
    if here.desk.project_of(issue).kind != "service_desk":
        raise ApiError(404, "The request does not exist or you do not have permission to see it.")
    return issue


def _page(values: list[Json]) -> Json:
    return {"size": len(values), "start": 0, "limit": 50, "isLastPage": True, "values": values}


def _comment(here: Call, comment: Comment) -> Json:
    answer: Json = {
        "id": str(comment.id),
        "body": here.flavour.body(comment.body),
        "public": not comment.internal,
        "created": {
            "iso8601": here.flavour.moment(comment.created),
            "epochMillis": comment.created,
        },
    }
    if comment.author:
        answer["author"] = user_json(here.flavour, here.desk.users[comment.author])
    return answer
