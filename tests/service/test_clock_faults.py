"""A clock that cannot be trusted: all is computed, nothing is written, and it goes on by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from commands.failures import told
from connectors.memory import MemoryConnector
from service.delivery.skew import HOLD
from service.record.auditing import audited
from service.record.evidence import records
from service.state.schema import TICKETS, VERDICTS
from service.state.standing import standing
from sla_engine.model import Journal
from sla_engine.units import HOUR, MINUTE, Instant
from tests.service.desks import ADA, T0, Desk, desk_over, ticket

pytestmark = pytest.mark.usefixtures("each_backend")

Desked = tuple[Desk, MemoryConnector]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desked]:
    with desk_over(tmp_path, [ticket(1), ticket(2)]) as made:
        yield made


def test_nothing_is_written_to_a_system_whose_clock_is_far_from_ours(desk: Desked) -> None:
    at, connector = desk
    connector.theirs = Instant(T0 - HOLD - 1)
    held = at.run_one()
    assert (held.judged, bool(held.items), held.written.tickets) == (2, True, 0)
    assert held.skew == HOLD + 1
    assert "5 min ahead" in held.clock_fault
    assert connector.writes == []
    connector.theirs = Instant(T0 - HOLD)
    assert at.run_one().written.tickets == 2  # nothing was lost meanwhile


def test_a_system_whose_date_stands_still_is_noticed_within_minutes(desk: Desked) -> None:
    at, connector = desk
    connector.theirs = T0
    held = [bool(at.run_one(Instant(T0 + n * MINUTE)).clock_fault) for n in range(8)]
    assert held == [False] * 6 + [True] * 2


def test_a_mass_of_breaches_after_a_jump_is_not_told_anybody(desk: Desked) -> None:
    """The clock is set a year ahead, and back before anybody is the wiser."""
    at, connector = desk
    at.run_one()
    sent = len(connector.writes)
    at.clock_fault = "our clock jumped"
    report = at.run(T0 + 365 * 24 * HOUR)
    at.clock_fault = ""
    assert report.exit_code() == 6
    assert "error[SLA316]: our clock jumped" in "".join(told(report))
    assert len(connector.writes) == sent
    at.run_one(T0 + HOUR)
    assert len(connector.writes) == sent  # with the right clock there is nothing to say


def test_force_does_not_write_by_a_clock_that_is_wrong(desk: Desked) -> None:
    at, connector = desk
    at.clock_fault, at.force = "our clock jumped", True
    at.run()
    assert connector.writes == []


def test_a_clock_that_is_wrong_for_one_pass_leaves_no_trace(desk: Desked) -> None:
    """A year ahead, and a system that knows better: nothing is too late, nothing known ahead, and
    writing did not begin in a year."""
    at, connector = desk
    connector.theirs = T0
    at.run(T0 + 365 * 24 * HOUR)
    with at.store.read() as db:
        assert standing(db, "desk").armed_at == T0
        assert {row.known_at for row in db.execute(TICKETS.select())} == {T0}
        assert {row.state for row in db.execute(VERDICTS.select())} == {"running"}
    late = Instant(T0 + 5 * HOUR)
    connector.theirs = late
    assert at.run_one(late).written.comments == 2


def test_nothing_is_too_late_by_a_clock_that_jumped(desk: Desked) -> None:
    """Where no system tells the time, what a jump makes of deadlines is forgotten."""
    at, _ = desk
    at.run_one()
    at.clock_fault = "our clock jumped"
    at.run(T0 + 365 * 24 * HOUR)
    at.clock_fault = ""
    assert at.run_one(T0 + 5 * HOUR).written.comments == 2


def test_what_is_heard_after_a_verdict_restates_it_though_our_clock_was_set_back(
    desk: Desked,
) -> None:
    """Three minutes ahead when it was judged, right again when its history was rewritten."""
    at, connector = desk
    solved = Instant(T0 + HOUR)
    connector.add_event("1", "status_category", "done", ADA, solved)
    at.run_one(T0 + 2 * HOUR + 3 * MINUTE)
    (one,) = connector.fetch([ticket(1).ref])
    connector.put(msgspec.structs.replace(one, journal=Journal(), updated_at=one.updated_at + 1))
    report = at.run_one(T0 + 2 * HOUR)
    assert (report.restated, report.rewritten) == (1, ("SUP-1",))
    with at.store.read() as db:
        assert audited(records(db, at.policies)).doubts == []


def test_a_pull_of_a_time_that_has_not_come_stops_no_clock(desk: Desked) -> None:
    at, connector = desk
    at.run(T0 + 365 * 24 * HOUR)
    at.run_one(T0 + 5 * HOUR)
    with at.store.read() as db:
        assert standing(db, "desk").pulled_at == T0 + 5 * HOUR
    assert connector.writes
