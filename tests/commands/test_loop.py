"""The heartbeat: it keeps its rhythm, wakes early for a deadline, never dies, ends when told."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from commands.loop import Service, beats
from commands.reporters import Lines, Log
from commands.serving import Served
from commands.session import open_session
from commands.signals import Switch
from service.passes.doorbell import GATHER, Doorbell
from service.passes.passes import run_pass
from service.watch.watching import Watch
from sla_engine.units import MINUTE, SECOND, Instant
from sync import run
from tests.service.desks import T0
from tests.test_sync import LOG, POLICY, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from service.delivery.outcome import PassReport
    from service.delivery.runs import Entry

ROOT = Path(__file__).resolve().parents[2]


class FakeSwitch(Switch):
    """Time passes by waiting, and only by waiting; over at `end`."""

    def __init__(self, end: Instant) -> None:
        super().__init__()
        self.now = T0
        self._end = end

    def wait(self, seconds: float) -> None:
        self.now = Instant(self.now + round(max(0.0, seconds) * 1000))
        self.stopping = self.now >= self._end

    def passing(self) -> float:
        return self.now / 1000


def beaten(every: int, until: int, coming: dict[int, int]) -> list[int]:
    """Seconds after the start at which a beat was. `coming` is what the beat at a second names."""
    switch = FakeSwitch(Instant(T0 + until * SECOND))
    found: list[int] = []

    def beat() -> Instant | None:
        at = (switch.now - T0) // SECOND
        found.append(at)
        return Instant(T0 + coming[at] * SECOND) if at in coming else None

    beats(beat, every, switch, lambda: switch.now, switch.passing)
    return found


def test_it_beats_at_once_and_then_in_its_rhythm() -> None:
    rhythm = beaten(60, 200, {})
    assert [round(at, -1) for at in rhythm] == [0, 60, 120, 180]


def test_it_wakes_at_a_deadline_and_goes_on_from_there() -> None:
    rhythm = beaten(60, 170, {0: 20, 60: 9_999})
    assert [round(at, -1) for at in rhythm] == [0, 20, 80, 140]


def test_a_deadline_that_is_past_is_no_reason_to_spin() -> None:
    assert len(beaten(60, 100, {at: at - 5 for at in range(100)})) <= 101


def test_a_ring_hastens_a_pass_and_many_hasten_it_once() -> None:
    switch = FakeSwitch(Instant(T0 + 100 * SECOND))
    bell = Doorbell(lambda: None)
    found: list[int] = []

    def beat() -> None:
        found.append((switch.now - T0) // SECOND)
        bell.answer("jira")
        if len(found) < 4:
            bell.ring("jira", "1")  # while at work, and as soon as it is over
            bell.ring("jira", "2")

    def wait(seconds: float) -> None:
        if not (seconds > GATHER and bell.rung):  # woken
            FakeSwitch.wait(switch, seconds)

    switch.wait = wait  # type: ignore[method-assign]  # a switch that a bell is tied to
    beats(beat, 60, switch, lambda: switch.now, switch.passing, bell=bell)
    assert found[:4] == [0, 5, 10, 15]
    assert [round(at, -1) for at in found[4:]] in ([70], [80])  # then in its rhythm


def test_signals_ask_to_stop_and_a_second_one_insists() -> None:
    with Switch() as switch:
        os.kill(os.getpid(), signal.SIGTERM)
        assert (switch.stopping, switch.exit_code) == (True, 0)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    with Switch() as switch:
        os.kill(os.getpid(), signal.SIGUSR1)
        switch.wait(60)  # returns at once
        os.kill(os.getpid(), signal.SIGINT)
        assert (switch.stopping, switch.exit_code) == (True, 130)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policies").mkdir()
    (tmp_path / "log.csv").write_text(LOG, encoding="utf-8")
    (tmp_path / "service.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "policies/operations.yaml").write_text(POLICY, encoding="utf-8")
    return tmp_path


@pytest.fixture
def service(folder: Path) -> Iterator[Service]:
    session = open_session(str(folder / "service.yaml"))
    now = iter(range(1_794_846_600_000, 1_794_846_600_000 + 600 * MINUTE, MINUTE))
    with session.store(writer=True) as store:

        def clock() -> Instant:
            return Instant(next(now))

        watch = Watch(session.settings, clock, session.policies.version)
        yield Service(
            session, store, clock, Switch(), Lines(), watch, passing=lambda: clock() / 1000
        )


def test_a_beat_names_the_next_deadline(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    coming = service.beat()
    assert coming is not None
    assert "sync #1    log 3 changed" in capsys.readouterr().out


def test_policies_are_taken_when_they_change_and_kept_when_they_are_wrong(
    service: Service, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "policies/operations.yaml"
    service.beat()
    capsys.readouterr()
    path.write_text(POLICY.replace("match", "mach"), encoding="utf-8")
    service.beat()
    told = capsys.readouterr()
    assert "error" in told.err
    assert "keeping" in told.err
    assert "log 0 changed" in told.out
    assert b"sla_policies_rejected 1.0" in service._watch.metrics()
    path.write_text(POLICY.replace("8h", "9h"), encoding="utf-8")
    service.beat()
    assert b"sla_policies_rejected 0.0" in service._watch.metrics()
    assert "policies changed: now " in capsys.readouterr().err
    service.beat()
    assert capsys.readouterr().err == ""


def test_a_beat_that_fails_is_told_and_not_the_last(
    service: Service, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "state.db").unlink()
    (folder / "state.db").mkdir()
    service._store._engine.dispose()
    assert service.beat() is None
    assert "error[SLA310]" in capsys.readouterr().err
    (folder / "log.csv").unlink()
    assert service.beat() is None


def test_a_bug_in_a_beat_is_told_without_secrets_and_not_the_last(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> Instant:
        raise ValueError("planted-secret")

    monkeypatch.setenv("SLA_JIRA_TOKEN", "planted-secret")
    monkeypatch.setattr(service, "_clock", broken)
    assert service.beat() is None
    told = capsys.readouterr().err
    assert "error[SLA900]" in told
    assert "planted-secret" not in told


def test_a_running_service_ends_well_when_told(folder: Path) -> None:
    systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    systemd.bind(str(folder / "notify"))
    ours = {name: value for name, value in os.environ.items() if not name.startswith("SLA_")}
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "sync.py"), "run"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**ours, "NOTIFY_SOCKET": str(folder / "notify")},
    )
    assert process.stdout is not None
    seen = [process.stdout.readline(), process.stdout.readline()]
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert "mode observe (reads and computes, writes nothing) · every 60 s" in seen[0]
    assert "sync #1    log 3 changed" in seen[1]
    assert "stopped. State is safe" in out
    with systemd:
        systemd.setblocking(False)
        assert [systemd.recv(100) for _ in range(2)] == [b"READY=1", b"STOPPING=1"]


# Time, signs of life, logs


class Said:
    """A reporter that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []
        self.reports: list[PassReport] = []

    def started(self, mode: str, every: int, at: Instant) -> None:
        """Not kept."""

    def passed(self, report: PassReport, number: int, wrote: Iterable[Entry]) -> None:
        self.reports.append(report)

    def noted(self, severity: str, event: str, words: str) -> None:
        self.events.append((event, words))

    def stopped(self, at: Instant) -> None:
        """Not kept."""


def test_a_jump_of_the_clock_holds_one_pass_and_is_told(folder: Path) -> None:
    session = open_session(str(folder / "service.yaml"))
    wall, passed, said = [1_794_846_600_000], [0.0], Said()

    def clock() -> Instant:
        return Instant(wall[0])

    watch = Watch(session.settings, clock, session.policies.version)
    with session.store(writer=True) as store:
        service = Service(session, store, clock, Switch(), said, watch, passing=lambda: passed[0])
        service.beat()
        wall[0], passed[0] = wall[0] + 3 * MINUTE, 60.0
        service.beat()
        wall[0], passed[0] = wall[0] + MINUTE, 120.0
        service.beat()
    words = "our clock jumped 2 min ahead: nothing is written in this pass"
    assert said.events == [("clock.stepped", words)]
    assert b"sla_clock_steps_total 1.0" in watch.metrics()


def test_a_clock_that_stands_still_holds_every_pass_and_is_told_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLA_MODE", "write")
    session = open_session(str(folder / "service.yaml"))
    passed, said = [0.0], Said()
    watch = Watch(session.settings, lambda: T0, session.policies.version)
    with session.store(writer=True) as store:
        service = Service(
            session, store, lambda: T0, Switch(), said, watch, passing=lambda: passed[0]
        )
        for _ in range(3):
            service.beat()
            passed[0] += 5.0
    words = "our clock stands still: nothing is written in this pass"
    assert [one.sources[0].clock_fault for one in said.reports] == ["", words, words]
    assert said.events == [("clock.stepped", words)]
    assert b"sla_clock_steps_total 1.0" in watch.metrics()


def test_a_complete_pass_is_a_sign_of_life_and_a_failed_one_is_told_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    def post(url: str) -> int:
        heard.append(url)
        return 200

    monkeypatch.setattr("service.watch.heartbeat._post", post)
    monkeypatch.setenv("SLA_BEAT", "https://watch.example/abc")
    beating = SETTINGS + "heartbeat: {url_env: SLA_BEAT}\n"
    (folder / "service.yaml").write_text(beating, encoding="utf-8")
    session = open_session(str(folder / "service.yaml"))
    watch = Watch(session.settings, lambda: T0, session.policies.version)
    with session.store(writer=True) as store:
        service = Service(session, store, lambda: T0, Switch(), Said(), watch)
        service.beat()
        (folder / "log.csv").unlink()
        service.beat()
    assert heard == ["https://watch.example/abc", "https://watch.example/abc/fail"]


def test_logs_are_one_json_object_a_line_without_secrets(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLA_JIRA_TOKEN", "planted-secret")
    monkeypatch.setenv("SLA_LOG_FORMAT", "json")
    assert run(["run", "--once"]) == 0
    log = Log(lambda: T0)
    log.noted("error", "pass.crashed", "line one\nplanted-secret")
    logging.getLogger("sla.servicenow").warning("%d rows", 3)
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = [json.loads(line) for line in captured.err.splitlines()]
    assert [line["event"] for line in lines] == ["sync.done", "pass.crashed", "sla.servicenow"]
    assert {"ts", "level", "source", "ms", "changed"} <= lines[0].keys()
    assert lines[1]["words"] == "line one\n***"


@pytest.mark.parametrize("address", ["", "here", "localhost:", ":80", "127.0.0.1:70000"])
def test_an_address_that_is_none_is_wrong_usage(folder: Path, address: str) -> None:
    assert run(["run", "--http", address]) == 64


def test_a_port_that_is_taken_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["run", "--http", f"127.0.0.1:{port}"]) == 64
    assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err


HOOKED = SETTINGS + "webhooks: {log: {secret_env: SLA_HOOK}}\n"


@pytest.mark.parametrize(("secret", "why"), [(None, "is not set"), ("short", "can be guessed")])
def test_a_webhook_without_a_good_secret_is_told_and_nothing_starts(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    secret: str | None,
    why: str,
) -> None:
    (folder / "service.yaml").write_text(HOOKED, encoding="utf-8")
    if secret:
        monkeypatch.setenv("SLA_HOOK", secret)
    assert run(["run", "--http", "127.0.0.1:0"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error[SLA304]: SLA_HOOK, the secret of the webhook of log, ")
    assert why in said
    assert "openssl rand -hex 32" in said


def test_pages_without_a_good_token_are_told_and_nothing_starts(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paged = SETTINGS + "pages: {token_env: SLA_PAGES}\n"
    (folder / "service.yaml").write_text(paged, encoding="utf-8")
    for token in ("", "short"):
        monkeypatch.setenv("SLA_PAGES", token)
        assert run(["run", "--http", "0.0.0.0:0"]) == 1
        assert "error[SLA304]: SLA_PAGES, the token of the pages, " in capsys.readouterr().err


def test_the_page_shows_what_status_shows_and_halts_as_halt_does(folder: Path) -> None:
    session = open_session(str(folder / "service.yaml"))
    with session.store(writer=True) as store:
        now = Instant(1_794_846_600_000)
        run_pass(store, session.sources(), session.terms(lambda: now), now)
        watch = Watch(session.settings, lambda: now, "v1")
        bell = Doorbell(lambda: None)
        served = Served(lambda: session, watch, bell, lambda: now, Said())
        assert '<td class="ok">● log</td>' in served.page("ada")
        served.halt("a <b>trial</b>")
        page = served.page("ada")
    assert (folder / "sla.halt").read_text(encoding="utf-8") == "a <b>trial</b>\n"
    assert "a &lt;b&gt;trial&lt;/b&gt;" in page
    assert "Stop all writing" not in page


def test_health_is_one_line_and_an_exit_code(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["health"]) == 2
    assert "nothing is kept yet" in capsys.readouterr().out
    run(["run", "--once", "--now", "2026-11-21T10:00:00Z"])
    capsys.readouterr()
    assert run(["health", "--now", "2026-11-21T10:05:00Z"]) == 0
    assert capsys.readouterr().out == "SLA OK - log 5 min old | 'log'=300s;;600\n"
    assert run(["health", "--now", "2026-11-21T10:05:00Z", "--max-age", "4m"]) == 2
    assert run(["health", "--max-age", "soon"]) == 64
