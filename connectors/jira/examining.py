"""What our account may do in a Jira, what it lacks and what it has too much of; reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

import msgspec

from connectors.base import Finding, PermanentError, Use
from connectors.http import Client
from connectors.jira.fields import Plan
from connectors.jira.metadata import Metadata, Project
from connectors.jira.settings import JiraSettings

NEEDED: Mapping[str, tuple[str, Use | None]] = {
    "BROWSE_PROJECTS": ("browse", None),
    "EDIT_ISSUES": ("edit issues", "edit"),
    "ADD_COMMENTS": ("add comments", "comment"),
    "ASSIGN_ISSUES": ("assign issues", "assign"),
    "TRANSITION_ISSUES": ("transition issues", "transition"),
}
"""Permission -> what people call it, and which use of ours needs it (None: every)."""
AGENT, PROJECT_ADMIN, ADMIN = "SERVICEDESK_AGENT", "ADMINISTER_PROJECTS", "ADMINISTER"
EXCESS: Mapping[str, str] = {
    "DELETE_ISSUES": "delete issues",
    "DELETE_ALL_COMMENTS": "delete other people's comments",
    "EDIT_ALL_COMMENTS": "edit other people's comments",
}
MOST_PROJECTS = 50
"""Projects looked into, where service.yaml names none."""


class _Held(msgspec.Struct, frozen=True, rename="camel"):
    have_permission: bool = False


class _Permissions(msgspec.Struct, frozen=True):
    permissions: dict[str, _Held]


class _Row(msgspec.Struct, frozen=True):
    id: str


class _Rows(msgspec.Struct, frozen=True):
    issues: tuple[_Row, ...] = ()


class _Screen(msgspec.Struct, frozen=True):
    fields: dict[str, object] = {}


def examine(
    client: Client, site: Metadata, settings: JiraSettings, plan: Plan, uses: Set[Use]
) -> Iterator[Finding]:
    """Project by project, then the fields, then what is more than needed."""
    seen = {project.key: project for project in site.projects}
    wanted = settings.projects or tuple(seen)[:MOST_PROJECTS]
    if not wanted:
        yield Finding("problem", "browse", "no project can be seen", "grant Browse projects")
    held = {key: _held(client, seen[key]) for key in wanted if key in seen}
    hidden = [key for key in wanted if key not in seen]
    for permission, (called, use) in NEEDED.items():
        if use is None or use in uses:
            lacking = [key for key, has in held.items() if permission not in has]
            lacking += hidden if use is None else []
            having = [key for key in held if key not in lacking]
            yield from _right(called, permission, lacking, having, writing=use is not None)
    if "comment" in uses:
        yield from _internal(seen, held)
    if "edit" in uses:
        yield from _quiet(held)
        yield from _fields(client, settings, plan, held)
    yield from _excess(held)


def _held(client: Client, project: Project) -> Set[str]:
    asked = [*NEEDED, PROJECT_ADMIN, ADMIN, *EXCESS]
    asked += [AGENT] if project.project_type_key == "service_desk" else []  # else it is unknown
    answer = client.read(
        "GET",
        "/rest/api/2/mypermissions",
        params={"projectKey": project.key, "permissions": ",".join(asked)},
    ).into(_Permissions)
    return {name for name, said in answer.permissions.items() if said.have_permission}


def _right(
    called: str, permission: str, lacking: list[str], having: list[str], *, writing: bool
) -> Iterator[Finding]:
    if having:
        yield Finding("ok", called, ", ".join(having))
    if lacking:
        places = ", ".join(lacking)
        mend = f"add our account to a role that has {permission} in {places}"
        said = f"{permission} is missing in {places}"
        yield Finding("problem", called, said, mend, writing)


def _internal(seen: Mapping[str, Project], held: Mapping[str, Set[str]]) -> Iterator[Finding]:
    desks = [key for key in held if seen[key].project_type_key == "service_desk"]
    public = [key for key in desks if AGENT not in held[key]]
    if public:
        said = f"no agent in {', '.join(public)}: customers could read our comments"
        yield Finding(
            "problem", "internal comments", said, "give our account a seat as agent", True
        )
    elif desks:
        yield Finding("ok", "internal comments", f"agent in {', '.join(desks)}")


def _quiet(held: Mapping[str, Set[str]]) -> Iterator[Finding]:
    loud = [key for key, has in held.items() if not has & {PROJECT_ADMIN, ADMIN}]
    if loud:
        said = f"no Administer projects in {', '.join(loud)}: edits of fields mail the watchers"
        mend = "grant it there, or leave our account out of the notification scheme"
        yield Finding("warning", "quiet edits", said, mend, True)
    elif held:
        yield Finding("ok", "quiet edits", "edits of fields mail nobody")


def _fields(
    client: Client, settings: JiraSettings, plan: Plan, held: Mapping[str, Set[str]]
) -> Iterator[Finding]:
    total = len(plan.published) + len(plan.missing)
    for name, why in plan.missing.items():
        mend = "make it in Jira, or take it out of publish: in the policies"
        yield Finding("problem", "fields", why or f'"{name}" is missing', mend, True)
    if plan.published:
        yield Finding("ok", "fields", f"{len(plan.published)} of {total} exist")
    for key in (key for key, has in held.items() if "EDIT_ISSUES" in has):
        yield from _screen(client, settings, plan, key)


def _screen(client: Client, settings: JiraSettings, plan: Plan, key: str) -> Iterator[Finding]:
    """Whether an edit of the newest issue of a project can name our fields."""
    try:
        issue = _newest(client, settings, key)
        if issue is None:
            yield Finding("unknown", "edit screen", f"{key} has no issue yet to see it by")
            return
        shown = client.read("GET", f"/rest/api/2/issue/{issue}/editmeta").into(_Screen).fields
    except PermanentError as error:
        yield Finding("unknown", "edit screen", f"that of {key}: {error.what}")
        return
    off = [name for name, field in plan.published.items() if field.id not in shown]
    if off:
        mend = f"add them to the edit screen of {key}"
        yield Finding("problem", "edit screen", f"that of {key} lacks {', '.join(off)}", mend, True)


def _newest(client: Client, settings: JiraSettings, key: str) -> str | None:
    path = "/rest/api/3/search/jql" if settings.deployment == "cloud" else "/rest/api/2/search"
    body = {"jql": f'project = "{key}" ORDER BY updated DESC', "fields": ["id"], "maxResults": 1}
    found = client.read("POST", path, body=body).into(_Rows).issues
    return found[0].id if found else None


def _excess(held: Mapping[str, Set[str]]) -> Iterator[Finding]:
    if any(ADMIN in has for has in held.values()):
        said = "administers all of Jira, which nothing here needs"
        yield Finding("warning", "more than needed", said, "take the account out of that group")
    for permission, called in EXCESS.items():
        places = ", ".join(key for key, has in held.items() if permission in has)
        if places:
            said = f"may {called} in {places}, which nothing here does"
            yield Finding("warning", "more than needed", said, f"take {permission} away")
