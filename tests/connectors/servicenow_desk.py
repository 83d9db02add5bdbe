"""A pretended ServiceNow instance behind a real socket, and connectors to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.base import Connection
from connectors.servicenow import ServiceNow, connect
from sandbox.clock import SandboxClock, parse_moment
from sandbox.faults import Faults
from sandbox.people import PEOPLE
from sandbox.request_log import RequestLog
from sandbox.server import Served
from sandbox.servicenow import ServiceNowDesk, create_app
from sandbox.servicenow.access import API_KEY, CLIENT_ID, CLIENT_SECRET, PASSWORD, SYNC_USER
from sandbox.servicenow.writing import Hand, delete, insert, update
from sla_engine.terms import FieldTerms
from tests.contract import Desk, Who

NOW = parse_moment("2026-11-16T09:00:00+00:00")
SECOND = 1000
STATES = {"New": "1", "In Progress": "2", "On Hold": "3", "Resolved": "6", "Closed": "7"}
PUBLISH = {
    "u_sla_status": "state",
    "u_sla_due": "due",
    "u_sla_summary": "summary",
    "u_sla_missed": "missed",
}
SECRETS = {"token": API_KEY, "password": PASSWORD, "client_secret": CLIENT_SECRET}


@dataclass
class ServiceNowTown(Desk):
    """One instance; its clock moves only with what people do, a second each time."""

    clock: SandboxClock = field(default_factory=lambda: SandboxClock(NOW, speed=0))
    faults: Faults = field(default_factory=Faults)
    log: RequestLog = field(default_factory=RequestLog)
    slept: list[float] = field(default_factory=list)
    monotonic: float = 0.0
    desk: ServiceNowDesk | None = None
    url: str = ""

    published = {kind: name for name, kind in PUBLISH.items()}  # noqa: RUF012  # as Desk has it
    opening = "New"
    another_status = "In Progress"
    idle_requests = 2  # one page with what the overlap reads again, one that is empty

    def __post_init__(self) -> None:
        self.world = self.desk or empty_world()
        app = create_app(self.world, self.clock, self.faults, self.log)
        self.served = Served(app)
        self.url = self.served.url

    def close(self) -> None:
        self.served.stop()

    # Connectors

    def connection(
        self,
        options: Mapping[str, object] | None = None,
        fields: Mapping[str, FieldTerms] | None = None,
        secrets: Mapping[str, str] = SECRETS,
        publish: Mapping[str, str] = PUBLISH,
    ) -> Connection:
        said = {"url": self.url, "auth": "api_key", "user": SYNC_USER, "rate": 1e6}
        return Connection(
            "snow/acme",
            "servicenow",
            said | dict(options or {}),
            secrets.get,
            fields or {},
            publish,
        )

    def connect(
        self,
        fields: Mapping[str, FieldTerms] | None = None,
        secrets: Mapping[str, str] = SECRETS,
        publish: Mapping[str, str] = PUBLISH,
        **options: object,
    ) -> ServiceNow:
        made = self.connection(options, fields, secrets, publish)
        return connect(made, sleep=self.slept.append, clock=lambda: self.monotonic)

    def connect_by_oauth(self, secrets: Mapping[str, str] = SECRETS) -> ServiceNow:
        return self.connect(secrets=secrets, auth="oauth", client_id=CLIENT_ID)

    def connect_with_a_wrong_secret(self) -> ServiceNow:
        return self.connect(secrets=dict.fromkeys(SECRETS, "not the secret"))

    def connect_to_a_dead_host(self) -> ServiceNow:
        self.served.stop()
        return self.connect()

    # What people do

    def tick(self) -> int:
        self.clock.advance(SECOND)
        return self.clock.now()

    def add(self, title: str, by: str = "carla", **values: str) -> str:
        first = {"short_description": title, "caller_id": self.world.user_id("carla")}
        return insert(self.world, "incident", first | values, Hand(by, self.tick()))["sys_id"]

    def change(self, identity: str, by: str = "ada", audit: bool = True, **values: str) -> None:
        hand = Hand(by, self.tick())
        update(self.world, "incident", identity, values, hand, audit=audit)

    def set_status(self, identity: str, status: str) -> None:
        self.change(identity, state=STATES[status])

    def comment(self, identity: str, by: Who, public: bool) -> None:
        who = "ada" if by == "staff" else "carla"
        if public:
            self.change(identity, by=who, comments="Hello")
        else:
            self.change(identity, by=who, work_notes="Hello")

    def spoil(self, identity: str) -> None:
        row = self.world.get("incident", identity)
        assert row is not None
        self.world.rows("incident").put(dict(row) | {"sys_created_on": "yesterday"})

    def remove(self, identity: str) -> None:
        delete(self.world, "incident", identity, Hand("ada", self.tick()))

    def team(self, name: str, active: str = "true") -> str:
        values = {"name": name, "active": active}
        return self.world.add("sys_user_group", values, self.tick())["sys_id"]

    # What became of our writes

    def lose_the_next_answer(self) -> None:
        self.faults.add(kind="apply-then-drop", method="PATCH")

    def writes(self) -> int:
        return len([asked for asked in self.log.all() if asked.method == "PATCH"])

    def comments(self, identity: str) -> int:
        return len(self.world.rows("sys_journal_field").where("element_id", identity))

    def value(self, identity: str, column: str) -> str:
        row = self.world.get("incident", identity)
        assert row is not None
        return row[column]

    def tokens(self) -> int:
        """How many tokens were asked for."""
        return len([asked for asked in self.log.all() if asked.path == "/oauth_token.do"])

    def asked(self, table: str) -> list[str]:
        """The queries sent for a table, oldest first."""
        return [asked.query for asked in self.log.all() if f"/table/{table}" in asked.path]


def empty_world() -> ServiceNowDesk:
    """An instance without a server and without tickets."""
    return ServiceNowDesk.from_stories([], PEOPLE, SandboxClock(NOW, speed=0))
