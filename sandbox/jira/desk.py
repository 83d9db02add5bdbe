"""The state of a Jira site and the only ways in which it changes."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.clock import SandboxClock
from sandbox.jira.index import indexed
from sandbox.jira.model import Comment, History, Issue, Item, Stored
from sandbox.jira.schema import (
    PROJECTS,
    STATUSES,
    WORKFLOW,
    Field,
    Project,
    Transition,
    site_fields,
)
from sandbox.jira.users import User, users_of
from sandbox.jira.values import told
from sandbox.people import TEAMS, TIERS, Person

RESOLVED_AS = "10000"
USUAL = (
    "BROWSE_PROJECTS", "EDIT_ISSUES", "ADD_COMMENTS", "ASSIGN_ISSUES", "TRANSITION_ISSUES",
    "SERVICEDESK_AGENT",
)  # fmt: skip


def first_dials() -> dict[str, Any]:
    """What a test or a person may turn: see docs of each below."""
    return {
        "index_lag": 0,  # ms of sandbox time until a search sees a change
        "admin": True,  # whether accounts may use notifyUsers=false
        "notify": "ignore",  # without admin, Cloud: ignore the wish | refuse (403) | drop the edit
        "granted": list(USUAL),  # permissions of every account, as GET /mypermissions calls them
        "forbidden": [],  # project keys whose issues may be read but not edited
        "hidden": [],  # project keys that cannot be seen any more
        "off_screen": {},  # project key -> field ids that its edit screen lacks
        "bulk_limit": 1000,  # issues per issue/bulkfetch; 100 is the limit of older sites
        "window": 10_000,  # Data Center: how deep startAt may reach
        "page_cap": 1000,  # Data Center: jira.search.views.default.max
        "time_zone": "",  # of every account; "" leaves each its own
        "stuck": False,  # a search gives its first page for ever, each time under a new token
        "lost_histories": [],  # ids of histories that are left out wherever histories are told
        "created_in_seconds": False,  # changelog/bulkfetch as its documentation shows it
    }


class JiraDesk:
    """A site. Every public method is one write or one look; hold `lock` around several."""

    def __init__(self, people: Mapping[str, Person], clock: SandboxClock, deployment: str) -> None:
        if deployment not in ("cloud", "dc"):
            raise ValueError(f"deployment is cloud or dc, not {deployment!r}")
        self.clock = clock
        self.cloud = deployment == "cloud"
        self.lock = threading.RLock()
        self.dials = first_dials()
        self.people = people
        self.users: dict[str, User] = users_of(people)
        self.fields = site_fields(tuple(TEAMS), tuple(TIERS))
        self.issues: dict[int, Issue] = {}
        self.mails: list[tuple[int, str, str]] = []
        """(when, issue key, why) of what watchers were mailed."""
        self._by_key: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._last = {"issue": 10_000, "history": 88_000, "comment": 40_000}

    def find(self, said: str) -> Issue | None:
        """By id, key, or a key it had before it was moved."""
        number = int(said) if said.isdecimal() else self._by_key.get(said.upper())
        issue = self.issues.get(number or 0)
        return None if issue is None or self._hidden(issue) else issue

    def seen(self) -> Iterator[Issue]:
        """Every issue that can be browsed, as it is, by id."""
        return (issue for issue in self.issues.values() if not self._hidden(issue))

    def indexed(self) -> list[Issue]:
        """Every issue as the search index has it now."""
        lag = int(self.dials["index_lag"])
        return list(self.seen()) if lag <= 0 else indexed(self.seen(), self.clock.now() - lag)

    def project_of(self, issue: Issue) -> Project:
        return PROJECTS[issue.text("project")]

    def workflow(self, issue: Issue) -> list[Transition]:
        """The transitions that lead out of its status."""
        return [step for step in WORKFLOW if issue.text("status") in step.leaving]

    def create(
        self, actor: str, at: int, project: Project, fields: Mapping[str, Stored], key: str = ""
    ) -> Issue:
        """A new issue; `key` only where a story has one for it."""
        key = self._key(project, key)
        number = self._next("issue")
        base: dict[str, Stored] = {
            "project": project.id, "issuetype": "10010", "status": "1", "priority": "3",
            "creator": actor or None, "reporter": actor or None, "labels": (),
            "statuscategorychangedate": at,
        }  # fmt: skip
        issue = Issue(number, key, at, at, base | dict(fields))
        if STATUSES[issue.text("status")].category.key == "done":
            issue.fields["resolutiondate"] = at
        self.issues[number] = issue
        self._by_key[key] = number
        return issue

    def edit(
        self, issue: Issue, actor: str, at: int, changes: Mapping[str, Stored], quiet: bool = False
    ) -> History | None:
        """Set fields, all in one history; what is already so leaves no trace, not even a stamp."""
        items = [
            self._item(self.fields[name], issue.fields.get(name), value)
            for name, value in changes.items()
            if (issue.fields.get(name) or None) != (value or None)
        ]
        if not items:
            return None
        history = self._record(issue, actor, at, tuple(items))
        issue.fields.update(changes)
        if not quiet:
            self.mails.append((at, issue.key, "edited"))
        return history

    def set_status(
        self, issue: Issue, actor: str, at: int, status: str, changes: Mapping[str, Stored]
    ) -> None:
        """Move through the workflow; entering or leaving done sets or clears the resolution."""
        done = STATUSES[status].category.key == "done"
        was = STATUSES[issue.text("status")].category
        resolution = issue.fields.get("resolution") or RESOLVED_AS
        self.edit(
            issue, actor, at,
            {"status": status, "resolution": resolution if done else None} | dict(changes),
        )  # fmt: skip
        if was != STATUSES[status].category:
            issue.fields["statuscategorychangedate"] = at
            issue.fields["resolutiondate"] = at if done else None

    def move(self, issue: Issue, actor: str, at: int, project: Project, key: str = "") -> None:
        """To another project: the key changes, the id stays, the old key goes on leading here."""
        old, new = self.project_of(issue), self._key(project, key)
        items = (
            Item("project", "project", "jira", old.id, old.name, project.id, project.name),
            Item("", "Key", "jira", None, issue.key, None, new),
        )
        self._record(issue, actor, at, items)
        issue.old_keys = (*issue.old_keys, issue.key)
        issue.key = new
        issue.fields["project"] = project.id
        self._by_key[new] = issue.id

    def comment(
        self, issue: Issue, actor: str, at: int, body: str | dict[str, Any],
        properties: Mapping[str, Any] | None = None,
    ) -> Comment:  # fmt: skip
        """Add a comment; internal where the property `sd.public.comment` says so."""
        self._touch(issue, at)
        comment = Comment(self._next("comment"), actor, at, at, body, dict(properties or {}))
        issue.comments.append(comment)
        self.mails.append((at, issue.key, "commented"))
        return comment

    def edit_comment(
        self, issue: Issue, comment: Comment, actor: str, at: int, body: str | dict[str, Any]
    ) -> None:
        """Replace its text."""
        self._touch(issue, at)
        comment.body, comment.updated, comment.editor = body, at, actor

    def delete_comment(self, issue: Issue, comment: Comment, at: int) -> None:
        self._touch(issue, at)
        issue.comments.remove(comment)

    def delete(self, issue: Issue) -> None:
        """For ever: it is found under no key and in no search."""
        del self.issues[issue.id]

    def backup(self) -> bytes:
        """The site as it is, for `restore`; the clock and the dials are not in it."""
        return pickle.dumps((self.issues, self._by_key, self._numbers, self._last))

    def restore(self, backup: bytes) -> None:
        """The site as it was: what happened since has not happened, and ids are given out again."""
        self.issues, self._by_key, self._numbers, self._last = pickle.loads(backup)  # noqa: S301 -- our own

    def told(self, name: str, value: Stored) -> str:
        """What people read for a value of this field; "" where it is empty."""
        return self._told(self.fields[name], value)[1] or ""

    def _hidden(self, issue: Issue) -> bool:
        hidden = self.dials["hidden"]
        return bool(hidden) and self.project_of(issue).key in hidden

    def _record(self, issue: Issue, actor: str, at: int, items: tuple[Item, ...]) -> History:
        self._touch(issue, at)
        history = History(self._next("history"), at, actor, items)
        issue.histories.append(history)
        return history

    def _item(self, field: Field, old: Stored, new: Stored) -> Item:
        name = field.name if field.is_custom else field.id
        kind = "custom" if field.is_custom else "jira"
        return Item(field.id, name, kind, *self._told(field, old), *self._told(field, new))

    def _told(self, field: Field, value: Stored) -> tuple[str | None, str | None]:
        if field.type == "user" and value is not None:
            user = self.users[str(value)]
            return (user.account_id if self.cloud else user.key), user.display_name
        return told(field, value)

    def _touch(self, issue: Issue, at: int) -> None:
        """Call before a change: the stamp rises, and an index that lags keeps what was."""
        if int(self.dials["index_lag"]) > 0:
            issue.shadows.append((at, issue.snapshot()))
        issue.updated = max(issue.updated, at)

    def _key(self, project: Project, key: str) -> str:
        number = int(key.split("-")[1]) if key else self._numbers.get(project.key, 0) + 1
        self._numbers[project.key] = max(number, self._numbers.get(project.key, 0))
        return f"{project.key}-{number}"

    def _next(self, what: str) -> int:
        self._last[what] += 1
        return self._last[what]
