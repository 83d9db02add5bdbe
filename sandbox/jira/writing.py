"""What changes an issue: create, edit, assign, move through the workflow, properties, delete."""

from __future__ import annotations

import json

from flask import Blueprint, Response, jsonify, request

from sandbox.jira.call import ApiError, Call, said_json
from sandbox.jira.call import this_call as call
from sandbox.jira.comments import add as add_comment
from sandbox.jira.editing import is_on_screen, quiet_wish, read_changes
from sandbox.jira.issues import Wanted, issue_json
from sandbox.jira.model import Issue, Stored
from sandbox.jira.render import transition_json
from sandbox.jira.schema import PROJECTS, STATUSES
from sandbox.jira.values import BadValueError, read_user

PROPERTY_LIMIT = 32_768
Answer = Response | tuple[str, int]


def add_writing(api: Blueprint) -> None:
    """Everything that needs more than to look, comments apart."""
    _add_issues(api)
    _add_workflow(api)
    _add_properties(api)


def _add_issues(api: Blueprint) -> None:
    @api.post("/issue")
    def create_issue() -> tuple[Response, int]:
        here = call()
        issue = _create(here)
        link = here.flavour.link(f"issue/{issue.id}")
        return jsonify({"id": str(issue.id), "key": issue.key, "self": link}), 201

    @api.put("/issue/<key>")
    def edit_issue(key: str) -> Answer:
        return _edit(call(), call().issue(key))

    @api.get("/issue/<key>/editmeta")
    def edit_screen(key: str) -> Response:
        """The fields that this account may set; without the right to edit there are none."""
        here = call()
        issue = here.issue(key)
        may = here.has("EDIT_ISSUES", here.desk.project_of(issue).key)
        shown = [f for f in here.desk.fields.values() if may and is_on_screen(here, issue, f.id)]
        return jsonify(fields={f.id: {"name": f.name, "required": False} for f in shown})

    @api.delete("/issue/<key>")
    def delete_issue(key: str) -> Answer:
        here = call()
        issue = here.issue(key)
        here.may_edit(issue)
        here.desk.delete(issue)
        return "", 204

    @api.put("/issue/<key>/assignee")
    def assign(key: str) -> Answer:
        here = call()
        issue = here.issue(key)
        here.may_edit(issue, "ASSIGN_ISSUES")
        said = request.get_json(silent=True, force=True) or {}
        here.desk.edit(issue, here.who.id, here.now, {"assignee": _assignee(here, said)})
        return "", 204


def _create(here: Call) -> Issue:
    said = said_json()
    fields = dict(said.get("fields") or {})
    named = fields.pop("project", None) or {}
    for project in PROJECTS.values():
        if project.key == named.get("key") or project.id == str(named.get("id")):
            changes = read_changes(here, None, said | {"fields": fields})
            if not changes.get("summary"):
                raise ApiError(400, "", {"summary": "You must specify a summary of the issue."})
            return here.desk.create(here.who.id, here.now, project, changes)
    raise ApiError(400, "", {"project": "valid project is required"})


def _edit(here: Call, issue: Issue) -> Answer:
    """204, or on Cloud with `returnIssue=true` 200 and the issue; all is set or nothing."""
    here.may_edit(issue)
    wish = quiet_wish(here, request.args.get("notifyUsers", "true") != "false")
    said = said_json()
    changes = read_changes(here, issue, said)
    if wish.applied:
        here.desk.edit(issue, here.who.id, here.now, changes, quiet=wish.quiet)
        _embedded(here, issue, said)
    if here.desk.cloud and request.args.get("returnIssue") == "true":
        wanted = Wanted(("*navigable",))
        return jsonify(issue_json(here.desk, here.flavour, issue, wanted))
    return "", 204


def _embedded(here: Call, issue: Issue, said: dict[str, object]) -> None:
    """Properties and comments that came in the same body."""
    properties, update = said.get("properties"), said.get("update")
    for one in properties if isinstance(properties, list) else []:
        issue.properties[one["key"]] = one["value"]
    steps = update.get("comment") if isinstance(update, dict) else None
    for step in steps if isinstance(steps, list) else []:
        add_comment(here, issue, step.get("add") or {})


def _assignee(here: Call, said: dict[str, object]) -> Stored:
    """None clears; `-1` leaves it to the project, which has no one."""
    named = said.get("accountId") if here.desk.cloud else said.get("name")
    if named in (None, "-1"):
        return None
    try:
        return read_user(said, here.desk.users)
    except BadValueError as error:
        raise ApiError(400, "", {"assignee": str(error)}) from None


def _add_workflow(api: Blueprint) -> None:
    @api.get("/issue/<key>/transitions")
    def transitions(key: str) -> Response:
        here = call()
        only = request.args.get("transitionId")
        steps = [s for s in here.desk.workflow(here.issue(key)) if only in (None, s.id)]
        shown = [transition_json(here.flavour, step, STATUSES[step.to]) for step in steps]
        if "transitions.fields" in request.args.get("expand", ""):
            shown = [step | {"fields": {}} for step in shown]
        return jsonify(expand="transitions", transitions=shown)

    @api.post("/issue/<key>/transitions")
    def transition(key: str) -> Answer:
        here = call()
        issue = here.issue(key)
        here.may_edit(issue, "TRANSITION_ISSUES")
        said = said_json()
        wanted = str((said.get("transition") or {}).get("id", ""))
        step = next((s for s in here.desk.workflow(issue) if s.id == wanted), None)
        if step is None:
            raise ApiError(
                400,
                f"It seems that you have tried to perform a workflow operation ({wanted}) that is "
                "not valid for the current state of this issue.",
            )
        changes = read_changes(here, issue, said)
        here.desk.set_status(issue, here.who.id, here.now, step.to, changes)
        _embedded(here, issue, said)
        return "", 204


def _add_properties(api: Blueprint) -> None:
    @api.get("/issue/<key>/properties")
    def property_keys(key: str) -> Response:
        here = call()
        issue = here.issue(key)
        link = here.flavour.link(f"issue/{issue.id}/properties/")
        return jsonify(keys=[{"key": name, "self": link + name} for name in issue.properties])

    @api.get("/issue/<key>/properties/<name>")
    def one_property(key: str, name: str) -> Response:
        issue = call().issue(key)
        if name not in issue.properties:
            raise ApiError(404, f"The property with key '{name}' does not exist.")
        return jsonify(key=name, value=issue.properties[name])

    @api.put("/issue/<key>/properties/<name>")
    def set_property(key: str, name: str) -> tuple[Response, int]:
        here = call()
        issue = here.issue(key)
        here.may_edit(issue)
        value = request.get_json()
        if len(json.dumps(value)) > PROPERTY_LIMIT:
            raise ApiError(400, f"The property value can be {PROPERTY_LIMIT} characters long.")
        known = name in issue.properties
        issue.properties[name] = value
        return jsonify({}), 200 if known else 201

    @api.delete("/issue/<key>/properties/<name>")
    def delete_property(key: str, name: str) -> Answer:
        here = call()
        issue = here.issue(key)
        here.may_edit(issue)
        if issue.properties.pop(name, None) is None:
            raise ApiError(404, f"The property with key '{name}' does not exist.")
        return "", 204
