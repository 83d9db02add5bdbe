"""An older copy of the state, or a second one, is noticed by comments that it does not know."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from connectors.memory import MemoryConnector
from service.state.store import open_store
from sla_engine.changes import AddComment
from sla_engine.units import HOUR, MINUTE, Instant
from tests.service.desks import CLEO, T0, Desk, desk_over, ticket

WARNING, BREACH = Instant(T0 + 3 * HOUR + 1), Instant(T0 + 4 * HOUR + 1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Desk, MemoryConnector]]:
    with desk_over(tmp_path, [ticket(number) for number in (1, 2)]) as made:
        yield made


def said(connector: MemoryConnector) -> list[tuple[str, str]]:
    return [(c.ref.id, c.key) for c in connector.writes if isinstance(c, AddComment)]


def test_a_copy_of_before_is_noticed_and_says_nothing_twice(tmp_path: Path) -> None:
    folder, copy = tmp_path / "a", tmp_path / "b"
    folder.mkdir()
    with desk_over(folder, [ticket(1), ticket(2)]) as (at, connector):
        at.run()
        at.run(T0 + 1)
    shutil.copytree(folder, copy)
    with open_store(str(folder / "state.db"), writer=True) as store:
        Desk(store, connector).run(WARNING)
    connector.add_event("1", "comment", "public", CLEO, Instant(WARNING + 1))
    connector.add_event("2", "comment", "public", CLEO, Instant(WARNING + 1))
    told = said(connector)
    assert len(told) == 2
    with open_store(str(copy / "state.db"), writer=True) as store:
        old = Desk(store, connector)
        first = old.run_one(WARNING + MINUTE)
        assert first.error is not None
        assert first.error.code == "SLA326"
        assert "SUP-1, SUP-2" in dict(first.error.facts)["found"]
        second = old.run_one(WARNING + 2 * MINUTE)
        assert (second.error, second.mode) == (None, "observe")
        third = old.run_one(WARNING + 3 * MINUTE)
        assert (third.error, third.mode) == (None, "write")
        assert said(connector) == told
        assert old.run_one(BREACH).written.comments == 2


def test_a_state_that_knows_what_it_wrote_finds_nothing_strange(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, connector = desk
    for now in (T0, WARNING, BREACH):
        at.run(now)
        connector.add_event("1", "comment", "public", CLEO, Instant(now + 1))
        assert at.run_one(now + MINUTE).error is None


def test_what_stood_there_when_it_was_first_met_is_not_strange(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    """As where the state was lost, or the ticket moved here."""
    at, connector = desk
    at.run()
    connector.put(msgspec.structs.replace(ticket(3), marks=frozenset({"promise.resolution#1:x"})))
    assert at.run_one(T0 + MINUTE).error is None
    connector.add_event("3", "comment", "public", CLEO, Instant(T0 + 2 * MINUTE))
    assert at.run_one(T0 + 3 * MINUTE).error is None
    (now,) = connector.fetch([ticket(3).ref])
    more = now.marks | {"promise.resolution#1:y"}
    connector.put(msgspec.structs.replace(now, marks=more, updated_at=Instant(T0 + 4 * MINUTE)))
    report = at.run_one(T0 + 5 * MINUTE)
    assert report.error is not None
    assert report.error.code == "SLA326"
