"""When exclusions were declared, by git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from service.setup.declared import declared
from sla_engine.policy_files import read_sources
from sla_engine.resolving.files import Reading, read_texts
from sla_engine.units import Instant

NOW = Instant(1_800_000_000_000)
COMMITTED = 1_790_000_000
EXCLUSION = """\
schema: sla/v1
exclusions:
  patch:
    kind: maintenance
    when: {rrule: "FREQ=WEEKLY;BYDAY=SU", at: 02:00-06:00, tz: UTC}
"""


def git(folder: Path, *arguments: str) -> None:
    who = {"NAME": "Ada", "EMAIL": "ada@x.example", "DATE": f"{COMMITTED} +0000"}
    roles = ("AUTHOR", "COMMITTER")
    by = {f"GIT_{role}_{key}": said for role in roles for key, said in who.items()}
    command = ["git", "-C", str(folder), *arguments]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **by})


def reading(folder: Path) -> Reading:
    return read_texts(read_sources(folder)[0])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "policies" / "patch.yaml"
    path.parent.mkdir()
    path.write_text(EXCLUSION, encoding="utf-8")
    return path.parent


def test_a_line_was_declared_when_it_was_committed(folder: Path) -> None:
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "--message", "planned")
    assert declared(reading(folder), NOW) == {"patch": COMMITTED * 1000}
    path = folder / "patch.yaml"
    path.write_text(EXCLUSION.replace("maintenance", "test"), encoding="utf-8")
    assert declared(reading(folder), NOW) == {"patch": COMMITTED * 1000}
    path.write_text(EXCLUSION.replace("=SU", "=SA"), encoding="utf-8")
    assert declared(reading(folder), NOW) == {"patch": NOW}


def test_nothing_is_known_of_files_that_git_does_not_know(folder: Path) -> None:
    assert declared(reading(folder), NOW) == {}
    git(folder, "init")
    assert declared(reading(folder), NOW) == {}
