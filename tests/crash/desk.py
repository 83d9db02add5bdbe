"""A made-up desk, a real service beside it in a process of its own, and a way to kill that."""

from __future__ import annotations

import io
import multiprocessing
import os
import pickle
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from commands.demo_desk import prepare
from sandbox.jira.users import TOKEN
from sandbox.people import SYNC_BOT
from sandbox.running import Running, start
from service.setup.settings import load
from service.state.standing import stand, standing
from service.state.store import open_store
from sla_engine.units import DAY, Instant, to_iso
from tests.crash.listening import Ear, ear
from tests.postgresql.server import Databases

ISSUES = ("SUP-204", "SUP-230", "SUP-231", "SUP-234", "SUP-235")
INCIDENTS = ("INC0010042", "INC0010067")

HANGS = 120
"""Seconds that a command may take on a machine with much else to do."""

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.crash.passing"])

CHANNELS = """
channels:
  slack:#sup-escalations: {url_env: SLA_CHANNEL_DUTY}
  hook: {url_env: SLA_CHANNEL_HOOK}
"""


class Ran(NamedTuple):
    """How a command ended, and how often it came by each fail-point (nothing if it was killed)."""

    code: int
    reached: Counter[str]


class Snapshot(NamedTuple):
    """Everything as it was at a moment: both systems, what was told, the folder, the database."""

    systems: tuple[bytes, bytes]
    heard: Counter[str]
    folder: Path
    database: str


class CrashDesk:
    """A sandbox, and settings that look at a few of its tickets. The channels lead to `listener`.
    The state is in a file, or where `databases` are given, in one of them."""

    def __init__(
        self,
        folder: Path,
        running: Running,
        listener: Ear | None = None,
        databases: Databases | None = None,
    ) -> None:
        self.running, self.ear, self.databases = running, listener, databases
        self.settings = prepare(
            folder / "desk", running.jira_url, running.servicenow_url, TOKEN, reset=False
        )
        self.folder = folder
        self.database = ""
        self.now = Instant(running.clock.now())
        self._fit()
        if databases is not None:
            self._point_at(databases.new())
        self._arm()

    # The service

    @property
    def state(self) -> str:
        """Where the state is."""
        return self.database or str(self.settings.parent / "state.db")

    def run(self, later: int = 0, failpoint: str = "") -> int:
        """`sla run --once`, as `sla` runs it."""
        return self.sla("run", "--once", later=later, failpoint=failpoint).code

    def sla(self, *words: str, later: int = 0, failpoint: str = "") -> Ran:
        """A command in a new process, `later` after the desk's present."""
        from tests.crash.passing import run_command

        at = Instant(self.now + later)
        self.running.clock.set(at)
        now = () if words[0] in TIMELESS else ("--now", to_iso(at))
        typed = (*words, "--config", str(self.settings), *now)
        trace = self.folder / "trace"
        trace.unlink(missing_ok=True)
        args = (typed, self._environ(), failpoint, str(trace))
        process = _FORKS.Process(target=run_command, args=args, daemon=True)
        process.start()
        process.join(HANGS)
        assert process.exitcode is not None, f"{typed} hangs"
        reached = trace.read_text(encoding="utf-8").split() if trace.exists() else []
        return Ran(process.exitcode, Counter(reached))

    def _environ(self) -> dict[str, str]:
        if self.ear is None:
            return {}
        duty, hook = f"json://{self.ear.host}/", f"http://{self.ear.host}/"
        return {"SLA_CHANNEL_DUTY": duty, "SLA_CHANNEL_HOOK": hook}

    def change(self, name: str, old: str, new: str) -> None:
        """Other words in a file beside the settings."""
        path = self.settings.parent / name
        text = path.read_text(encoding="utf-8")
        assert old in text, old
        path.write_text(text.replace(old, new), encoding="utf-8")

    def _fit(self) -> None:
        """Only some tickets, so that a pass takes no time; somebody to tell, and reminders."""
        self.change(
            "service.yaml",
            "    projects: [SUP, OPS]",
            f"    projects: [SUP]\n    jql: key in ({', '.join(ISSUES)})",
        )
        self.change(
            "service.yaml",
            "    table: incident",
            f"    table: incident\n    query: numberIN{','.join(INCIDENTS)}",
        )
        with self.settings.open("a", encoding="utf-8") as file:
            file.write(CHANNELS)
        self.change(
            "policies/support.yaml",
            '"slack:#sup-escalations"]}, ',
            '"slack:#sup-escalations"]}, {webhook: hook}, ',
        )
        self.change(
            "policies/support.yaml",
            "    match: {project: SUP,",
            '    review: {every: 6mo, next: 2026-01-01, by: [hook, "slack:#sup-escalations"]}\n'
            "    match: {project: SUP,",
        )

    def _arm(self) -> None:
        """As if it had been at work since yesterday: there is something to say."""
        settings, problems = load(self.settings, {})
        assert settings is not None, problems
        with open_store(settings.state, writer=True) as store, store.write() as db:
            for one in settings.connections:
                since = Instant(self.now - DAY)
                before = standing(db, one.name)
                stand(db, msgspec.structs.replace(before, armed_at=since))

    def _point_at(self, database: str) -> None:
        self.database = database
        text = self.settings.read_text(encoding="utf-8")
        told = re.sub(r"(?m)^state: \S+", f"state: {database}", text)
        self.settings.write_text(told, encoding="utf-8")

    # What came of it

    def said(self) -> Counter[tuple[str, str]]:
        """How often each deed stands in each ticket, by the marks that our comments bear."""
        found: Counter[tuple[str, str]] = Counter()
        for issue in self.running.jira.issues.values():
            for comment in issue.comments:
                mark = comment.properties.get("sla-sync")
                if comment.author == SYNC_BOT and isinstance(mark, dict):
                    found[issue.key, str(mark["key"])] += 1
        notes: list[Any] = self.running.servicenow.rows("sys_journal_field").where(
            "sys_created_by", SYNC_BOT
        )
        for note in notes:
            for mark in re.findall(r"\[sla:([^\]]+)\]", note["value"]):
                found[note["element_id"], mark] += 1
        return found

    def fields(self) -> dict[str, dict[str, object]]:
        """What our fields say in each ticket looked at."""
        jira = self.running.jira
        ours = {f.id: f.name for f in jira.fields.values() if f.name.startswith("SLA ")}
        shown: dict[str, dict[str, object]] = {}
        for issue in jira.issues.values():
            if issue.key in ISSUES or any(issue.fields.get(field) for field in ours):
                shown[issue.key] = {name: issue.fields.get(field) for field, name in ours.items()}
        for row in self.running.servicenow.rows("incident").where("number", INCIDENTS[0]):
            shown[INCIDENTS[0]] = {k: v for k, v in row.items() if k.startswith("u_sla_")}
        return shown

    def heard(self) -> Counter[str]:
        """How often the channels were told each thing."""
        return self.ear.heard.copy() if self.ear is not None else Counter()

    # All of it at a moment, and again

    def take(self) -> Snapshot:
        """As everything is now, while nothing runs."""
        copy = self.folder / f"copy-{len(list(self.folder.glob('copy-*')))}"
        shutil.copytree(self.settings.parent, copy)
        database = ""
        if self.databases is not None:
            database = self.databases.new(like=self.database.rpartition("/")[2])
        systems = (self._packed(self.running.jira), self._packed(self.running.servicenow))
        return Snapshot(systems, self.heard(), copy, database)

    def put_back(self, snapshot: Snapshot) -> None:
        """Everything as it was."""
        shutil.rmtree(self.settings.parent)
        shutil.copytree(snapshot.folder, self.settings.parent)
        if self.databases is not None:
            used = self.database
            self._point_at(self.databases.new(like=snapshot.database.rpartition("/")[2]))
            self.databases.drop(used)
        for desk, packed in zip(
            (self.running.jira, self.running.servicenow), snapshot.systems, strict=True
        ):
            desk.__dict__.update(self._unpacked(packed))
        if self.ear is not None:
            self.ear.heard = snapshot.heard.copy()

    def _fixed(self) -> list[object]:
        """What is not copied but stays the same: who serves, and waits, refers to it."""
        jira, servicenow = self.running.jira, self.running.servicenow
        return [self.running.clock, jira, servicenow, jira.lock, servicenow.lock]

    def _packed(self, desk: object) -> bytes:
        fixed = self._fixed()

        class Packer(pickle.Pickler):
            def persistent_id(self, one: object) -> int | None:
                return next((n for n, it in enumerate(fixed) if it is one), None)

        file = io.BytesIO()
        Packer(file).dump(desk.__dict__)
        return file.getvalue()

    def _unpacked(self, packed: bytes) -> dict[str, object]:
        fixed = self._fixed()

        class Unpacker(pickle.Unpickler):
            def persistent_load(self, number: int) -> object:
                return fixed[number]

        found: dict[str, object] = Unpacker(io.BytesIO(packed)).load()
        return found


TIMELESS = ("purge",)
"""Commands that ask for no time."""


@contextmanager
def crash_desk(folder: Path, databases: Databases | None = None) -> Iterator[CrashDesk]:
    """A desk of its own, on free ports."""
    with start(speed=0) as running, ear() as listener:
        yield CrashDesk(folder, running, listener, databases)


def forget_state(desk: CrashDesk) -> None:
    """The store is lost: deleted, or the wrong volume is mounted."""
    for path in desk.settings.parent.glob("state.db*"):
        path.unlink()


def copy_state(desk: CrashDesk, to: Path) -> None:
    """A backup of the store, taken while nothing runs."""
    shutil.copyfile(desk.settings.parent / "state.db", to)


assert os.name == "posix", sys.platform
