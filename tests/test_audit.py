"""The gate of known vulnerabilities: closed where there is one, and honest where it saw nothing."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.audit import main, told

SOUND = {"name": "flask", "version": "3.1.3", "vulns": []}
BAD = {"name": "requests", "version": "2.0", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]}
UNKNOWN = {"name": "tzdata", "skip_reason": "not found"}


def test_a_known_vulnerability_closes_the_gate() -> None:
    code, lines = told({"dependencies": [SOUND, BAD]})
    assert code == 1
    assert lines == [
        "requests 2.0: CVE-1, mended in 2.1",
        "2 of 2 packages audited, 1 vulnerabilities",
    ]


def test_what_was_not_audited_is_said() -> None:
    code, lines = told({"dependencies": [SOUND, UNKNOWN]})
    assert code == 0
    assert lines[0] == "1 of 2 packages audited, 0 vulnerabilities"
    assert lines[1].startswith("SKIPPED 1")


@pytest.mark.parametrize("script", ["echo no network >&2; exit 1", None], ids=["offline", "absent"])
def test_a_tool_that_cannot_look_says_so(
    script: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tool = tmp_path / "pip-audit"
    if script:
        tool.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
        tool.chmod(stat.S_IRWXU)
    assert main(str(tool), "lock") == 0
    assert capsys.readouterr().out.startswith("SKIPPED: pip-audit ")
