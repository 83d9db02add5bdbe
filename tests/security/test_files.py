"""S17: what we write is its owner's alone, and secrets that others may read are not used."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

import sync
from commands.output import deliver
from sandbox.people import PEOPLE, SYNC_BOT
from service.setup import files, private
from tests.connectors.jira_desk import JiraTown

POLICY = """\
schema: sla/v1
policies:
  all:
    match: {project: SUP}
    targets: {resolution: 8h}
"""


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    """As lax as a careless machine has it."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Settings for a sandbox in a folder of their own; the working folder is that one."""
    town = JiraTown()
    town.add("one")
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "all.yaml").write_text(POLICY, encoding="utf-8")
    entry = f"{{system: jira, url: '{town.served.url}', user: {PEOPLE[SYNC_BOT].email}}}"
    text = f"connections:\n  jira/acme: {entry}\nstate: kept/state.db\n"
    (tmp_path / "service.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLA_JIRA_ACME_TOKEN", "sandbox-token")
    yield tmp_path
    town.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_everything_a_run_leaves_is_its_owners_alone(desk: Path) -> None:
    before = set(desk.rglob("*"))
    assert sync.run(["run", "--once"]) == 0
    assert sync.run(["plan", "--out", "p.plan"]) in (0, 1, 2, 3)
    assert sync.run(["backup", "copy.db"]) == 0
    (desk / "report.json").write_text("{}", encoding="utf-8")  # open, and there before
    deliver("{}", Path("report.json"))  # as every --out does
    made = set(desk.rglob("*")) - before
    names = {path.name for path in made}
    assert {"state.db", "state.db.lock", "p.plan", "copy.db", "report.json", "kept"} <= names
    modes = {path.name: mode(path) for path in made}
    wanted = {path.name: 0o700 if path.is_dir() else 0o600 for path in made}
    assert modes == wanted


def test_a_crash_file_is_its_owners_alone(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("service.passes.passes.run_pass", fail)
    assert sync.run(["run", "--once"]) == sync.BUG
    (crash,) = desk.glob("sla-crash-*")
    assert mode(crash) == private.FILE


@pytest.mark.parametrize(("bits", "code"), [(0o600, 0), (0o400, 0), (0o640, 1), (0o604, 1)])
def test_a_token_that_others_may_read_is_not_used(
    desk: Path,
    bits: int,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    token = desk / "token"
    token.write_text("sandbox-token\n", encoding="utf-8")
    token.chmod(bits)
    monkeypatch.delenv("SLA_JIRA_ACME_TOKEN")
    monkeypatch.setenv("SLA_JIRA_ACME_TOKEN_FILE", str(token))
    assert sync.run(["run", "--once"]) == code
    said = capsys.readouterr().err
    assert ("SLA303" in said) is bool(code)
    assert (f"run: chmod 600 {token}" in said) is bool(code)


def test_what_an_orchestrator_mounted_is_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tmp_path / "token"
    token.write_text("x", encoding="ascii")
    token.chmod(0o644)
    assert private.is_open_to_others(token)
    monkeypatch.setattr(os, "geteuid", lambda: token.stat().st_uid + 1)
    assert not private.is_open_to_others(token)


def test_what_is_written_for_its_owner_is_there_and_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("before, and open to all")
    path.chmod(0o666)
    files.write(path, "grün", private.FILE)
    assert (path.read_text("utf-8"), path.stat().st_mode & 0o777) == ("grün", 0o600)
