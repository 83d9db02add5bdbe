"""A Jira of the sandbox, served alone, and a client that speaks to it as a connector would."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from sandbox.clock import SandboxClock
from sandbox.faults import Faults
from sandbox.jira.app import create_app
from sandbox.jira.desk import JiraDesk
from sandbox.jira.telling import play
from sandbox.jira.users import TOKEN
from sandbox.people import PEOPLE
from sandbox.request_log import RequestLog
from sandbox.server import Served
from sandbox.story import stories

BOT = "sla-bot@lumen.example"
Json = Any
"""An answer as it was parsed."""
STATUS, DUE, SUMMARY, MISSED = (f"customfield_{n}" for n in (10101, 10102, 10103, 10104))
TIER = "customfield_10040"


class Answered:
    """Status and body of an answer."""

    def __init__(self, answer: requests.Response) -> None:
        self.status = answer.status_code
        self.headers = answer.headers
        self.text = answer.text
        self.json: Json = answer.json() if answer.text.startswith(("{", "[")) else None

    @property
    def said(self) -> str:
        """All that an error says, in one line."""
        errors = self.json.get("errors", {})
        return " ".join([*self.json["errorMessages"], *errors.values()])


@dataclass
class Site:
    desk: JiraDesk
    clock: SandboxClock
    faults: Faults
    log: RequestLog
    url: str
    http: requests.Session
    api: str = "3"

    def link(self, path: str) -> str:
        return self.url + path if path.startswith("/") else f"{self.url}/rest/api/{self.api}/{path}"

    def get(self, path: str, **params: object) -> Answered:
        return Answered(self.http.get(self.link(path), params=params, timeout=5))  # type: ignore[arg-type]  # requests turns them to text

    def post(self, path: str, /, **body: object) -> Answered:
        return Answered(self.http.post(self.link(path), json=body, timeout=5))

    def put(self, path: str, /, **body: object) -> Answered:
        return Answered(self.http.put(self.link(path), json=body, timeout=5))

    def delete(self, path: str) -> Answered:
        return Answered(self.http.delete(self.link(path), timeout=5))

    def search(self, jql: str, **more: object) -> Answered:
        return self.post("search/jql" if self.desk.cloud else "search", **{"jql": jql} | more)

    def keys(self, jql: str) -> list[str]:
        """The keys that a query finds, in its order."""
        found = self.search(jql, fields=["key"], maxResults=5000)
        assert found.status == 200, found.text
        return [issue["key"] for issue in found.json["issues"]]


@contextmanager
def jira_site(deployment: str = "cloud", empty: bool = False) -> Iterator[Site]:
    """A site whose clock stands still at the default now, signed in as the sync bot."""
    clock = SandboxClock(speed=0)
    desk = JiraDesk(PEOPLE, clock, deployment)
    if not empty:
        play(desk, stories(42, clock.now()))
    faults, log = Faults(), RequestLog()
    served = Served(create_app(desk, clock, faults, log))
    with requests.Session() as http:
        if deployment == "cloud":
            http.auth = (BOT, TOKEN)
        else:
            http.headers["Authorization"] = f"Bearer {TOKEN}"
        api = "3" if deployment == "cloud" else "2"
        yield Site(desk, clock, faults, log, served.url, http, api)
    served.stop()


def adf(text: str) -> Json:
    """A document of one paragraph."""
    words = [{"type": "text", "text": text}]
    content = [{"type": "paragraph", "content": words}]
    return {"type": "doc", "version": 1, "content": content}
