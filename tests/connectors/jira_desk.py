"""A pretended Jira site behind a real socket, Cloud or Data Center, and connectors to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import requests

from connectors.base import Connection, Connector
from connectors.jira import connect
from sandbox.clock import SandboxClock, parse_moment
from sandbox.faults import Faults
from sandbox.jira.app import create_app
from sandbox.jira.desk import JiraDesk
from sandbox.jira.model import History, Issue, Stored
from sandbox.jira.schema import PROJECTS, STATUSES
from sandbox.jira.telling import INTERNAL
from sandbox.jira.users import TOKEN
from sandbox.limits import Limit
from sandbox.people import PEOPLE, SYNC_BOT
from sandbox.request_log import RequestLog
from sandbox.server import Served
from sla_engine.presets import FIELDS, PUBLISH
from sla_engine.terms import FieldTerms
from tests.connectors.wire import dead_port
from tests.contract import Desk, Who

NOW = parse_moment("2026-11-16T09:00:00+00:00")
SECOND = 1000
STATUS_IDS = {status.name: status.id for status in STATUSES.values()}
PROJECT = {project.key: project for project in PROJECTS.values()}
TIER = {"tier": FieldTerms("tier", {"jira": "Tier"})}
TERMS: Mapping[str, FieldTerms] = {**FIELDS, **TIER}
PUBLISHED = dict(PUBLISH["jira"].fields)
READS = ("/search/jql", "/search", "/issue/bulkfetch", "/changelog/bulkfetch")


@dataclass
class JiraTown(Desk):
    """One site; its clock moves only with what people do, a second each time."""

    deployment: Literal["cloud", "data_center"] = "cloud"
    clock: SandboxClock = field(default_factory=lambda: SandboxClock(NOW, speed=0))
    faults: Faults = field(default_factory=Faults)
    log: RequestLog = field(default_factory=RequestLog)
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk = JiraDesk(PEOPLE, self.clock, "cloud" if self.is_cloud else "dc")
        self.served = Served(create_app(self.desk, self.clock, self.faults, self.log))

    def close(self) -> None:
        self.served.stop()

    @property
    def is_cloud(self) -> bool:
        return self.deployment == "cloud"

    # Connectors

    def connect(
        self,
        terms: Mapping[str, FieldTerms] = TERMS,
        publish: Mapping[str, str] = PUBLISHED,
        token: str | None = TOKEN,
        name: str = "jira/acme",
        **options: object,
    ) -> Connector:
        said: dict[str, object] = {"deployment": self.deployment, "url": self.served.url, "rate": 0}
        if self.is_cloud:
            said["user"] = PEOPLE[SYNC_BOT].email
        secrets = {"token": token}
        made = Connection(name, "jira", said | options, secrets.get, terms, publish)
        return connect(made, sleep=self.sleep, clock=lambda: self.clock.now() / SECOND)

    def connect_with_a_wrong_secret(self) -> Connector:
        return self.connect(token="not the token")

    def connect_to_a_dead_host(self) -> Connector:
        return self.connect(url=f"http://127.0.0.1:{dead_port()}")

    def sleep(self, seconds: float) -> None:
        """Whoever waits, waits in the site's own time, which is nobody's real time."""
        self.slept.append(seconds)
        self.clock.advance(math.ceil(seconds * SECOND))

    # What people do

    def tick(self) -> int:
        self.clock.advance(SECOND)
        return self.clock.now()

    def issue(self, identity: str) -> Issue:
        return self.desk.issues[int(identity)]

    def add(self, title: str, project: str = "SUP", by: str = "carla", **fields: Stored) -> str:
        first = {"summary": title, **fields}
        return str(self.desk.create(by, self.tick(), PROJECT[project], first).id)

    def edit(self, identity: str, by: str = "ada", **fields: Stored) -> None:
        self.desk.edit(self.issue(identity), by, self.tick(), fields)

    def set_status(self, identity: str, status: str) -> None:
        self.desk.set_status(self.issue(identity), "ada", self.tick(), STATUS_IDS[status], {})

    def comment(self, identity: str, by: Who, public: bool) -> None:
        who = "ada" if by == "staff" else "carla"
        body: str | dict[str, object] = "Hello"
        if self.is_cloud:
            text = {"type": "text", "text": "Hello"}
            body = {
                "type": "doc",
                "version": 1,
                "content": [{"type": "paragraph", "content": [text]}],
            }
        properties = {} if public else INTERNAL
        self.desk.comment(self.issue(identity), who, self.tick(), body, properties)

    def spoil(self, identity: str) -> None:
        """Its next history bears an id that is no number."""
        issue = self.issue(identity)
        self.edit(identity, priority="1")
        last = issue.histories[-1]
        issue.histories[-1] = History("eighty", *last[1:])  # type: ignore[arg-type]  # on purpose

    def remove(self, identity: str) -> None:
        self.desk.delete(self.issue(identity))

    # What the server saw

    def lose_the_next_answer(self) -> None:
        self.faults.add(kind="apply-then-drop", method="POST", path="/comment$")

    def limit(self, *limits: Limit) -> None:
        """What the site lets through from now on; nothing said: everything."""
        said = [one._asdict() for one in limits]
        url = f"{self.served.url}/_sandbox/limits"
        requests.post(url, json={"limits": said}, timeout=9).raise_for_status()

    def writes(self) -> int:
        return len(self.log.writes(READS))

    def comments(self, identity: str) -> int:
        return len(self.issue(identity).comments)
