"""`sla run`, `sla status --restated` and `sla explain` over policies and histories that change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import sync
from tests.commands.test_backtest import LOG, POLICY, SETTINGS

Say = Callable[..., str]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    monkeypatch.chdir(tmp_path)
    Path("policies").mkdir()
    Path("service.yaml").write_text(SETTINGS, encoding="utf-8")
    Path("policies/operations.yaml").write_text(POLICY, encoding="utf-8")
    Path("log.csv").write_text(LOG, encoding="utf-8")

    def typed(*words: str) -> str:
        capsys.readouterr()
        assert sync.run(words) == 0
        return " ".join(capsys.readouterr().out.split())  # however wide the screen is

    return typed


def change(path: str, old: str, new: str) -> None:
    text = Path(path).read_text(encoding="utf-8")
    assert old in text
    Path(path).write_text(text.replace(old, new), encoding="utf-8")


def test_an_edit_leaves_finished_clocks_and_late_history_does_not(say: Say) -> None:
    say("run", "--once", "--now", "2026-11-16T10:00:00Z")
    change("policies/operations.yaml", "P1: 4h", "P1: 2h")
    told = say("run", "--once", "--now", "2026-11-16T11:00:00Z")
    assert "2 finished clocks judged by earlier policies, left as is" in told
    explained = say("explain", "OPS-2", "--now", "2026-11-16T11:00:00Z")
    assert "today's would say missed, 3 h of 2 h" in explained
    assert "target 4 h · used 3 h · ✓ met" in explained
    assert "no verdict" in say("status", "--restated", "--now", "2026-11-16T11:00:00Z")

    change("log.csv", "OPS-2,2026-11-09T12:00:00Z,Done", "OPS-2,2026-11-09T15:00:00Z,Done")
    told = say("run", "--once", "--now", "2026-11-16T12:00:00Z")
    assert "1 finished clock restated; why: sla status --restated" in told
    listed = say("status", "--restated", "--now", "2026-11-16T12:00:00Z")
    assert "OPS-2 Resolution: met, 3 h of 4 h → missed, 6 h of 4 h" in listed
    found = json.loads(say("status", "--restated", "--json", "--now", "2026-11-16T12:00:00Z"))
    (one,) = found["restated"]
    assert (one["ticket"], one["old"]["state"], {why["kind"] for why in one["causes"]}) == (
        "OPS-2",
        "met",
        {"history"},
    )
    explained = say("explain", "OPS-2", "--format", "json", "--now", "2026-11-16T12:00:00Z")
    assert len(json.loads(explained)["record"]["restated"]) == 1
