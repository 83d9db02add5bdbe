"""sla retry, as people type it, while another process holds the state; and what sla status says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import sync
from service.state import quarantine
from service.state.failure import Failure
from service.state.store import Store, open_store
from sla_engine.model import Ref
from sla_engine.units import Instant

SETTINGS = "connections: {jira/acme: {system: jira, url: 'https://acme.example'}}\n"
POLICIES = """\
schema: sla/v1
policies:
  p: {match: {type: Task}, targets: {resolution: 4h}}
"""
LATER = 4_000_000_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """As `sla run` has it, for as long as it runs: two tickets fail."""
    (tmp_path / "service.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "p.yaml").write_text(POLICIES, encoding="utf-8")
    with open_store(str(tmp_path / "state.db"), writer=True) as made:
        with made.write() as db:
            for key in ("OPS-1", "OPS-2"):
                why = Failure(key, "its history is torn", stage="read")
                quarantine.fail(db, Ref("jira/acme", key, key), why, Instant(LATER))
        yield made


def sla(folder: Path, *words: str) -> Result:
    typed = [*words, "--config", str(folder / "service.yaml")]
    return CliRunner().invoke(sync.sla, typed, standalone_mode=False)


def waits(store: Store) -> list[str]:
    with store.read() as db:
        return [one.key for one in quarantine.listed(db, ["jira/acme"]) if one.next_at > LATER]


def test_one_that_is_named_is_tried_at_once(store: Store, tmp_path: Path) -> None:
    assert sla(tmp_path, "retry", "ops-2").output == "the next pass tries 1 ticket\n"
    assert waits(store) == ["OPS-1"]


def test_without_a_name_all_are(store: Store, tmp_path: Path) -> None:
    assert sla(tmp_path, "retry").output == "the next pass tries 2 tickets\n"
    assert waits(store) == []


def test_one_that_does_not_fail_is_told(store: Store, tmp_path: Path) -> None:
    result = sla(tmp_path, "retry", "OPS-7", "OPS-1")
    assert "error[SLA324]: OPS-7 does not fail; sla status lists what does" in result.stderr
    assert waits(store) == ["OPS-2"]


def test_status_lists_what_fails_and_what_is_halted(store: Store, tmp_path: Path) -> None:
    assert waits(store)
    sla(tmp_path, "halt", "they complain")
    said = sla(tmp_path, "status").output
    assert "2 tickets fail, and the others go on" in said
    assert "they complain" in said
    told = json.loads(sla(tmp_path, "status", "--json").output)
    assert [one["ticket"] for one in told["failing"]] == ["OPS-1", "OPS-2"]
    (halted,) = told["held"]
    assert (halted["reason"], halted["connection"]) == ("halted", None)
    assert halted["fix"].startswith("sla resume")
