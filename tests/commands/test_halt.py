"""sla halt and sla resume, as people type them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import sync
from service.delivery.halting import halted

SETTINGS = "connections: {jira/acme: {system: jira, url: 'https://acme.example'}}\n"


def sla(folder: Path, *words: str) -> str:
    typed = [*words, "--config", str(folder / "service.yaml")]
    return CliRunner().invoke(sync.sla, typed, standalone_mode=False).output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "service.yaml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("they complain",), "they complain"),
        (("typed", "in", "a", "hurry"), "typed in a hurry"),
        ((), "halted with sla halt"),
    ],
)
def test_halted_until_resumed(folder: Path, words: tuple[str, ...], why: str) -> None:
    asks = halted(folder / "service.yaml")
    said = sla(folder, "halt", *words)
    assert said.startswith("halted: nothing is written while ")
    assert said.endswith("sla.halt is there; sla resume ends it\n")
    assert asks() == why
    assert sla(folder, "resume") == "writing goes on with the next pass\n"
    assert asks() == ""
    assert sla(folder, "resume") == "writing was not halted\n"
