"""What the demo recommends next."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.demo import next_steps


@pytest.mark.parametrize(
    ("served", "words"),
    [(False, ["explain", "plan", "--serve", "--reset"]), (True, ["explain", "plan", "--reset"])],
    ids=["ended", "served"],
)
def test_the_command_that_is_running_is_not_recommended(
    served: bool, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(_after_a_demo(tmp_path))
    steps = [command for command, _ in next_steps("SUP-1", served=served)]
    assert len(steps) == len(words)
    assert all(word in step for word, step in zip(words, steps, strict=True))


def test_where_other_settings_would_be_found_the_demos_are_named_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(_after_a_demo(tmp_path))
    (tmp_path / "service.yaml").write_text("connections: {}\n")
    steps = [command for command, _ in next_steps("SUP-1", served=False)]
    assert steps[0] == "export SLA_CONFIG=sla-demo/service.yaml"


def _after_a_demo(folder: Path) -> Path:
    (folder / "sla-demo").mkdir()
    (folder / "sla-demo" / "service.yaml").write_text("connections: {}\n")
    return folder
