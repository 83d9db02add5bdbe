"""The service in a process of its own, and what the operating system says of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sandbox.jira.users import TOKEN
from sandbox.people import PEOPLE, SYNC_BOT

POLICY = """\
schema: sla/v1
policies:
  all:
    match: {project: SUP}
    calendar: 24x7
    targets:
      resolution: {P1: 1m, P3: 20d, default: 30d}
    escalate:
      - at: breach
        do: [{comment: "It is late."}]
"""
SETTINGS = """\
connections:
  jira/soak: {{system: jira, url: '{url}', user: {user}, projects: [SUP], overlap: 5s, rate: 0}}
mode: write
schedule: {{pull: 5s}}
limits: {{share_of_tickets: 100%, comments_per_run: 10000}}
"""
MB = 1_000_000
_TICKS = os.sysconf("SC_CLK_TCK")


class Sample(NamedTuple):
    """The process after a pass. Bytes; `cpu` is the seconds it used since the sample before, and
    `measure` those of a piece of work that is always the same: how fast the machine is just now."""

    number: int
    changed: int
    written: int
    cpu: float
    measure: float
    memory: int
    threads: int
    files: int
    log: int
    store: int


class Service:
    """`sla run`, which tells each pass in a line of its log."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        (folder / "policies").mkdir(parents=True)
        (folder / "policies" / "all.yaml").write_text(POLICY, encoding="utf-8")
        self.settings = folder / "service.yaml"
        said = SETTINGS.format(url=url, user=PEOPLE[SYNC_BOT].email)
        self.settings.write_text(said, encoding="utf-8")
        self._process = subprocess.Popen(
            self._words("run", "--log", "json"),
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "SLA_JIRA_SOAK_TOKEN": TOKEN},
        )
        self._cpu = 0.0

    def passes(self) -> Iterator[Sample]:
        """A sample after each pass, as they end; AssertionError where one went wrong."""
        assert self._process.stderr
        for line in self._process.stderr:
            said = json.loads(line)
            assert said["level"] == "info", said
            if said["event"] == "sync.done":
                yield self._sample(said)
        raise AssertionError(f"the service ended: {self._process.wait()}")

    def stop(self) -> int:
        """As an operator stops it; its exit code."""
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=60)
        return self._process.returncode

    def command(self, *words: str) -> int:
        """Another command over the same settings; its exit code."""
        return subprocess.run(
            self._words(*words), stdout=subprocess.DEVNULL, check=False
        ).returncode

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def state(self) -> Path:
        return self.folder / "state.db"

    def _words(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "sync", *words, "--config", str(self.settings)]

    def _sample(self, said: Mapping[str, Any]) -> Sample:
        here = Path(f"/proc/{self._process.pid}")
        status = dict(line.split(":", 1) for line in (here / "status").read_text().splitlines())
        times = (here / "stat").read_text().rpartition(")")[2].split()
        cpu = (int(times[11]) + int(times[12])) / _TICKS
        spent, self._cpu = cpu - self._cpu, cpu
        return Sample(
            said["pass"],
            said["changed"],
            said["written_tickets"],
            spent,
            _measure(),
            int(status["VmRSS"].split()[0]) * 1024,
            int(status["Threads"]),
            len(os.listdir(here / "fd")),
            _size(Path(f"{self.state}-wal")),
            _size(self.state),
        )


def _measure() -> float:
    begun = time.process_time()
    sum(hash((n, str(n))) & 1 for n in range(50_000))
    return time.process_time() - begun


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@contextmanager
def service(folder: Path, url: str) -> Iterator[Service]:
    """A running one; whatever happens, it does not outlive the block."""
    running = Service(folder, url)
    try:
        yield running
    finally:
        running.kill()
