"""Data Center's one way to read many issues: search, with startAt and whole histories."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from sandbox.jira.call import ApiError, Call, commas, said_json, texts, whole
from sandbox.jira.call import this_call as call
from sandbox.jira.issues import Wanted, issue_json
from sandbox.jira.jql import search
from sandbox.jira.render import Json

_KEYS = {"jql", "startAt", "maxResults", "validateQuery", "fields", "expand"}


def add_server_search(api: Blueprint) -> None:
    """GET names fields and expands by commas, POST lists them."""

    @api.get("/search")
    def get_search() -> Response:
        said: Json = {name: request.args[name] for name in request.args if name in _KEYS}
        said |= {"fields": list(commas("fields")), "expand": list(commas("expand"))}
        return _search(call(), said)

    @api.post("/search")
    def post_search() -> Response:
        return _search(call(), said_json(_KEYS))


def _search(here: Call, said: Json) -> Response:
    """A page; fewer than asked where the site's cap is lower; 500 beyond the search window."""
    dials = here.desk.dials
    begin = whole(said.get("startAt"), 0)
    size = min(whole(said.get("maxResults"), 50), int(dials["page_cap"]))
    if begin + size > int(dials["window"]):
        raise ApiError(
            500,
            f"Search limit exceeded. The maximum is {dials['window']} results, you asked for "
            f"{begin + size} results.",
        )
    found = search(here.desk, str(said.get("jql", "")), here.who, here.flavour.zone)
    fields, expand = texts(said, "fields") or ("*navigable",), frozenset(texts(said, "expand"))
    wanted = Wanted(fields, expand, (), None)
    page = found[begin : begin + size]
    return jsonify(
        expand="schema,names",
        startAt=begin,
        maxResults=size,
        total=len(found),
        issues=[issue_json(here.desk, here.flavour, issue, wanted) for issue in page],
    )
