"""Several workers over one store, as PostgreSQL allows: one comes at any moment of another's pass,
and nothing that it hears is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.memory import MemoryConnector
from service import failpoints, keeping
from service.schema import TICKETS
from sla_engine.units import HOUR, MINUTE, Instant
from tests.service.desks import ADA, T0, Desk, desk_over, ticket

LATE = Instant(T0 + 5 * HOUR)
IN_A_PASS = [
    name
    for name in failpoints.POINTS
    if name.startswith(("pull.", "judge.", "pass.", "apply."))
    and ".in_" not in name  # a transaction is open: nobody else gets at the store
    and not name.endswith(".after_reread")  # nothing is read twice in this pass
]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Desk, MemoryConnector]]:
    with desk_over(tmp_path, [ticket(1)]) as (desk, connector):
        desk.run(T0)
        yield desk, connector


@contextmanager
def once_at(point: str, do: Callable[[], object]) -> Iterator[list[str]]:
    """Do something the first time that a place is reached; the list tells that it was."""
    reached: list[str] = []

    def watch(name: str) -> None:
        if name == point and not reached:
            reached.append(name)
            do()

    failpoints.watchers.append(watch)
    try:
        yield reached
    finally:
        failpoints.watchers.remove(watch)


@pytest.mark.parametrize("point", IN_A_PASS)
def test_what_another_worker_hears_meanwhile_is_kept_and_judged(
    desk: tuple[Desk, MemoryConnector], point: str
) -> None:
    at, connector = desk

    def hear() -> None:
        """Another worker pulls, and is killed before it judges."""
        connector.add_event("1", "status_category", "done", ADA, Instant(LATE + MINUTE))
        with at.store.write() as db:
            keeping.keep(db, connector.fetch([ticket(1).ref]), Instant(LATE + 2 * MINUTE))

    with once_at(point, hear) as reached:
        at.run(LATE)
    assert reached
    with at.store.read() as db:
        kept = keeping.find_one(db, ticket(1).ref)
    assert kept is not None
    assert "done" in kept.journal.news
    at.run(LATE + 3 * MINUTE)
    (now,) = connector.fetch([ticket(1).ref])
    assert str(now.written["SLA status"]).startswith("Missed")


def test_one_history_whose_times_are_wrong_stops_nobody(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    """As a store may hold it from before: more times than events."""
    at, connector = desk
    for minute in (1, 2, 3):
        connector.add_event("1", "team", f"team {minute}", ADA, Instant(T0 + minute * MINUTE))
        at.run(T0 + minute * MINUTE)
    with at.store.write() as db:
        older = keeping.find_one(db, ticket(1).ref)
        assert older is not None
        keeping.rewrite(db, ticket(1))
        assert db.execute(TICKETS.select()).one().learnt is not None
    connector.add_event("1", "team", "another", ADA, Instant(T0 + HOUR))
    report = at.run_one(T0 + HOUR)
    assert (report.error, report.failures) == (None, ())
    with at.store.read() as db:
        assert keeping.find_one(db, older.ref) == connector.fetch([older.ref])[0]
