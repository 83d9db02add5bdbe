"""sla docs: on the screen, into files, and honest about tests that fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync import run

POLICY = """\
schema: sla/v1
policies:
  support:
    describe: We answer.
    match: {project: SUP}
    calendar: 24x7
    targets: {resolution: 4h}
"""
TEST = """\
schema: sla-test/v1
files: [support.yaml]
tests:
  - name: it is late
    ticket: {project: SUP}
    history: {"2026-11-16 09:00": created}
    expect: {"2026-11-16 14:00": {resolution: %s}}
"""


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("policies").mkdir()
    Path("service.yaml").write_text(
        'connections: {j: {system: jira, url: "https://acme.example"}}\n', encoding="utf-8"
    )
    Path("policies/support.yaml").write_text(POLICY, encoding="utf-8")
    Path("policies/support.test.yaml").write_text(TEST % "breached", encoding="utf-8")
    return tmp_path


def test_one_policy_on_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["docs", "support"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("# Support\n\nWe answer.\n")
    assert "**It is late**" in said
    assert "14:00: **Resolution broken, was due 13:00**" in said


@pytest.mark.parametrize(("form", "suffix"), [("markdown", "md"), ("html", "html")])
def test_a_file_for_each_page(form: str, suffix: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["docs", "--out", "pages/new", "--format", form]) == 0
    names = sorted(path.name for path in Path("pages/new").iterdir())
    assert names == [f"index.{suffix}", f"support.{suffix}"]
    assert f"support.{suffix}" in Path(f"pages/new/index.{suffix}").read_text("utf-8")
    assert capsys.readouterr().out == ""


def test_a_test_that_fails_is_left_out_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("policies/support.test.yaml").write_text(TEST % "met", encoding="utf-8")
    assert run(["docs"]) == 1
    said = capsys.readouterr()
    assert "It is late" not in said.out
    assert "some tests fail" in said.err


@pytest.mark.parametrize(
    ("words", "told"),
    [(["suport"], 'did you mean "support"?'), (["--format", "html"], "add --out DIR")],
)
def test_what_cannot_be_is_told(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["docs", *words]) == 64
    assert told in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("taken").write_text("a file", encoding="utf-8")
    assert run(["docs", "--out", "taken/pages"]) == 1
    assert "SLA327" in capsys.readouterr().err
