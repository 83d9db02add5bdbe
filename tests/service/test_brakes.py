"""Brakes and the kill switch: what is too much waits, and nothing is lost by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from connectors.memory import MemoryConnector
from service.delivery.brakes import DEEDS_AN_HOUR, WRITES_A_DAY
from service.delivery.halting import halted, switch
from service.delivery.outcome import Writes
from sla_engine.changes import AddComment, SetFields
from sla_engine.terms import Action, Step
from sla_engine.units import HOUR, MINUTE, Instant, Millis
from tests.service.desks import T0, Desk, desk_over, ticket

pytestmark = pytest.mark.usefixtures("each_backend")

BREACH = Instant(T0 + 4 * HOUR)
MANY = DEEDS_AN_HOUR // 2 + 10  # each has a comment and an assignment at its breach


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Desk, MemoryConnector]]:
    with desk_over(tmp_path, [ticket(number) for number in range(1, MANY + 1)]) as made:
        made[0].run()
        yield made


def test_the_cap_of_an_hour_holds_back_and_loses_nothing(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, connector = desk
    first = at.run(BREACH + 1)
    (source,) = first.sources
    assert (source.written.comments, source.written.escalations) == (100, 100)
    assert source.written.tickets == MANY, "fields are written all the same"
    assert (source.braked, first.exit_code()) == (
        (("200 comments and escalations an hour are most", 10),),
        3,
    )
    assert at.run_one(BREACH + MINUTE).written.comments == 0
    assert at.run_one(BREACH + HOUR + MINUTE).written.comments == 10
    comments = [change for change in connector.writes if isinstance(change, AddComment)]
    assert len({change.key + change.ref.id for change in comments}) == len(comments) == MANY


def test_a_ticket_gets_three_comments_an_hour(tmp_path: Path) -> None:
    with desk_over(tmp_path, [ticket(1)]) as (at, connector):
        (one,) = at.policies.policies
        comment = Action("comment", "")
        steps = [Step(f"{p}%", p, Millis(0), do=(comment,)) for p in (51, 53, 55, 57)]
        policy = msgspec.structs.replace(one, steps=tuple(steps))
        at.policies = msgspec.structs.replace(at.policies, policies=(policy,))
        at.run()
        written: list[int] = []
        held: list[tuple[str, int]] = []
        for percent in (52, 54, 56, 58):
            report = at.run_one(T0 + 4 * HOUR * percent // 100)
            written.append(report.written.comments)
            held += report.braked
        assert (written, held) == ([1, 1, 1, 0], [("3 comments an hour to a ticket are most", 1)])
        assert at.run_one(T0 + 3 * HOUR + 10 * MINUTE).written.comments == 1
        assert len([one for one in connector.writes if isinstance(one, AddComment)]) == 4


def test_by_force_it_goes_over_the_cap(desk: tuple[Desk, MemoryConnector]) -> None:
    at, _ = desk
    at.force = True
    assert at.run_one(BREACH + 1).written.comments == MANY


def test_who_clears_a_field_again_and_again_means_it(tmp_path: Path) -> None:
    with desk_over(tmp_path, [ticket(1)]) as (at, connector):
        written = []
        for minute in range(8):
            at.run(T0 + minute * MINUTE)
            (now,) = connector.fetch([ticket(1).ref])
            written.append(now.written.get("SLA status") is not None)
            cleared = {**now.written, "SLA status": None}
            stamp = Instant(T0 + minute * MINUTE + 1)
            connector.put(msgspec.structs.replace(now, written=cleared, updated_at=stamp))
        assert written == [True] * WRITES_A_DAY + [False] * (8 - WRITES_A_DAY)
        others = [c for c in connector.writes if isinstance(c, SetFields) and len(c.fields) > 1]
        assert len(others) == 1


def test_halted_nothing_is_written_and_afterwards_all_of_it(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, connector = desk
    sent = len(connector.writes)
    at.halted = lambda: "a test"
    report = at.run(BREACH + 1)
    assert (report.halted, report.exit_code(), len(connector.writes)) == ("a test", 6, sent)
    at.halted = lambda: ""
    at.force = True
    assert at.run_one(BREACH + MINUTE).written.comments == MANY


def test_halted_in_the_middle_it_stops_before_the_next_ticket(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, connector = desk
    sent = len(connector.writes)
    at.force = True
    at.halted = lambda: "enough" if len(connector.writes) > sent else ""
    assert at.run_one(BREACH + 1).written == Writes(1, 2, 1, 1)
    at.halted = lambda: ""
    assert at.run_one(BREACH + MINUTE).written.comments == MANY - 1


def test_the_switch_is_a_file(tmp_path: Path) -> None:
    settings = tmp_path / "service.yaml"
    why = halted(settings)
    assert why() == ""
    switch(settings).write_text("they complain\n", encoding="utf-8")
    assert why() == "they complain"
    switch(settings).write_bytes(b"")
    assert why() == "no reason given"
    switch(settings).unlink()
    switch(settings).mkdir()
    assert "cannot be read" in why()
