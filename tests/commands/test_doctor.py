"""sla doctor, typed against a pretended Jira whose permissions are taken away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync import run
from tests.connectors.jira_desk import JiraTown

SETTINGS = """
mode: write
connections:
  jira/acme: {{system: jira, url: "{url}", user: sla-bot@lumen.example}}
"""
POLICY = """
schema: sla/v1
policies:
  all:
    match: {system: jira}
    calendar: 24x7
    targets: {resolution: 8h}
"""


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JiraTown]:
    made = JiraTown()
    made.add("Mine")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLA_JIRA_ACME_TOKEN", "sandbox-token")
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/all.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "service.yaml").write_text(SETTINGS.format(url=made.served.url), encoding="utf-8")
    yield made
    made.close()


def test_it_ends_with_one_where_a_right_is_missing(
    town: JiraTown, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["doctor"]) == 0
    town.desk.dials["forbidden"] = ["SUP"]
    assert run(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "✗ edit issues" in out
    assert "EDIT_ISSUES is missing in SUP" in out
    assert "mend what is marked ✗" in out


def test_it_tells_machines_and_writes_nothing(
    town: JiraTown, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["doctor", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in told["subjects"]] == ["jira/acme", "this machine"]
    assert town.writes() == 0
    assert not (tmp_path / "state.db").exists()


def test_a_refused_token_is_a_problem_and_is_not_shown(
    town: JiraTown, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLA_JIRA_ACME_TOKEN", "a-wrong-token")
    assert run(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "SLA401" in out
    assert "a-wrong-token" not in out
