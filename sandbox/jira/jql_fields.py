"""What each field offers to JQL: its words, its place in an order, how values are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sandbox.jira.adf import to_text
from sandbox.jira.desk import JiraDesk
from sandbox.jira.jql_read import JqlError
from sandbox.jira.model import Issue
from sandbox.jira.schema import PRIORITIES, PROJECTS, RESOLUTIONS, STATUSES, TYPES, Field
from sandbox.jira.users import User

Rank = int | float | str | tuple[str, int]


class Searched(NamedTuple):
    """A field as JQL sees it. `words` are the lower-case texts by which a value is equal to it;
    `known` are all the words there may be (None: any), `rank` is its place or None where empty."""

    name: str
    kind: str  # date, text, key, user, set
    words: Callable[[Issue], set[str]]
    rank: Callable[[Issue], Rank | None]
    known: set[str] | None = None


_ALIASES = {
    "issuekey": "key", "issue": "key", "id": "key", "type": "issuetype", "updateddate": "updated",
    "createddate": "created", "resolved": "resolutiondate", "due": "duedate",
}  # fmt: skip


def searched(desk: JiraDesk, said: str) -> Searched:
    """The field meant by a name of JQL; JqlError where there is none or it cannot be searched."""
    name = _ALIASES.get(said.lower(), said.lower())
    if name == "key":
        return Searched("key", "key", lambda i: {i.key.lower(), str(i.id)}, _key_rank)
    if name == "text":
        return Searched("text", "text", _all_text, _unranked)
    if name in ("created", "updated"):
        return Searched(name, "date", _wordless, lambda issue: getattr(issue, name))
    field = _by_name(desk, name)
    if field is None or not field.searcher:
        raise JqlError(f"Field '{said}' does not exist or you do not have permission to view it.")
    return _searched_field(desk, field)


def _by_name(desk: JiraDesk, name: str) -> Field | None:
    for field in desk.fields.values():
        if field.is_custom and name in (field.name.lower(), f"cf[{field.number}]"):
            return field
        if not field.is_custom and name == field.id.lower():
            return field
    return None


def _searched_field(desk: JiraDesk, field: Field) -> Searched:
    names = _names(field)
    if field.type in ("datetime", "date", "number"):
        return Searched(field.name, "date", _wordless, lambda i: _number(i, field.id))
    if field.type == "user":
        return _user_field(desk, field)
    if names is not None:
        order = list(names)
        known = {word for id_, name in names.items() for word in (id_.lower(), name.lower())}
        if field.id == "project":
            known |= {project.key.lower() for project in PROJECTS.values()}
        return Searched(
            field.id if not field.is_custom else field.name,
            "set",
            lambda issue: _named_words(issue, field, names),
            lambda issue: _place(issue, field, order),
            known,
        )
    if field.type == "array":
        return Searched(field.name, "set", lambda i: _many(i, field.id), _unranked)
    return Searched(field.name, "text", lambda i: _one(i, field.id), lambda i: i.text(field.id))


def _wordless(_: Issue) -> set[str]:
    return set()


def _unranked(_: Issue) -> Rank | None:
    return None


def _names(field: Field) -> dict[str, str] | None:
    fixed = {
        "status": {s.id: s.name for s in STATUSES.values()},
        "statusCategory": {str(s.category.id): s.category.name for s in STATUSES.values()},
        "priority": {p.id: p.name for p in PRIORITIES.values()},
        "resolution": {r.id: r.name for r in RESOLUTIONS.values()},
        "issuetype": {t.id: t.name for t in TYPES.values()},
        "project": {p.id: p.name for p in PROJECTS.values()},
    }
    return field.options if field.options else fixed.get(field.id)


def _named_words(issue: Issue, field: Field, names: dict[str, str]) -> set[str]:
    if field.id == "statusCategory":
        category = STATUSES[issue.text("status")].category
        return {str(category.id), category.name.lower(), category.key}
    if field.id == "project":
        project = PROJECTS[issue.text("project")]
        return {project.id, project.key.lower(), project.name.lower()}
    value = issue.fields.get(field.id)
    ids = value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()
    return {word for id_ in ids for word in (id_.lower(), names[id_].lower())}


def _place(issue: Issue, field: Field, order: list[str]) -> Rank | None:
    if field.id == "project":
        return PROJECTS[issue.text("project")].key
    if field.id == "priority":  # Highest is the greatest
        return -order.index(issue.text("priority")) if issue.text("priority") else None
    value = issue.text(field.id)
    return order.index(value) if value in order else None


def _user_field(desk: JiraDesk, field: Field) -> Searched:
    def user(issue: Issue) -> User | None:
        return desk.users.get(issue.text(field.id))

    def words(issue: Issue) -> set[str]:
        who = user(issue)
        return {who.account_id.lower(), who.name.lower(), who.key.lower()} if who else set()

    def rank(issue: Issue) -> Rank | None:
        who = user(issue)
        return who.display_name if who else None

    return Searched(field.id, "user", words, rank)


def _key_rank(issue: Issue) -> Rank:
    return issue.key.rsplit("-", 1)[0], issue.number


def _number(issue: Issue, name: str) -> Rank | None:
    value = issue.fields.get(name)
    return value if isinstance(value, int | float) else None


def _many(issue: Issue, name: str) -> set[str]:
    value = issue.fields.get(name)
    return {one.lower() for one in value} if isinstance(value, tuple) else set()


def _one(issue: Issue, name: str) -> set[str]:
    value = issue.fields.get(name)
    text = to_text(value) if isinstance(value, dict) else value
    return {str(text).lower()} if text else set()


def _all_text(issue: Issue) -> set[str]:
    bodies = (to_text(c.body) if isinstance(c.body, dict) else c.body for c in issue.comments)
    return _one(issue, "summary") | _one(issue, "description") | {body.lower() for body in bodies}
