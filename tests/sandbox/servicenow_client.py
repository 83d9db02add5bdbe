"""A small ServiceNow desk and a client of its API, for the tests of the pretended server."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.clock import SandboxClock, parse_moment
from sandbox.faults import Faults
from sandbox.people import PEOPLE
from sandbox.request_log import RequestLog
from sandbox.servicenow import ServiceNowDesk, create_app
from sandbox.servicenow.access import API_KEY, PASSWORD
from sandbox.servicenow.writing import Hand, insert

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

NOW = parse_moment("2026-11-16T09:00:00+00:00")
SECOND = 1000

Row = dict[str, str]


@dataclass
class Instance:
    """One desk, its clock, and requests to it as the sync's own account."""

    clock: SandboxClock = field(default_factory=lambda: SandboxClock(NOW, speed=0))
    faults: Faults = field(default_factory=Faults)
    log: RequestLog = field(default_factory=RequestLog)

    def __post_init__(self) -> None:
        self.desk = ServiceNowDesk.from_stories([], PEOPLE, self.clock)
        self.http = create_app(self.desk, self.clock, self.faults, self.log).test_client()
        self.headers = {"Accept": "application/json", "x-sn-apikey": API_KEY}

    def ask(self, path: str, **sysparm: object) -> TestResponse:
        """GET with `sysparm_` parameters."""
        query = {f"sysparm_{name}": str(value) for name, value in sysparm.items()}
        return self.http.get(f"/api/now/{path}", query_string=query, headers=self.headers)

    def rows(self, table: str, query: str = "", **sysparm: object) -> list[Row]:
        """The rows found, as plain stored values."""
        plain = {"exclude_reference_link": "true"} | sysparm
        answer = self.ask(f"v2/table/{table}", query=query, **plain)
        assert answer.status_code == 200, answer.text
        found: list[Row] = answer.get_json()["result"]
        return found

    def patch(self, sys_id: str, query: str = "", /, **values: object) -> TestResponse:
        path = f"/api/now/table/incident/{sys_id}{query}"
        return self.http.patch(path, json=values, headers=self.headers)

    def incident(self, by: str = "carla", **values: str) -> str:
        """A new incident; its sys_id."""
        first = {"short_description": "Printer on fire", "caller_id": self.desk.user_id("carla")}
        hand = Hand(by, self.clock.now())
        return insert(self.desk, "incident", first | values, hand)["sys_id"]

    def sign_in(self, name: str) -> None:
        """From now on ask as this person, by basic authentication."""
        proof = base64.b64encode(f"{name}:{PASSWORD}".encode()).decode()
        self.headers = {"Accept": "application/json", "Authorization": f"Basic {proof}"}
