"""Small things as JSON: users, statuses, priorities, dates; by flavour of the API."""

from __future__ import annotations

from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sandbox.clock import moment_of
from sandbox.jira.adf import from_text, to_text
from sandbox.jira.schema import COLORS, Category, Field, Named, Project, Status, Transition
from sandbox.jira.users import User
from sandbox.jira.values import stamp

Json = dict[str, Any]
"""Any: an answer as JSON."""


class Flavour(NamedTuple):
    """Whose API is spoken, and to whom: instants are told in the account's zone."""

    cloud: bool
    api: str  # "3" or "2"
    zone: ZoneInfo
    root: str  # without a slash at the end

    @property
    def adf(self) -> bool:
        return self.cloud and self.api == "3"

    def link(self, path: str) -> str:
        return f"{self.root}/rest/api/{self.api}/{path}"

    def moment(self, at: int) -> str:
        return stamp(moment_of(at).astimezone(self.zone))

    def body(self, said: str | Json) -> str | Json:
        """A rich text: a document in v3, wiki text elsewhere."""
        if self.adf:
            return from_text(said) if isinstance(said, str) else said
        return to_text(said) if isinstance(said, dict) else said


def user_json(flavour: Flavour, user: User) -> Json:
    common = {
        "emailAddress": user.email,
        "avatarUrls": {f"{n}x{n}": flavour.root + "/avatar.png" for n in (16, 24, 32, 48)},
        "displayName": user.display_name,
        "active": True,
        "timeZone": user.tz,
    }
    if flavour.cloud:
        link = flavour.link(f"user?accountId={user.account_id}")
        who = {"accountId": user.account_id, "accountType": user.account_type}
        return {"self": link} | who | common
    link = flavour.link(f"user?username={user.name}")
    return {"self": link, "name": user.name, "key": user.key} | common


def category_json(flavour: Flavour, category: Category) -> Json:
    return {
        "self": flavour.link(f"statuscategory/{category.id}"),
        "id": category.id,
        "key": category.key,
        "colorName": category.color,
        "name": category.name,
    }


def status_json(flavour: Flavour, status: Status) -> Json:
    return {
        "self": flavour.link(f"status/{status.id}"),
        "description": "",
        "iconUrl": f"{flavour.root}/images/icons/statuses/generic.png",
        "name": status.name,
        "id": status.id,
        "statusCategory": category_json(flavour, status.category),
    }


def priority_json(flavour: Flavour, priority: Named) -> Json:
    return {
        "self": flavour.link(f"priority/{priority.id}"),
        "iconUrl": f"{flavour.root}/images/icons/priorities/{priority.name.lower()}.svg",
        "name": priority.name,
        "id": priority.id,
    }


def full_priority_json(flavour: Flavour, priority: Named) -> Json:
    return priority_json(flavour, priority) | {
        "statusColor": COLORS[priority.id],
        "description": "",
    }


def type_json(flavour: Flavour, kind: Named) -> Json:
    return {
        "self": flavour.link(f"issuetype/{kind.id}"),
        "id": kind.id,
        "description": "",
        "iconUrl": f"{flavour.root}/images/icons/issuetypes/{kind.name.lower()}.svg",
        "name": kind.name,
        "subtask": False,
    }


def resolution_json(flavour: Flavour, resolution: Named) -> Json:
    return {
        "self": flavour.link(f"resolution/{resolution.id}"),
        "id": resolution.id,
        "description": "",
        "name": resolution.name,
    }


def project_json(flavour: Flavour, project: Project) -> Json:
    return {
        "self": flavour.link(f"project/{project.id}"),
        "id": project.id,
        "key": project.key,
        "name": project.name,
        "projectTypeKey": project.kind,
        "avatarUrls": {},
    } | ({"simplified": False} if flavour.cloud else {})


def transition_json(flavour: Flavour, step: Transition, to: Status) -> Json:
    common = {"id": step.id, "name": step.name, "to": status_json(flavour, to)}
    if not flavour.cloud:
        return common
    return common | {
        "hasScreen": False,
        "isGlobal": False,
        "isInitial": False,
        "isAvailable": True,
        "isConditional": False,
        "looped": False,
    }


def field_json(flavour: Flavour, field: Field) -> Json:
    """As GET field lists it; pseudo fields have no schema."""
    names = [f"cf[{field.number}]", field.name] if field.is_custom else [field.id.lower()]
    schema: Json = {"type": field.type}
    if field.items:
        schema["items"] = field.items
    if field.is_custom:
        schema |= {"custom": field.custom, "customId": field.number}
    else:
        schema["system"] = field.id
    return {
        "id": field.id,
        **({"key": field.id} if flavour.cloud else {}),
        "name": field.name,
        "custom": field.is_custom,
        "orderable": True,
        "navigable": field.id != "comment",
        "searchable": field.searcher,
        "clauseNames": names if field.searcher else [],
        "schema": schema,
    }
