"""sla init: every template is right as it is, its tests hold, and nothing is overwritten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from commands.diff import command as diff
from service.setup.templates import PLACEHOLDER, TEMPLATES
from sync import sla

ROOT = Path(__file__).resolve().parents[2]
NOW = "2026-11-21T10:00:00Z"


def typed(*words: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    result = CliRunner().invoke(sla, words, obj=None, standalone_mode=False)
    code = result.return_value if isinstance(result.return_value, int) else result.exit_code
    return code, result.output


@pytest.fixture(params=TEMPLATES)
def desk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new folder made from a template, entered."""
    monkeypatch.chdir(tmp_path)
    code, said = typed("init", "--template", request.param, "desk")
    assert code == 0, said
    monkeypatch.chdir(tmp_path / "desk")
    return tmp_path / "desk"


def test_every_template_is_checked_and_its_tests_hold(desk: Path) -> None:
    code, said = typed("check", "--strict", "--now", NOW)
    assert code == 0, said
    assert "0 errors, 0 warnings" in said
    assert "note[" not in said
    code, said = typed("test")
    assert code == 0, said
    assert int(re.findall(r"(\d+) passed", said)[0]) >= 6


def test_every_policy_has_an_example_and_a_day_for_its_review(desk: Path) -> None:
    tests = "".join(path.read_text("utf-8") for path in desk.glob("policies/*.test.yaml"))
    for path in desk.glob("policies/*.yaml"):
        text = path.read_text("utf-8")
        assert PLACEHOLDER not in text
        if not path.name.endswith(".test.yaml"):
            clocks = {
                clock
                for policy in yaml.safe_load(text).get("policies", {}).values()
                for clock in policy["targets"]
            }
            assert [clock for clock in clocks if f"{clock}:" not in tests] == []


def test_secrets_and_what_was_pulled_are_kept_out_of_the_repository(desk: Path) -> None:
    ignored = (desk / ".gitignore").read_text("utf-8").splitlines()
    assert {".env", "state.db*"} <= set(ignored)


def test_nothing_is_overwritten(desk: Path) -> None:
    settings = desk / "service.yaml"
    settings.write_text("mine", encoding="utf-8")
    (desk / ".gitignore").unlink()
    code, said = typed("init", "--template", "saas")
    assert code == 1
    assert "service.yaml" in said
    assert settings.read_text("utf-8") == "mine"
    assert not (desk / ".gitignore").exists()


def test_without_a_name_the_templates_are_told() -> None:
    code, said = typed("init")
    assert code == 64
    assert all(name in said for name in TEMPLATES)


HOOKS = ROOT / ".pre-commit-hooks.yaml"
LOCAL = ROOT / "config/templates/common/dot-pre-commit-config.yaml"
WORKFLOW = ROOT / "config/templates/common/dot-github/workflows/sla.yaml"


def test_hooks_for_pre_commit_are_those_of_the_templates() -> None:
    offered = yaml.safe_load(HOOKS.read_text("utf-8"))
    (local,) = yaml.safe_load(LOCAL.read_text("utf-8"))["repos"]
    keys = ("id", "name", "entry", "files", "pass_filenames")
    assert [[hook[k] for k in keys] for hook in offered] == [
        [hook[k] for k in keys] for hook in local["hooks"]
    ]
    for hook in offered:
        assert re.search(hook["files"], "policies/support.yaml")
        assert hook["entry"].split()[1] in ("check", "test")


def test_the_workflow_asks_for_little_and_pins_what_it_uses() -> None:
    text = WORKFLOW.read_text("utf-8")
    flow = yaml.safe_load(text)
    assert flow["permissions"] == {"contents": "read"}
    assert flow["jobs"]["diff"]["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert flow["jobs"]["diff"]["env"]["SLA_MODE"] == "observe"
    used = re.findall(r"uses: (\S+)", text)
    assert used
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one) for one in used)
    steps = [step for job in flow["jobs"].values() for step in job["steps"]]
    told = [step["run"] for step in steps if "run" in step]
    assert not any("${{" in run for run in told)  # nothing of a pull request is run as code
    options = {option for param in diff.params for option in param.opts}
    (asked,) = [run for run in told if run.startswith("sla diff")]
    assert set(re.findall(r"--\w+", asked)) <= options
