"""S13: a ticket cannot steer the terminal of who looks at it, through whatever command."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

import sync
from sandbox.people import PEOPLE, SYNC_BOT
from tests.connectors.jira_desk import JiraTown
from tests.security.payloads import STEERING
from tests.security.test_files import POLICY

NASTY = " ".join(STEERING)
BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A ticket whose every text steers, and one that cannot be read."""
    folder = tmp_path_factory.mktemp("nasty")
    town = JiraTown()
    identity = town.add(NASTY, labels=(NASTY,))
    town.set_status(identity, "In Progress")
    town.comment(identity, "staff", public=True)
    town.spoil(town.add(NASTY))
    (folder / "policies").mkdir()
    (folder / "policies" / "all.yaml").write_text(POLICY, encoding="utf-8")
    entry = f"{{system: jira, url: '{town.served.url}', user: {PEOPLE[SYNC_BOT].email}}}"
    (folder / "service.yaml").write_text(f"connections:\n  jira/acme: {entry}\n", encoding="utf-8")
    yield folder
    town.close()


@pytest.mark.parametrize(
    "command",
    [
        ("run", "--once"),
        ("run", "--once", "--json"),
        ("plan",),
        ("plan", "--json"),
        ("status",),
        ("explain", "SUP-1"),
        ("explain", "SUP-1", "--json"),
        ("evaluate", "--connection", "jira/acme"),
        ("evaluate", "--connection", "jira/acme", "--format", "json"),
        ("check", "--online"),
        ("doctor",),
    ],
    ids=" ".join,
)
def test_what_is_printed_steers_nothing(
    desk: Path,
    command: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SLA_JIRA_ACME_TOKEN", "sandbox-token")
    monkeypatch.chdir(desk)
    assert sync.run(["run", "--once"]) != sync.BUG
    capfd.readouterr()
    assert sync.run(command) != sync.BUG
    said = capfd.readouterr()
    for stream in (said.out.replace("\r\n", "\n"), said.err):
        shown = stream.replace("\n", "")
        assert not [c for c in shown if unicodedata.category(c) == "Cc" or c in BIDI]
    assert said.out or said.err
