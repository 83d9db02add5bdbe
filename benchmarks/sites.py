"""Ticket systems of the sandbox with invented tickets, each with a past."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from connectors.base import Connection, Connector
from connectors.jira import connect as connect_jira
from connectors.servicenow import connect as connect_servicenow
from sandbox import Running, start
from sandbox.jira.model import Stored
from sandbox.jira.schema import PROJECTS
from sandbox.jira.telling import INTERNAL
from sandbox.jira.users import TOKEN
from sandbox.people import PEOPLE, SYNC_BOT
from sandbox.request_log import RequestLog
from sandbox.servicenow.access import API_KEY, CLIENT_ID, CLIENT_SECRET, SYNC_USER
from sandbox.servicenow.writing import Hand, insert, update
from sla_engine.presets import FIELDS, PUBLISH

SECOND = 1000
SPEAKERS = ("carla", "ada", "bob")

Options = Mapping[str, object]


class Past(NamedTuple):
    """How often a ticket was changed and commented."""

    changes: int = 13
    comments: int = 12


class Site(NamedTuple):
    """One kind of system and how it is read. `add` makes a ticket with its past and gives its
    id; `change` lets one more thing happen to it. `most` are the calls that so many
    changed tickets may cost, none where nothing is promised; `idle` those of a quiet site."""

    name: str
    deployment: str
    options: Options
    add: Callable[[Running, Past], str]
    change: Callable[[Running, str], None]
    most: Mapping[int, int]
    idle: int = 1
    past: Past = Past()

    @property
    def is_jira(self) -> bool:
        return self.deployment != "servicenow"

    def begin(self) -> Running:
        """An empty one; its clock stands still."""
        dc = self.deployment == "data_center"
        return start(speed=0, empty=True, deployment="dc" if dc else "cloud")

    def log(self, running: Running) -> RequestLog:
        """What was asked of it."""
        return running.jira_log if self.is_jira else running.servicenow_log

    def connect(self, running: Running) -> Connector:
        """A connector that reads the usual fields and writes ours."""
        system = "jira" if self.is_jira else "servicenow"
        publish = dict(PUBLISH[system].fields)
        url = running.jira_url if self.is_jira else running.servicenow_url
        options = {"url": url, **self.options}
        made = Connection("bench", system, options, _SECRETS[system].get, FIELDS, publish)
        return (connect_jira if self.is_jira else connect_servicenow)(made)


_SECRETS = {
    "jira": {"token": TOKEN},
    "servicenow": {"client_secret": CLIENT_SECRET, "token": API_KEY},
}


def _tick(running: Running) -> int:
    running.clock.advance(SECOND)
    return running.clock.now()


def _add_issue(running: Running, past: Past) -> str:
    desk = running.jira
    issue = desk.create("carla", _tick(running), PROJECTS["10100"], {"summary": "Down again"})
    for turn in range(past.changes):
        fields: dict[str, Stored] = {"priority": str(1 + turn % 4)}
        if turn % 3 == 1:
            fields = {"assignee": SPEAKERS[1 + turn % 2]}
        if turn % 3 == 2:
            desk.set_status(issue, "ada", _tick(running), ("3", "10002")[turn % 2], {})
        else:
            desk.edit(issue, "ada", _tick(running), fields)
    for turn in range(past.comments):
        who, said = SPEAKERS[turn % 3], INTERNAL if turn % 6 == 1 else {}
        desk.comment(issue, who, _tick(running), _text(desk.cloud), said)
    return str(issue.id)


def _text(cloud: bool) -> str | dict[str, object]:
    said = {"type": "paragraph", "content": [{"type": "text", "text": "We look into it."}]}
    return {"type": "doc", "version": 1, "content": [said]} if cloud else "We look into it."


def _change_issue(running: Running, identity: str) -> None:
    desk = running.jira
    desk.edit(desk.issues[int(identity)], "ada", _tick(running), {"labels": ("urgent",)})


def _add_incident(running: Running, past: Past) -> str:
    desk = running.servicenow
    first = {"short_description": "Down again", "caller_id": desk.user_id("carla")}
    identity = insert(desk, "incident", first, Hand("carla", _tick(running)))["sys_id"]
    for turn in range(max(past)):
        values = {"state": ("2", "1")[turn % 2]} if turn % 2 else {"urgency": str(1 + turn % 3)}
        if turn % 3 == 1:
            values = {"assigned_to": desk.user_id(SPEAKERS[1 + turn % 2])}
        if turn < past.comments:
            values |= {"work_notes" if turn % 6 == 1 else "comments": "We look into it."}
        update(desk, "incident", identity, values, Hand(SPEAKERS[turn % 3], _tick(running)))
    return identity


def _change_incident(running: Running, identity: str) -> None:
    values = {"impact": "1"}
    update(running.servicenow, "incident", identity, values, Hand("ada", _tick(running)))


_CLOUD: Options = {"user": PEOPLE[SYNC_BOT].email, "rate": 0}
_SERVICENOW: Options = {"user": SYNC_USER, "rate": 1e6}

_ISSUES = (_add_issue, _change_issue)
_INCIDENTS = (_add_incident, _change_incident)

CLOUD = Site("Jira Cloud", "cloud", _CLOUD, *_ISSUES, most={10: 3, 100: 3, 1_000: 12})
UNREAD_CLOUD = Site(
    "Jira Cloud, comments unread",
    "cloud",
    {**_CLOUD, "comments": False},
    *_ISSUES,
    most={10: 3, 100: 3, 1_000: 3},
    idle=2,
    past=Past(9),  # with the last one: histories of a thousand fit a page
)
DATA_CENTER = Site(
    "Jira Data Center",
    "data_center",
    {"deployment": "data_center", "rate": 0},
    *_ISSUES,
    most={10: 3, 100: 3, 1_000: 20},
)
SERVICENOW = Site(
    "ServiceNow",
    "servicenow",
    {**_SERVICENOW, "auth": "oauth", "client_id": CLIENT_ID},
    *_INCIDENTS,
    most={1_000: 10},
)
KEYED_SERVICENOW = SERVICENOW._replace(
    name="ServiceNow by API key", options={**_SERVICENOW, "auth": "api_key"}
)
SITES = (CLOUD, UNREAD_CLOUD, DATA_CENTER, SERVICENOW, KEYED_SERVICENOW)
