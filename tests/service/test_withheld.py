"""What holds writing back is on record while it lasts, with its beginning, and no longer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.base import TransientError
from connectors.memory import MemoryConnector
from service.delivery import withheld
from service.delivery.brakes import DEEDS_AN_HOUR
from service.delivery.halting import halt, switch
from service.state import standing
from sla_engine.plan import Limits
from sla_engine.units import HOUR, MINUTE, Instant, Millis
from tests.service.desks import T0, Desk, desk_over, policies, ticket

BREACH = Instant(T0 + 4 * HOUR + 1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Desk, MemoryConnector]]:
    with desk_over(tmp_path, [ticket(number) for number in range(1, 31)]) as made:
        made[0].run()
        yield made


def held(at: Desk) -> list[tuple[str, int]]:
    with at.store.read() as db:
        return [(one.reason, one.since) for one in withheld.noted(db, "desk")]


def test_nothing_is_noted_where_all_is_written(desk: tuple[Desk, MemoryConnector]) -> None:
    at, _ = desk
    at.run(BREACH)
    assert held(at) == []


def test_what_lasts_keeps_its_beginning_and_ends_when_it_is_over(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, _ = desk
    at.limits = Limits(comments=1)
    for minute in (0, 1, 2):
        at.run(BREACH + minute * MINUTE)
        assert held(at) == [("limits", BREACH)]
    at.limits = Limits(comments=100, escalations=100, at_least=100)
    at.run(BREACH + 3 * MINUTE)
    assert held(at) == []


def test_a_pass_that_failed_says_nothing_of_it(desk: tuple[Desk, MemoryConnector]) -> None:
    at, connector = desk
    at.limits = Limits(comments=1)
    at.run(BREACH)
    connector.broken = TransientError("down")
    at.run(BREACH + MINUTE)
    assert held(at) == [("limits", BREACH)]


def test_a_plan_that_waits_is_named(desk: tuple[Desk, MemoryConnector]) -> None:
    at, _ = desk
    at.policies = policies(limit=Millis(HOUR), version="v2")
    (report,) = at.run(T0 + MINUTE).sources
    assert held(at) == [("approval", T0 + MINUTE)]
    with at.store.read() as db:
        (one,) = withheld.noted(db, "desk")
    assert one.plan == report.held != ""


def test_clocks_a_restore_and_brakes_are_reasons(tmp_path: Path) -> None:
    many = [ticket(number) for number in range(1, DEEDS_AN_HOUR)]
    with desk_over(tmp_path, many) as (at, _):
        at.run()
        at.run(BREACH)
        assert held(at) == [("brakes", BREACH)]
        at.clock_fault = "our clock jumped"
        at.run(BREACH + MINUTE)
        assert held(at) == [("clock", BREACH + MINUTE)]
        at.clock_fault = ""
        with at.store.write() as db:
            standing.hold(db, ["desk"], Instant(BREACH + MINUTE))
        at.run(BREACH + 2 * MINUTE)
        assert held(at) == [("restored", BREACH + 2 * MINUTE)]


def test_who_halted_it_and_since_when(tmp_path: Path) -> None:
    settings = tmp_path / "service.yaml"
    assert halt(settings) is None
    file = switch(settings)
    file.write_text("they complain\n", encoding="utf-8")
    found = halt(settings)
    assert found is not None
    assert (found.why, found.by) == ("they complain", file.owner())
    assert found.since == int(file.stat().st_mtime * 1000)
