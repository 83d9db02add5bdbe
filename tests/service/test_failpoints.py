"""Fail-points do nothing unless they are asked for."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.state import failpoints
from service.state.failpoints import POINTS, arm, reach
from sync import ASIDE, USAGE, run, sla

ROOT = Path(__file__).resolve().parents[2]


def test_every_name_is_reached_somewhere_and_every_place_has_a_name() -> None:
    files = [*ROOT.glob("service/**/*.py"), *ROOT.glob("commands/*.py")]
    code = "".join(path.read_text(encoding="utf-8") for path in files)
    assert sorted(re.findall(r'reach\("([a-z._]+)"\)', code)) == sorted(POINTS)


def test_unless_somebody_watches_nothing_is_asked_for() -> None:
    assert failpoints.watchers == []
    assert reach.__code__.co_names == ("watchers",)


@pytest.mark.parametrize(("wanted", "lives"), [("apply.after_intent", 0), ("apply.in_intent:3", 2)])
def test_killed_at_the_time_that_was_asked_for(wanted: str, lives: int) -> None:
    name = wanted.partition(":")[0]
    child = os.fork()
    if child == 0:
        arm(wanted)
        reach("apply.after_write")
        for _ in range(lives):
            reach(name)
        os.write(1, b"")
        reach(name)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.mark.parametrize("wanted", ["nonsense", "apply.after_intent:x", "apply.after_intent:0"])
def test_a_place_that_is_none_is_a_mistake(wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLA_FAILPOINT", wanted)
    assert run(["--version"]) == USAGE
    assert failpoints.watchers == []


def test_they_are_listed_beside_the_help() -> None:
    shown = CliRunner().invoke(sla, ["failpoints"]).output
    assert [line.split()[0] for line in shown.splitlines()] == list(POINTS)
    help_ = CliRunner().invoke(sla, ["--help"]).output
    assert not set(ASIDE) & set(re.findall(r"^  (\w+)", help_, re.MULTILINE))
