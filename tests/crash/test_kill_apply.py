"""Killed while a plan is applied, and applied again: all of it is on record under the one run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from service.delivery import runs
from service.delivery.runs import Run
from service.setup.settings import load
from service.state.store import open_store
from tests.crash.desk import CrashDesk, crash_desk
from tests.crash.test_kill import KILLED, LATER

POINTS = ("apply.after_intent", "apply.after_write:4", "apply.in_outcome:2")


def planned(desk: CrashDesk) -> str:
    path = str(desk.settings.parent / "p.plan")
    assert desk.sla("plan", "--out", path).code == 0
    assert not desk.said()
    return path


def kept(desk: CrashDesk) -> tuple[list[Run], Counter[tuple[str, str]]]:
    """The runs, and how often each kind of change to each ticket is on record."""
    settings, _ = load(desk.settings, {})
    assert settings is not None
    with open_store(settings.state, writer=False) as store, store.read() as db:
        found = runs.latest(db, 99)
        entries = [entry for run in found for entry in runs.entries(db, run.id)]
    confirmed = [entry for entry in entries if entry.outcome == "confirmed"]
    return found, Counter((one.ref.key, type(one.change).__name__) for one in confirmed)


@pytest.fixture(scope="module")
def unkilled(tmp_path_factory: pytest.TempPathFactory) -> CrashDesk:
    """What it comes to when nothing goes wrong."""
    with crash_desk(tmp_path_factory.mktemp("unkilled")) as desk:
        assert desk.sla("apply", planned(desk)).code == 0
        assert desk.said()
        return desk


@pytest.mark.parametrize("point", POINTS)
def test_killed_and_applied_again_everything_is_done_once(
    tmp_path: Path, unkilled: CrashDesk, point: str
) -> None:
    with crash_desk(tmp_path) as desk:
        plan = planned(desk)
        assert desk.sla("apply", plan, failpoint=point).code == KILLED
        soon = desk.sla("apply", plan, later=LATER[0]).code
        assert soon in (0, 3)  # 3 where something is in doubt until the quiet period ends
        assert desk.sla("apply", plan, later=LATER[1]).code == 0
        assert desk.said() == unkilled.said()
        assert desk.fields() == unkilled.fields()
        (run,), record = kept(desk)
        assert run.kind == "apply"
        assert record == kept(unkilled)[1], "all of it is on record under the one run, and once"
