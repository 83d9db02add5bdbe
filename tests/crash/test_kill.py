"""What is lost on the way, killed in doubt or brought back: the service says everything once."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from sla_engine.units import MINUTE
from tests.crash.desk import CrashDesk, copy_state, crash_desk, forget_state

KILLED = -signal.SIGKILL
LATER = (1 * MINUTE, 12 * MINUTE)  # before and after the quiet period


@pytest.fixture(scope="module")
def unkilled(tmp_path_factory: pytest.TempPathFactory) -> CrashDesk:
    """What it comes to when nothing goes wrong."""
    with crash_desk(tmp_path_factory.mktemp("unkilled")) as desk:
        assert desk.run() == 0
        for later in LATER:
            assert desk.run(later) == 0
        assert desk.said()
        return desk


def test_killed_in_doubt_it_waits_for_the_quiet_period(tmp_path: Path) -> None:
    """The intent is kept and nothing was sent: only a read after the quiet period proves that."""
    with crash_desk(tmp_path) as desk:
        assert desk.run(failpoint="apply.after_intent") == KILLED
        before = desk.said()
        desk.run(1 * MINUTE)
        soon = desk.said()
        desk.run(12 * MINUTE)
        assert sum(before.values()) < sum(soon.values()) < sum(desk.said().values())


def test_a_lost_store_says_nothing_twice(tmp_path: Path) -> None:
    with crash_desk(tmp_path) as desk:
        desk.run()
        said = desk.said()
        forget_state(desk)
        assert desk.run(1 * MINUTE) == 0
        assert desk.said() == said


def test_an_old_backup_says_nothing_twice(tmp_path: Path) -> None:
    with crash_desk(tmp_path) as desk:
        backup = tmp_path / "backup.db"
        copy_state(desk, backup)
        desk.run()
        said = desk.said()
        forget_state(desk)
        backup.rename(desk.settings.parent / "state.db")
        assert desk.run(1 * MINUTE) == 0
        assert desk.said() == said


def test_answers_that_are_lost_double_nothing(tmp_path: Path, unkilled: CrashDesk) -> None:
    """The comment arrived, the answer did not; and once it arrives, though the server says 503."""
    with crash_desk(tmp_path) as desk:
        jira, servicenow = desk.running.jira_faults, desk.running.servicenow_faults
        jira.add(kind="apply-then-drop", method="POST", path="/comment", times=2)
        servicenow.add(kind="apply-then-status", method="PATCH", path="incident", times=1)
        desk.run()
        for later in LATER:
            assert desk.run(later) == 0
        assert desk.said() == unkilled.said()
        assert desk.fields() == unkilled.fields()
