"""What a site says of itself: account, server, permissions, people, statuses, projects."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from sandbox.jira.call import ApiError, Call, commas, whole
from sandbox.jira.call import this_call as call
from sandbox.jira.desk import USUAL
from sandbox.jira.render import (
    Json,
    category_json,
    full_priority_json,
    project_json,
    resolution_json,
    status_json,
    type_json,
    user_json,
)
from sandbox.jira.schema import (
    CATEGORIES,
    PRIORITIES,
    PROJECTS,
    RESOLUTIONS,
    STATUSES,
    TYPES,
    Project,
)
from sandbox.jira.users import User

_PERMISSIONS = (*USUAL, "ADMINISTER")


def add_meta(api: Blueprint) -> None:
    """All of them GET."""
    _add_site(api)
    _add_users(api)
    _add_lists(api)
    _add_projects(api)


def _add_site(api: Blueprint) -> None:
    @api.get("/myself")
    def myself() -> Response:
        here = call()
        zone = str(here.flavour.zone)
        return jsonify(user_json(here.flavour, here.who) | {"timeZone": zone, "locale": "en_GB"})

    @api.get("/serverInfo")
    def server_info() -> Response:
        here = call()
        numbers = [1001, 0, 0] if here.desk.cloud else [10, 3, 24]
        answer: Json = {
            "baseUrl": here.flavour.root,
            "version": "1001.0.0-SNAPSHOT" if here.desk.cloud else "10.3.24",
            "versionNumbers": numbers,
            "deploymentType": "Cloud" if here.desk.cloud else "Server",
            "buildNumber": 100_300,
            "buildDate": "2026-11-01T00:00:00.000+0000",
            "serverTime": here.flavour.moment(here.now),
            "scmInfo": "sandbox",
            "serverTitle": "Lumen desk",
        }
        return jsonify(answer)

    @api.get("/mypermissions")
    def my_permissions() -> Response:
        here = call()
        asked = commas("permissions")
        if here.desk.cloud and not asked:
            raise ApiError(400, "The 'permissions' query parameter is required.")
        return jsonify(
            permissions={name: _permission(here, name) for name in asked or _PERMISSIONS}
        )


def _add_users(api: Blueprint) -> None:
    @api.get("/user")
    def one_user() -> Response:
        here = call()
        for user in here.desk.users.values():
            if request.args.get("accountId", request.args.get("username")) in _names(user):
                return jsonify(user_json(here.flavour, user))
        raise ApiError(404, "Specified user does not exist or you do not have required permissions")

    @api.get("/user/search")
    def search_users() -> Response:
        here = call()
        said = request.args.get("query", request.args.get("username", "")).lower()
        found = [u for u in here.desk.users.values() if any(said in n.lower() for n in _names(u))]
        begin = whole(request.args.get("startAt"), 0)
        shown = found[begin : begin + whole(request.args.get("maxResults"), 50)]
        return jsonify([user_json(here.flavour, user) for user in shown])


def _names(user: User) -> tuple[str, ...]:
    return user.account_id, user.name, user.key, user.display_name, user.email


def _permission(here: Call, name: str) -> Json:
    kind = "GLOBAL" if name == "ADMINISTER" else "PROJECT"
    return {
        "id": str(sum(map(ord, name))),
        "key": name,
        "name": name.replace("_", " ").capitalize(),
        "type": kind,
        "description": "",
        "havePermission": here.has(name, request.args.get("projectKey", "")),
    }


def _add_lists(api: Blueprint) -> None:
    @api.get("/status")
    def statuses() -> Response:
        return jsonify([status_json(call().flavour, status) for status in STATUSES.values()])

    @api.get("/statuscategory")
    def categories() -> Response:
        return jsonify([category_json(call().flavour, category) for category in CATEGORIES])

    @api.get("/priority")
    def priorities() -> Response:
        return jsonify([full_priority_json(call().flavour, p) for p in PRIORITIES.values()])

    @api.get("/resolution")
    def resolutions() -> Response:
        return jsonify([resolution_json(call().flavour, r) for r in RESOLUTIONS.values()])

    @api.get("/issuetype")
    def types() -> Response:
        return jsonify([type_json(call().flavour, kind) for kind in TYPES.values()])


def _add_projects(api: Blueprint) -> None:
    @api.get("/project/search")
    def search_projects() -> Response:
        here = call()
        keys = commas("keys")
        shown = [p for p in _projects(here) if not keys or p.key in keys]
        begin = whole(request.args.get("startAt"), 0)
        size = min(whole(request.args.get("maxResults"), 50), 50)
        answer: Json = {
            "self": here.flavour.link("project/search"),
            "maxResults": size,
            "startAt": begin,
            "total": len(shown),
            "isLast": begin + size >= len(shown),
            "values": [project_json(here.flavour, p) for p in shown[begin : begin + size]],
        }
        return jsonify(answer)

    @api.get("/project")
    def all_projects() -> Response:
        return jsonify([project_json(call().flavour, project) for project in _projects(call())])

    @api.get("/project/<key>")
    def one_project(key: str) -> Response:
        return jsonify(project_json(call().flavour, _project(call(), key)))

    @api.get("/project/<key>/statuses")
    def project_statuses(key: str) -> Response:
        here = call()
        _project(here, key)
        statuses = [status_json(here.flavour, status) for status in STATUSES.values()]
        shown = ("self", "id", "name", "subtask")
        kinds = (type_json(here.flavour, kind) for kind in TYPES.values())
        return jsonify([{k: t[k] for k in shown} | {"statuses": statuses} for t in kinds])


def _projects(here: Call) -> list[Project]:
    hidden = here.desk.dials["hidden"]
    return [p for p in PROJECTS.values() if p.key not in hidden] if here.account else []


def _project(here: Call, said: str) -> Project:
    for project in _projects(here):
        if said in (project.key, project.id):
            return project
    raise ApiError(404, f"No project could be found with key '{said}'.")
