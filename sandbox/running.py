"""Both invented systems, served: one process, one port each, loopback only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sandbox.clock import SandboxClock, parse_moment
from sandbox.faults import Faults
from sandbox.jira.app import create_app as create_jira
from sandbox.jira.desk import JiraDesk
from sandbox.jira.telling import play
from sandbox.people import PEOPLE
from sandbox.request_log import RequestLog
from sandbox.server import Served
from sandbox.servicenow import ServiceNowDesk, load_data
from sandbox.servicenow import create_app as create_servicenow
from sandbox.story import TELLERS

JIRA_PORT, SERVICENOW_PORT = 8701, 8702


@dataclass(frozen=True)
class Running:
    """A running sandbox. Turn it by its parts or over HTTP at `/_sandbox/`; `stop()` ends it."""

    jira_url: str
    servicenow_url: str
    clock: SandboxClock
    jira: JiraDesk
    servicenow: ServiceNowDesk
    jira_faults: Faults
    servicenow_faults: Faults
    jira_log: RequestLog
    servicenow_log: RequestLog
    servers: tuple[Served, ...]

    def stop(self) -> None:
        """Both ports are free when this returns."""
        for server in self.servers:
            server.stop()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(
    jira_port: int = 0,
    servicenow_port: int = 0,
    seed: int = 42,
    now: int | str | None = None,
    speed: float = 1,
    data: Path | None = None,
    chaos: str = "",
    deployment: str = "cloud",
    empty: bool = False,
    story: str = "everyday",
) -> Running:
    """Start both; port 0 takes a free one. `now` is ISO 8601 or epoch ms, `speed` 0 stands still.

    `deployment` is what the Jira is: `cloud` (v3) or `dc` (v2). `data` is a folder of incidents for
    the ServiceNow in place of the story, which is one of `TELLERS`; `empty` leaves it out of both.
    """
    clock = SandboxClock(parse_moment(now) if isinstance(now, str) else now, speed)
    told = [] if empty else TELLERS[story](seed, clock.now())
    jira = JiraDesk(PEOPLE, clock, deployment)
    play(jira, told)
    servicenow = load_data(data) if data else ServiceNowDesk.from_stories(told, PEOPLE, clock)
    faults = (Faults(chaos, seed), Faults(chaos, seed))
    logs = (RequestLog(), RequestLog())
    servers = (
        Served(create_jira(jira, clock, faults[0], logs[0]), jira_port),
        Served(create_servicenow(servicenow, clock, faults[1], logs[1]), servicenow_port),
    )
    urls = (servers[0].url, servers[1].url)
    return Running(*urls, clock, jira, servicenow, *faults, *logs, servers)
