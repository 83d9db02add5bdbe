"""A made-up desk, a real service beside it in a process of its own, and a way to kill that."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from commands.demo_desk import prepare
from sandbox.jira.users import TOKEN
from sandbox.people import SYNC_BOT
from sandbox.running import Running, start
from service.settings import load
from service.standing import stand, standing
from service.store import open_store
from sla_engine.units import DAY, Instant, to_iso

ISSUES = ("SUP-204", "SUP-230", "SUP-231", "SUP-234", "SUP-235")
INCIDENTS = ("INC0010042", "INC0010067")

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.crash.passing"])


class CrashDesk:
    """A sandbox, and settings that look at seven of its tickets."""

    def __init__(self, folder: Path, running: Running) -> None:
        self.running = running
        self.settings = prepare(
            folder, running.jira_url, running.servicenow_url, TOKEN, reset=False
        )
        _narrow(self.settings)
        self.now = Instant(running.clock.now())
        self._arm()

    def _arm(self) -> None:
        """As if it had been at work since yesterday: there is something to say."""
        settings, _ = load(self.settings, {})
        assert settings is not None
        with open_store(settings.state, writer=True) as store, store.write() as db:
            for one in settings.connections:
                since = Instant(self.now - DAY)
                before = standing(db, one.name)
                stand(db, msgspec.structs.replace(before, armed_at=since))

    def run(self, later: int = 0, failpoint: str = "") -> int:
        """`sla run --once`, as `sla` runs it."""
        return self.sla("run", "--once", later=later, failpoint=failpoint)

    def sla(self, *words: str, later: int = 0, failpoint: str = "") -> int:
        """A command in a new process, `later` after the desk's present; its exit code."""
        from tests.crash.passing import run_command

        at = Instant(self.now + later)
        self.running.clock.set(at)
        typed = (*words, "--config", str(self.settings), "--now", to_iso(at))
        process = _FORKS.Process(target=run_command, args=(typed, failpoint), daemon=True)
        process.start()
        process.join(60)
        assert process.exitcode is not None, "it hangs"
        return process.exitcode

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
        for key in ISSUES:
            issue = jira.find(key)
            assert issue is not None
            shown[key] = {name: issue.fields.get(field) for field, name in ours.items()}
        for row in self.running.servicenow.rows("incident").where("number", INCIDENTS[0]):
            shown[INCIDENTS[0]] = {k: v for k, v in row.items() if k.startswith("u_sla_")}
        return shown


def _narrow(settings: Path) -> None:
    """Only some tickets, so that a pass takes no time."""
    text = settings.read_text(encoding="utf-8")
    text = text.replace(
        "    projects: [SUP, OPS]", f"    projects: [SUP]\n    jql: key in ({', '.join(ISSUES)})"
    )
    text = text.replace(
        "    table: incident", f"    table: incident\n    query: numberIN{','.join(INCIDENTS)}"
    )
    settings.write_text(text, encoding="utf-8")


@contextmanager
def crash_desk(folder: Path) -> Iterator[CrashDesk]:
    """A desk of its own, on free ports."""
    with start(speed=0) as running:
        yield CrashDesk(folder, running)


def forget_state(desk: CrashDesk) -> None:
    """The store is lost: deleted, or the wrong volume is mounted."""
    for path in desk.settings.parent.glob("state.db*"):
        path.unlink()


def copy_state(desk: CrashDesk, to: Path) -> None:
    """A backup of the store, taken while nothing runs."""
    shutil.copyfile(desk.settings.parent / "state.db", to)


assert os.name == "posix", sys.platform
