"""Forgetting: nothing of a ticket is left in the file, nothing is said twice, the chain holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from connectors.memory import MemoryConnector
from service.delivery import runs
from service.record.auditing import audited
from service.record.evidence import records
from service.state.purging import Purged, closed_before, named, purge
from service.state.schema import DEEDS, TICKETS
from sla_engine.changes import AddComment
from sla_engine.model import Actor
from sla_engine.units import HOUR, Instant
from sync import run
from tests.service.desks import T0, Desk, desk_over, ticket

pytestmark = pytest.mark.usefixtures("each_backend")

LATE = T0 + 4 * HOUR + 60_000


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Desk, MemoryConnector]]:
    with desk_over(tmp_path, [ticket(1), ticket(2)]) as made:
        made[0].run_one()
        made[0].run_one(LATE)
        yield made


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


def first_of(at: Desk) -> set[tuple[str, str]]:
    with at.store.read() as db:
        return named(db, [ticket(1).ref.key.lower()]).popitem()[1]


@pytest.mark.parametrize("each_backend", ["sqlite"], indirect=True)
def test_nothing_of_it_is_left_in_the_file(
    desk: tuple[Desk, MemoryConnector], tmp_path: Path
) -> None:
    at, _ = desk
    key, chosen = ticket(1).ref.key.encode(), first_of(at)
    with at.store.read() as db:
        journal = db.execute(select(TICKETS.c.journal).where(TICKETS.c.id == "1")).scalar_one()
    assert key in bytes_of(tmp_path)
    assert journal in bytes_of(tmp_path)
    with at.store.write() as db:
        done = purge(db, chosen)
    at.store.compact()
    assert done.tickets == 1
    assert done.lines > 0
    assert journal not in bytes_of(tmp_path)
    assert key not in bytes_of(tmp_path)
    assert ticket(2).ref.key.encode() in bytes_of(tmp_path)


def test_what_was_said_is_not_said_again_when_the_ticket_comes_back(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, connector = desk
    said = [c for c in connector.writes if isinstance(c, AddComment)]
    assert said
    chosen = first_of(at)
    with at.store.write() as db:
        purge(db, chosen)
    connector.add_event(ticket(1).ref.id, "priority", "P2", Actor("ada", "Ada"), Instant(LATE))
    at.run_one(LATE + 1)
    at.run_one(LATE + 2)
    assert [c for c in connector.writes if isinstance(c, AddComment)] == said
    with at.store.read() as db:
        found = audited(records(db, at.policies))
        assert not found.doubts
        assert found.erased > 0
        for one in runs.latest(db, 10):
            runs.entries(db, one.id)  # and what is empty harms nobody who reads on


def test_a_ticket_with_a_write_in_doubt_waits(desk: tuple[Desk, MemoryConnector]) -> None:
    at, _ = desk
    chosen = first_of(at)
    with at.store.write() as db:
        db.execute(update(DEEDS).values(state="sending"))
        assert purge(db, chosen) == Purged(0, 0, (ticket(1).ref.key,))


def test_by_age_only_what_is_closed_goes(desk: tuple[Desk, MemoryConnector]) -> None:
    at, connector = desk
    connector.add_event(ticket(2).ref.id, "status", "Done", Actor("ada", "Ada"), Instant(LATE))
    connector.add_event(
        ticket(2).ref.id, "status_category", "done", Actor("ada", "Ada"), Instant(LATE)
    )
    at.run_one(LATE + HOUR)
    with at.store.read() as db:
        assert closed_before(db, Instant(LATE)) == set()
        assert closed_before(db, Instant(LATE + 2 * HOUR)) == {("desk", ticket(2).ref.id)}


def test_it_must_be_told_which() -> None:
    assert run(["purge"]) == 64
