"""Plays neutral stories on a Jira site, in the site's own words."""

from __future__ import annotations

from sandbox.acts import Act, Fields, Story
from sandbox.jira.desk import JiraDesk
from sandbox.jira.model import Issue, Stored
from sandbox.jira.schema import (
    FIELD_OF,
    PRIORITY_OF,
    PROJECTS,
    RESOLUTIONS,
    STATUSES,
    TYPES,
    Project,
)
from sandbox.story import played_in_order

_STATUS_OF = {status.name: status.id for status in STATUSES.values()}
_RESOLUTION_OF = {entry.name: entry.id for entry in RESOLUTIONS.values()}
_TYPE_OF = {entry.name: entry.id for entry in TYPES.values()}
INTERNAL = {"sd.public.comment": {"internal": True}}


def play(desk: JiraDesk, stories: list[Story]) -> None:
    """All acts of Jira's stories in the order of time, so that ids rise with it; mails nobody."""
    issues: dict[str, Issue] = {}
    for act, story in played_in_order([one for one in stories if one.system == "jira"]):
        if act.verb == "create":
            issues[story.key] = _create(desk, story, act)
        else:
            _perform(desk, issues[story.key], act)
    desk.mails.clear()


def _create(desk: JiraDesk, story: Story, act: Act) -> Issue:
    fields = _fields(desk, act.fields)
    fields |= {"summary": story.title, "description": act.text, "issuetype": _TYPE_OF[story.kind]}
    project = _project(str(act.fields.get("project", "SUP")))
    return desk.create(act.actor, act.at, project, fields, story.key)


def _perform(desk: JiraDesk, issue: Issue, act: Act) -> None:
    if act.verb == "set":
        _set(desk, issue, act)
    else:
        properties = INTERNAL if act.verb == "note" else {}
        desk.comment(issue, act.actor, act.at, act.text, properties)


def _set(desk: JiraDesk, issue: Issue, act: Act) -> None:
    fields = _fields(desk, act.fields)
    if "project" in act.fields:
        project = _project(str(act.fields["project"]))
        desk.move(issue, act.actor, act.at, project, str(act.fields["key"]))
    if "status" in fields:
        desk.set_status(issue, act.actor, act.at, str(fields.pop("status")), fields)
    else:
        desk.edit(issue, act.actor, act.at, fields)


def _fields(desk: JiraDesk, said: Fields) -> dict[str, Stored]:
    return {
        FIELD_OF.get(name, name): _stored(desk, name, value)
        for name, value in said.items()
        if name not in ("project", "key")
    }


def _stored(desk: JiraDesk, name: str, value: str | list[str] | None) -> Stored:
    if isinstance(value, list):
        return tuple(value)
    words = {"status": _STATUS_OF, "priority": PRIORITY_OF, "resolution": _RESOLUTION_OF}
    if value is None or name not in words:
        field = desk.fields.get(FIELD_OF.get(name, name))
        return field.option(value) if value and field and field.options else value
    return words[name][value]


def _project(key: str) -> Project:
    return next(project for project in PROJECTS.values() if project.key == key)
