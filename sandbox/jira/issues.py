"""An issue as JSON: the fields asked for, its history and its comments, clipped as Jira clips."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from sandbox.jira.desk import JiraDesk
from sandbox.jira.model import Comment, History, Issue, Item, Stored
from sandbox.jira.render import (
    Flavour,
    Json,
    category_json,
    priority_json,
    project_json,
    resolution_json,
    status_json,
    transition_json,
    type_json,
    user_json,
)
from sandbox.jira.schema import (
    COMPONENTS,
    PRIORITIES,
    PROJECTS,
    RESOLUTIONS,
    STATUSES,
    TYPES,
    Field,
)

EMBEDDED_COMMENTS = 100  # Cloud embeds the newest hundred
SEARCH_HISTORIES = 40  # the newest forty, in search/jql and issue/bulkfetch
ISSUE_HISTORIES = 100  # the newest hundred, in GET issue
_HEAVY = {"comment"}  # *navigable leaves them out


class Wanted(NamedTuple):
    """What a caller asked for. `fields` as given: ids, `*all`, `*navigable`, `-id`."""

    fields: tuple[str, ...]
    expand: frozenset[str] = frozenset()
    properties: tuple[str, ...] = ()
    histories: int | None = SEARCH_HISTORIES  # at most so many; None: all of them

    def names(self, fields: Iterable[str]) -> list[str]:
        """The ids out of `fields` that are wanted, in their order."""
        asked = set(self.fields)
        stars = asked & {"*all", "*navigable"}
        if asked and not stars and all(name.startswith("-") for name in asked):
            stars = {"*all"}
        chosen = [name for name in fields if name in asked or (stars and self._starred(name))]
        return [name for name in chosen if f"-{name}" not in asked]

    def _starred(self, name: str) -> bool:
        return "*all" in self.fields or "*navigable" not in self.fields or name not in _HEAVY


def issue_json(desk: JiraDesk, flavour: Flavour, issue: Issue, wanted: Wanted) -> Json:
    """The issue; with `id` alone asked for it is nothing but that, as search/jql answers."""
    if wanted.fields == ("id",) and not wanted.expand and not wanted.properties:
        return {"id": str(issue.id)}
    answer: Json = {
        "expand": "renderedFields,names,schema,operations,editmeta,changelog",
        "id": str(issue.id),
        "self": flavour.link(f"issue/{issue.id}"),
        "key": issue.key,
    }
    names = wanted.names(desk.fields)
    if names:
        answer["fields"] = {n: _value(desk, flavour, issue, desk.fields[n]) for n in names}
    if wanted.properties:
        answer["properties"] = {
            key: issue.properties[key] for key in wanted.properties if key in issue.properties
        }
    return answer | _expanded(desk, flavour, issue, wanted, names)


def _expanded(
    desk: JiraDesk, flavour: Flavour, issue: Issue, wanted: Wanted, names: list[str]
) -> Json:
    answer: Json = {}
    if "changelog" in wanted.expand:
        answer["changelog"] = embedded_changelog(desk, flavour, issue, wanted.histories)
    if "names" in wanted.expand:
        answer["names"] = {name: desk.fields[name].name for name in names}
    if "transitions" in wanted.expand:
        answer["transitions"] = [
            transition_json(flavour, step, STATUSES[step.to]) for step in desk.workflow(issue)
        ]
    return answer


def _value(desk: JiraDesk, flavour: Flavour, issue: Issue, field: Field) -> object:
    if field.id in ("created", "updated"):
        return flavour.moment(getattr(issue, field.id))
    if field.id == "comment":
        return embedded_comments(desk, flavour, issue)
    if field.id == "statusCategory":
        return category_json(flavour, STATUSES[issue.text("status")].category)
    return value_json(desk, flavour, field, issue.fields.get(field.id))


def value_json(desk: JiraDesk, flavour: Flavour, field: Field, value: Stored) -> object:
    """A stored value as JSON, by the field's type."""
    if isinstance(value, tuple) and field.items == "component":
        return [_component(flavour, one) for one in value]
    if isinstance(value, tuple):
        return [_option(flavour, field, one) for one in value] if field.options else list(value)
    if value is None:
        return [] if field.type == "array" and not field.is_custom else None
    if field.type == "option":
        return _option(flavour, field, str(value))
    if field.type == "datetime":
        return flavour.moment(int(str(value)))
    if field.type == "user":
        return user_json(flavour, desk.users[str(value)])
    if field.id == "description" or field.custom.endswith(":textarea"):
        return flavour.body(value) if isinstance(value, str | dict) else value
    return _named(flavour, field, value)


def _named(flavour: Flavour, field: Field, value: Stored) -> object:
    id_ = str(value)
    if field.type == "status":
        return status_json(flavour, STATUSES[id_])
    if field.type == "priority":
        return priority_json(flavour, PRIORITIES[id_])
    if field.type == "resolution":
        return resolution_json(flavour, RESOLUTIONS[id_])
    if field.type == "issuetype":
        return type_json(flavour, TYPES[id_])
    return project_json(flavour, PROJECTS[id_]) if field.type == "project" else value


def _component(flavour: Flavour, name: str) -> Json:
    id_ = COMPONENTS[name]
    return {"self": flavour.link(f"component/{id_}"), "id": id_, "name": name}


def _option(flavour: Flavour, field: Field, id_: str) -> Json:
    link = flavour.link(f"customFieldOption/{id_}")
    return {"self": link, "value": field.options[id_], "id": id_}


def embedded_changelog(desk: JiraDesk, flavour: Flavour, issue: Issue, most: int | None) -> Json:
    """Newest first and clipped on Cloud (`startAt` is 0 all the same); all, oldest first, on DC."""
    histories = told_histories(desk, issue)
    if flavour.cloud:
        histories = sorted(histories, key=lambda h: (-h.at, -h.id))[:most]
    return {
        "startAt": 0,
        "maxResults": len(histories) if not flavour.cloud or most is None else most,
        "total": len(issue.histories),
        "histories": [history_json(desk, flavour, history) for history in histories],
    }


def told_histories(desk: JiraDesk, issue: Issue) -> list[History]:
    """All but those that the site lost."""
    lost = desk.dials["lost_histories"]
    return [one for one in issue.histories if one.id not in lost] if lost else issue.histories


def history_json(desk: JiraDesk, flavour: Flavour, history: History) -> Json:
    """One history, `created` as ISO; without an author where the account is gone."""
    answer: Json = {"id": str(history.id)}
    if history.author:
        answer["author"] = user_json(flavour, desk.users[history.author])
    answer["created"] = flavour.moment(history.at)
    answer["items"] = [_item_json(flavour, item) for item in history.items]
    return answer


def _item_json(flavour: Flavour, item: Item) -> Json:
    """Data Center says no `fieldId`."""
    answer: Json = {"field": item.field, "fieldtype": item.kind}
    if flavour.cloud and item.field_id:
        answer["fieldId"] = item.field_id
    return answer | {
        "from": item.from_,
        "fromString": item.from_text,
        "to": item.to,
        "toString": item.to_text,
    }


def embedded_comments(desk: JiraDesk, flavour: Flavour, issue: Issue) -> Json:
    """The newest hundred on Cloud, `startAt` telling where they begin; all on Data Center."""
    total = len(issue.comments)
    begin = max(0, total - EMBEDDED_COMMENTS) if flavour.cloud else 0
    return comments_page(desk, flavour, issue, issue.comments[begin:], begin, total)


def comments_page(
    desk: JiraDesk, flavour: Flavour, issue: Issue, comments: list[Comment], begin: int, most: int
) -> Json:
    return {
        "self": flavour.link(f"issue/{issue.id}/comment"),
        "comments": [comment_json(desk, flavour, issue, comment) for comment in comments],
        "maxResults": most,
        "total": len(issue.comments),
        "startAt": begin,
    }


def comment_json(
    desk: JiraDesk, flavour: Flavour, issue: Issue, comment: Comment,
    expand: Collection[str] = (),
) -> Json:  # fmt: skip
    """`jsdPublic` only in service projects; `properties` only where expanded."""
    answer: Json = {
        "self": flavour.link(f"issue/{issue.id}/comment/{comment.id}"),
        "id": str(comment.id),
    }
    if comment.author:
        answer["author"] = user_json(flavour, desk.users[comment.author])
    answer["body"] = flavour.body(comment.body)
    if comment.editor or comment.author:
        answer["updateAuthor"] = user_json(flavour, desk.users[comment.editor or comment.author])
    answer["created"] = flavour.moment(comment.created)
    answer["updated"] = flavour.moment(comment.updated)
    if comment.visibility:
        answer["visibility"] = comment.visibility
    if desk.project_of(issue).kind == "service_desk":
        answer["jsdPublic"] = not comment.internal
    if "properties" in expand:
        answer["properties"] = [{"key": k, "value": v} for k, v in comment.properties.items()]
    return answer
