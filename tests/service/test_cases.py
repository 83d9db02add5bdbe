"""Cases over two systems, as passes judge them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from connectors.memory import MemoryConnector
from service.record.cases import keep_clock, with_members
from service.state.keeping import load
from service.state.schema import VERDICTS
from service.state.store import open_store
from sla_engine.model import Event, Journal, Ticket
from sla_engine.policy_files import load_texts
from sla_engine.units import HOUR, Instant
from tests.service.desks import ADA, T0, Desk, state_at, ticket

pytestmark = pytest.mark.usefixtures("each_backend")

POLICIES, _ = load_texts(
    {
        "case.yaml": """
schema: sla/v1
links:
  of: {parent: {kind: incident}, child: {kind: dev, where: {of: "{parent.number}"}}}
policies:
  network:
    type: ola
    match: {team: Network, case: true}
    calendar: 24x7
    targets: {ownership: 2h}
"""
    }
)


def parent() -> Ticket:
    one = ticket(1)
    initial = {**one.initial, "kind": "incident", "number": "INC1", "team": "Desk"}
    return msgspec.structs.replace(one, initial=initial)


def child(of: str = "INC1") -> Ticket:
    one = ticket(7, connection="dev")
    initial = {**one.initial, "kind": "dev", "of": of, "team": "Network"}
    return msgspec.structs.replace(one, initial=initial)


@pytest.fixture
def dev() -> MemoryConnector:
    return MemoryConnector("dev", [child()])


@pytest.fixture
def desk(tmp_path: Path, dev: MemoryConnector) -> Iterator[Desk]:
    """The parent's connection is asked first."""
    with open_store(state_at(tmp_path), writer=True) as store:
        desk = Desk(store, MemoryConnector("desk", [parent()]), dev)
        desk.policies = POLICIES
        yield desk


def verdicts(desk: Desk) -> list[tuple[str, str, str]]:
    """(connection, clock, state) of all that is kept."""
    with desk.store.read() as db:
        rows = db.execute(select(VERDICTS.c.connection, VERDICTS.c.clock, VERDICTS.c.state)).all()
    return [(connection, clock, state) for connection, clock, state in rows]


def test_a_parent_is_judged_with_what_another_system_says_in_the_same_pass(desk: Desk) -> None:
    desk.run(T0 + HOUR)
    assert verdicts(desk) == [("desk", "ownership", "running")]


def test_a_second_pass_has_nothing_to_do(desk: Desk) -> None:
    desk.run(T0 + HOUR)
    assert [report.judged for report in desk.run().sources] == [0, 0]


def test_a_change_of_a_member_has_its_parent_judged(desk: Desk, dev: MemoryConnector) -> None:
    desk.run(T0 + HOUR)
    given = Event(Instant(T0 + HOUR), 1, "team", "Network", "Apps", ADA, "history 1")
    dev.put(msgspec.structs.replace(child(), journal=Journal([given]), updated_at=given.at))
    desk.run(T0 + 3 * HOUR)
    assert verdicts(desk) == [("desk", "ownership", "met")]


def test_a_member_that_leaves_has_the_parent_that_it_leaves_judged(
    desk: Desk, dev: MemoryConnector
) -> None:
    desk.run(T0 + HOUR)
    moved = msgspec.structs.replace(child(of="INC2"), updated_at=Instant(T0 + HOUR))
    dev.put(moved)
    desk.run(T0 + 2 * HOUR)
    assert verdicts(desk) == []


@pytest.mark.parametrize(("ahead", "skew"), [(40_000, 40_000), (1_000, 0)])
def test_how_far_clocks_are_apart_goes_with_the_parent(desk: Desk, ahead: int, skew: int) -> None:
    desk.run(T0 + HOUR)
    with desk.store.write() as db:
        keep_clock(db, "dev", Instant(T0 + ahead), T0)
        (one,) = with_members(db, POLICIES, load(db, "desk", ["1"])[0])
    assert (one.skew, [member.ref.key for member in one.members]) == (skew, ["SUP-7"])


MERGING, _ = load_texts(
    {
        "merging.yaml": """
schema: sla/v1
policies:
  first:
    match: {priority: P2}
    calendar: 24x7
    targets: {resolution: 2h}
    merge: earliest
"""
    }
)


def test_a_ticket_counts_from_the_start_of_what_is_merged_into_it(tmp_path: Path) -> None:
    older, later = ticket(1), ticket(2)
    later = msgspec.structs.replace(later, created_at=Instant(T0 + HOUR))
    with open_store(state_at(tmp_path), writer=True) as store:
        system = MemoryConnector("desk", [older, later])
        desk = Desk(store, system)
        desk.policies = MERGING
        desk.run(T0 + HOUR)
        merged = Event(Instant(T0 + HOUR), 1, "merged_into", None, later.ref.key, ADA, "history 1")
        system.put(msgspec.structs.replace(older, journal=Journal([merged]), updated_at=merged.at))
        desk.run(T0 + 2 * HOUR)
        with desk.store.read() as db:
            rows = db.execute(select(VERDICTS.c.ticket, VERDICTS.c.state, VERDICTS.c.due_at)).all()
        assert sorted(map(tuple, rows)) == [
            ("1", "cancelled", None),
            ("2", "running", T0 + 2 * HOUR),
        ]


def test_what_was_merged_into_a_ticket_that_is_merged_has_the_last_one_judged(
    tmp_path: Path,
) -> None:
    first, second, third = (
        msgspec.structs.replace(ticket(number), created_at=Instant(T0 + (number - 1) * HOUR // 2))
        for number in (1, 2, 3)
    )

    def merged(one: Ticket, into: Ticket, at: Instant) -> Ticket:
        event = Event(at, 1, "merged_into", None, into.ref.key, ADA, f"history {one.ref.key}")
        return msgspec.structs.replace(one, journal=Journal([event]), updated_at=at)

    with open_store(state_at(tmp_path), writer=True) as store:
        at = Instant(T0 + HOUR)
        system = MemoryConnector("desk", [first, merged(second, third, at), third])
        desk = Desk(store, system)
        desk.policies = MERGING
        dues = select(VERDICTS.c.due_at).where(VERDICTS.c.ticket == "3")
        for now, due in ((at, T0 + HOUR // 2 + 2 * HOUR), (Instant(at + 1), T0 + 2 * HOUR)):
            desk.run(now)
            with desk.store.read() as db:
                assert db.execute(dues).scalar_one() == due
            system.put(merged(first, second, Instant(at + 1)))
        with desk.store.read() as db:
            (whole,) = with_members(db, MERGING, load(db, "desk", ["3"])[0])
        assert [one.ref.id for one in whole.members] == ["1", "2"]
