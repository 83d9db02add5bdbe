"""R15: whatever ends the work, or keeps it from its end, somebody outside hears of it within one
pass more than data may be old: the dead man's switch hears no success, /healthz or `sla health`
say so, or all of them.

The service turns as it does for ever, but for time: a minute passes when the test says so.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NameResolutionError

import sync
from commands.loop import Service
from commands.session import open_session
from commands.signals import Switch
from sandbox.people import PEOPLE, SYNC_BOT
from service.state.store import Store
from service.watch.pulse import Pulse
from service.watch.watching import Watch
from sla_engine.units import DAY, MINUTE, Instant, Millis, to_iso
from tests.commands.test_loop import Said
from tests.connectors.jira_desk import JiraTown
from tests.fault.test_nth_file import no_larger_than
from web.app import create_app
from web.health import health_pages

URL = "https://watch.example/ping"
OLD = 3
"""Passes without a read after which data are too old."""
LOG = "ticket,at,status\nOPS-1,2026-11-16T09:00:00Z,Open\n"
SETTINGS = """
connections:
  jira/acme: {{system: jira, url: '{url}', user: {user}}}
  log:
    system: event_log
    path: log.csv
    columns: {{ticket: ticket, at: at}}
    done_states: [Done]
mode: write
limits: {{share_of_tickets: 100%}}
heartbeat: {{url_env: SLA_BEAT}}
"""
POLICY = """
schema: sla/v1
policies:
  all:
    match: {project: SUP}
    calendar: 24x7
    targets: {resolution: 8h}
"""


class House:
    """A service at work in a folder, over a sandbox and a log, and all who watch it."""

    def __init__(self, folder: Path, town: JiraTown, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.town, self.patch = folder, town, monkeypatch
        self.settings = folder / "service.yaml"
        self.session = open_session(str(self.settings))
        self.passed, self.step, self.heard = 0.0, MINUTE, list[str]()
        self.works = self.there = True
        self.around: Callable[[], AbstractContextManager[None]] = nullcontext
        self.watch = Watch(self.session.settings, self.clock, "v1")
        self.watch.pulse = Pulse(lambda: self.passed)
        self.pages = create_app([health_pages(self.watch)]).test_client()
        monkeypatch.setattr("service.watch.heartbeat._post", self.hear)

    def hear(self, url: str) -> int:
        self.heard.append(url)
        return 200

    def open(self, store: Store) -> None:
        self.service = Service(
            self.session,
            store,
            self.clock,
            Switch(),
            Said(),
            self.watch,
            passing=lambda: self.passed,
        )

    def clock(self) -> Instant:
        return Instant(self.town.clock.now())

    def turn(self) -> None:
        """A minute, and the pass that is due, if there is one."""
        self.town.clock.set(Instant(self.clock() + self.step))
        self.passed += 60
        self.heard.clear()
        if self.works:
            with self.around():
                self.service.beat()
            self.watch.pulse.rest(60)

    def alarms(self) -> set[str]:
        """Who raises one now."""
        return {
            name
            for name, well in {
                "switch": URL in self.heard,
                "healthz": self.there and self._healthz() == 200,
                "health": self._health() == 0,
            }.items()
            if not well
        }

    def _healthz(self) -> int:
        return self.pages.get(f"/healthz?max_age={OLD}m").status_code

    def _health(self) -> int:
        words = ["--max-age", f"{OLD}m", "--now", to_iso(self.clock())]
        return sync.run(["health", "--config", str(self.settings), *words])


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    town = JiraTown()
    town.add("one")
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/all.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "log.csv").write_text(LOG, encoding="utf-8")
    said = SETTINGS.format(url=town.served.url, user=PEOPLE[SYNC_BOT].email)
    (tmp_path / "service.yaml").write_text(said, encoding="utf-8")
    monkeypatch.setenv("SLA_JIRA_ACME_TOKEN", "sandbox-token")
    monkeypatch.setenv("SLA_BEAT", URL)
    monkeypatch.setattr("connectors.retries.ATTEMPTS", 1)  # who tries again notices later
    made = House(tmp_path, town, monkeypatch)
    with made.session.store(writer=True) as store:
        made.open(store)
        made.turn()
        yield made
    town.close()


def answers(**fault: object) -> Callable[[House], object]:
    """Each answer of the system is such a one."""
    return lambda house: house.town.faults.add(path=".", times=0, **fault)


def fails(error: Exception) -> Callable[[House], object]:
    """The wire fails like this."""

    def request(*_: object, **__: object) -> object:
        raise error

    return lambda house: house.patch.setattr(requests.Session, "request", request)


def broken(place: str) -> Callable[[House], object]:
    """A bug at a place of the program."""

    def bug(*_: object, **__: object) -> object:
        raise ZeroDivisionError

    return lambda house: house.patch.setattr(place, bug)


def killed(house: House) -> None:
    house.works = house.there = False


def hung(house: House) -> None:
    house.works = False


def no_room(house: House) -> None:
    house.around = lambda: no_larger_than(0)


def jumps(house: House) -> None:
    house.step = Millis(7 * MINUTE)


def goes_back(house: House) -> None:
    house.step = Millis(-7 * MINUTE)


def nobody_left(house: House) -> None:
    """The account sees no ticket any more, which the daily count brings out."""
    house.town.desk.issues.clear()
    house.town.clock.set(Instant(house.clock() + DAY))
    house.passed += DAY / 1000


def deaf(house: House) -> None:
    fails(requests.ConnectionError())(house)
    house.patch.setattr("service.watch.heartbeat._post", lambda _: 503)


def as_a_folder(name: str) -> Callable[[House], object]:
    def made(house: House) -> None:
        for path in house.folder.glob(f"{name}*"):
            path.unlink()
        (house.folder / name).mkdir()
        house.service._store._engine.dispose()

    return made


def certificate() -> requests.exceptions.SSLError:
    return requests.exceptions.SSLError(
        MaxRetryError(None, "/x", ssl.SSLCertVerificationError())  # type: ignore[arg-type]  # as urllib3 itself raises it
    )


def name() -> requests.ConnectionError:
    return requests.ConnectionError(
        MaxRetryError(None, "/x", NameResolutionError("acme.example", None, OSError()))  # type: ignore[arg-type]  # as urllib3 itself raises it
    )


ALL = {"switch", "healthz", "health"}
SCENARIOS: dict[str, tuple[Callable[[House], object], set[str]]] = {
    "killed": (killed, ALL),
    "hung": (hung, ALL),
    "a bug in every pass": (broken("commands.loop.run_pass"), ALL),
    "a bug in a connector": (broken("connectors.jira.connector.JiraConnector.pull"), ALL),
    "no room on the disk": (no_room, ALL),
    "a state that cannot be opened": (as_a_folder("state.db"), ALL),
    "401": (answers(kind="status", status=401), ALL),
    "403": (answers(kind="status", status=403), ALL),
    "404": (answers(kind="status", status=404), ALL),
    "408": (answers(kind="status", status=408), ALL),
    "429 for an hour": (answers(kind="retry-after", headers={"Retry-After": "3600"}), ALL),
    "500": (answers(kind="status", status=500), ALL),
    "503": (answers(kind="status", status=503), ALL),
    "a login page": (answers(kind="html"), ALL),
    "single sign-on": (answers(kind="redirect"), ALL),
    "200 and nothing": (answers(kind="body", status=200, body=""), ALL),
    "204": (answers(kind="body", status=204, body=""), ALL),
    "null": (answers(kind="body", status=200, body="null"), ALL),
    "another shape": (answers(kind="body", status=200, body='{"issues": 7}'), ALL),
    "half an answer": (answers(kind="truncate"), ALL),
    "a dropped connection": (answers(kind="drop"), ALL),
    "nobody listens": (lambda house: house.town.served.stop(), ALL),
    "DNS": (fails(name()), ALL),
    "TLS": (fails(certificate()), ALL),
    "the proxy": (fails(requests.exceptions.ProxyError()), ALL),
    "no connection in time": (fails(requests.ConnectTimeout()), ALL),
    "no answer in time": (fails(requests.ReadTimeout()), ALL),
    "no ticket any more": (nobody_left, ALL),
    "a log that is gone": (lambda house: (house.folder / "log.csv").unlink(), ALL),
    "a log that is none": (as_a_folder("log.csv"), ALL),
    "the network, and the switch's": (deaf, ALL),
    "halted": (lambda house: (house.folder / "sla.halt").touch(), {"switch"}),
    "a clock that jumps": (jumps, {"switch"}),
    "a clock that goes back": (goes_back, {"switch"}),
}


@pytest.mark.parametrize("what", SCENARIOS)
def test_somebody_hears_of_it(what: str, house: House) -> None:
    assert house.alarms() == set()
    happens, noticed = SCENARIOS[what]
    happens(house)
    heard: set[str] = set()
    for _ in range(OLD + 1):
        house.turn()
        heard |= house.alarms()
    assert heard == noticed
    if what == "hung":
        house.passed += 600
        assert house.pages.get("/livez").status_code == 503
