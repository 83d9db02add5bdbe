"""sla approve, as people type it, while another process holds the state."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import sync
from service.delivery import holds
from service.delivery.holds import Hold
from service.state.store import Store, open_store
from sla_engine.units import Instant

HELD = Hold("jira/acme", "v2", "held", Instant(1), "k7m2qd", 50_000, 48_210, 96_420, 310, 120)
SETTINGS = "connections: {jira/acme: {system: jira, url: 'https://acme.example'}}\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """As `sla run` has it, for as long as it runs."""
    (tmp_path / "service.yaml").write_text(SETTINGS, encoding="utf-8")
    with open_store(str(tmp_path / "state.db"), writer=True) as made:
        with made.write() as db:
            holds.keep(db, HELD)
        yield made


def sla(folder: Path, *words: str) -> Result:
    typed = ["approve", *words, "--config", str(folder / "service.yaml")]
    return CliRunner().invoke(sync.sla, typed, standalone_mode=False)


def test_what_waits_is_listed_with_its_numbers(store: Store, tmp_path: Path) -> None:
    said = sla(tmp_path)
    assert said.output.startswith("k7m2qd  jira/acme: the policies or time zone data changed, and ")
    assert "48 210 tickets (50 000 are open): 96 420 fields, 310 comments, 120 " in said.output
    (told,) = json.loads(sla(tmp_path, "--json").output)
    assert (told["id"], told["tickets"]) == ("k7m2qd", 48_210)


def test_a_word_is_enough_and_needed_once(store: Store, tmp_path: Path) -> None:
    said = sla(tmp_path, "k7m2qd")
    assert said.output == "approved: the next pass writes to 48 210 tickets of jira/acme\n"
    with store.read() as db:
        kept = holds.find(db, "jira/acme")
    assert kept is not None
    assert kept.state == "approved"
    assert sla(tmp_path).output == "nothing waits for approval\n"


def test_another_name_approves_nothing_and_says_what_there_is(store: Store, tmp_path: Path) -> None:
    said = sla(tmp_path, "k7m2qx")
    assert "error[SLA309]: no plan 'k7m2qx' waits; k7m2qd  jira/acme" in said.output
    with store.read() as db:
        assert holds.waiting(db) == [HELD]
