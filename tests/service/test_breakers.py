"""What is refused or undone again and again is not done any more, and all else goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from connectors.base import Outcome
from connectors.memory import MemoryConnector
from service.delivery import withheld
from service.delivery.brakes import MESSAGES_AN_HOUR, Brakes
from service.delivery.breakers import LATEST, REFUSED, SOON, UNDONE, Breakers
from service.delivery.channels import Channel, Channels
from service.delivery.items import LEFT, Done, Item
from service.delivery.telling import Teller
from service.state import bars, quarantine, standing
from service.state.bars import Bars
from service.state.store import Store, open_store
from sla_engine.changes import Assign, Change, Notify, SetFields, Transition, Way, Why
from sla_engine.model import Ref
from sla_engine.units import DAY, HOUR, MINUTE, Instant
from tests.service.desks import ADA, T0, Desk, desk_over, state_at, ticket

BREACH = Instant(T0 + 4 * HOUR + 1)
MANY = 20


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Desk, MemoryConnector]]:
    with desk_over(tmp_path, [ticket(number) for number in range(1, MANY + 1)]) as made:
        yield made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(state_at(tmp_path), writer=True) as made:
        yield made


def reasons(at: Desk) -> list[str]:
    with at.store.read() as db:
        return [one.reason for one in withheld.noted(db, "desk")]


# Deeds that are refused


def refuse_assignments(connector: MemoryConnector) -> None:
    carry_out = connector._carry_out

    def refusing(ref: Ref, change: Change) -> Outcome:
        done = carry_out(ref, change)
        return Outcome("rejected", "no such team") if isinstance(change, Assign) else done

    connector._carry_out = refusing  # type: ignore[method-assign]  # a system without that team


def test_of_what_is_refused_a_fifth_is_tried_and_no_more(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, connector = desk
    at.run()
    refuse_assignments(connector)
    report = at.run_one(BREACH)
    assert report.written.comments == MANY, "another kind of deed goes on"
    assert sum(isinstance(c, Assign) for c in connector.writes) == REFUSED + 1
    assert report.broken == (("assignments of promise are refused: 11 of the last 11", 9),)
    assert (at.run(BREACH + MINUTE).exit_code(), reasons(at)) == (3, ["breaker"])
    assert sum(isinstance(c, Assign) for c in connector.writes) == REFUSED + 1


def test_after_a_word_what_waited_is_done(desk: tuple[Desk, MemoryConnector]) -> None:
    at, connector = desk
    at.run()
    carry_out = connector._carry_out
    refuse_assignments(connector)
    at.run(BREACH)
    connector._carry_out = carry_out  # type: ignore[method-assign]
    assert at.run_one(BREACH + MINUTE).written.escalations == 0
    with at.store.write() as db:
        standing.resume(db, Instant(BREACH + MINUTE))
    assert at.run_one(BREACH + 2 * MINUTE).written.escalations == MANY - REFUSED - 1
    assert reasons(at) == []


def test_without_a_word_it_is_tried_again_a_day_later(desk: tuple[Desk, MemoryConnector]) -> None:
    at, connector = desk
    at.run()
    carry_out = connector._carry_out
    refuse_assignments(connector)
    at.run(BREACH)
    connector._carry_out = carry_out  # type: ignore[method-assign]
    assert at.run_one(BREACH + DAY - 1).written.escalations == 0
    assert at.run_one(BREACH + DAY).written.escalations == MANY - REFUSED - 1


def assign(number: int, policy: str = "gold") -> Assign:
    key = f"{policy}.resolution#1:breach:assign"
    return Assign(ticket(number).ref, key, "tier2", Why("w"), (("team", None),))


@pytest.mark.parametrize(
    ("outcomes", "open_"),
    [
        ([Outcome("rejected")] * REFUSED, False),
        ([Outcome("rejected")] * (REFUSED + 1), True),
        ([Outcome("rejected")] * (REFUSED + 1) + [Outcome("confirmed")] * LATEST, False),
        ([Outcome("rejected", code=code) for code in LEFT] * LATEST, False),
        ([Outcome("retryable"), Outcome("doubtful")] * LATEST, False),
    ],
    ids=["at most", "more", "long ago", "left out on purpose", "not known"],
)
def test_it_opens_at_more_than_a_fifth_of_the_latest(
    store: Store, outcomes: list[Outcome], open_: bool
) -> None:
    with store.read() as db:
        breakers = Breakers(db, "desk", [])
    for number, outcome in enumerate(outcomes):
        breakers.learn(assign(number), outcome)
    assert bool(breakers.against(assign(99))) is open_
    assert breakers.against(assign(99, "silver")) == "", "one policy stops no other"


# Deeds that people undo


@pytest.mark.parametrize(
    ("tickets", "after", "to", "open_"),
    [
        (UNDONE, SOON, None, True),
        (UNDONE - 1, SOON, None, False),
        (UNDONE, SOON + 1, None, False),
        (UNDONE, SOON, "linus", False),
    ],
    ids=["at once", "on few tickets", "later", "handed on"],
)
def test_what_people_undo_at_once_is_not_done_again(
    desk: tuple[Desk, MemoryConnector], tickets: int, after: int, to: str | None, open_: bool
) -> None:
    at, connector = desk
    for number in range(11, MANY + 1):
        connector.remove(str(number))
    at.run()
    at.run(BREACH)
    for number in range(1, tickets + 1):
        connector.add_event(str(number), "assignee", to, ADA, Instant(BREACH + after))
    late = [ticket(number, Instant(T0 + HOUR)) for number in range(50, 53)]
    for one in late:
        connector.put(one)
    at.run(BREACH + 30 * MINUTE)
    report = at.run_one(BREACH + HOUR)
    assert report.written.comments == 3
    assert report.written.escalations == (0 if open_ else 3)
    assert bool(report.broken) is open_


# Fields that are refused


def test_a_field_that_five_tickets_refuse_is_not_written_to_others(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, connector = desk
    connector.closed = {"SLA due"}
    report = at.run_one()
    assert len(report.failures) == bars.TICKETS
    ((why, left_out),) = report.barred
    assert why.startswith('"SLA due" is refused by 5 tickets or more')
    assert left_out == MANY - bars.TICKETS
    sent = [c for c in connector.writes if isinstance(c, SetFields)]
    assert sum("SLA due" in dict(c.fields) for c in sent) == bars.TICKETS
    assert len({c.ref for c in sent}) == MANY, "the other fields are written to all"
    assert (at.run_one(T0 + 1).barred, reasons(at)) == (((why, 0),), ["fields"])


def test_as_soon_as_it_is_taken_again_it_is_written_to_all(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, connector = desk
    connector.closed = {"SLA due"}
    at.run()
    at.run(T0 + 1)
    connector.closed = set()
    with at.store.write() as db:
        quarantine.retry(db)
    at.run(T0 + 2)
    at.run(T0 + 3)
    found = connector.fetch([ticket(number).ref for number in range(1, MANY + 1)])
    assert all(one.written.get("SLA due") for one in found)
    assert reasons(at) == []


def test_a_value_that_is_refused_bars_no_field(desk: tuple[Desk, MemoryConnector]) -> None:
    """As where a list lacks an option: the others are taken, now and later."""
    at, connector = desk
    carry_out = connector._carry_out

    def picky(ref: Ref, change: Change) -> Outcome:
        if isinstance(change, SetFields) and int(ref.id) > 1:
            return Outcome("rejected", "no such option", refused=("SLA status",))
        return carry_out(ref, change)

    connector._carry_out = picky  # type: ignore[method-assign]
    report = at.run_one()
    assert (len(report.failures), report.barred) == (MANY - 1, ())
    assert at.run_one(T0 + MINUTE).barred == ()


def test_a_bar_is_of_one_project_and_lets_those_try_that_made_it() -> None:
    made = Bars()
    refs = [Ref("desk", f"OPS-{n}", str(n)) for n in range(bars.TICKETS)]
    for ref in refs[1:]:
        made.refuse(ref, "SLA due")
        made.refuse(ref, "SLA due")
    assert (made.against(Ref("desk", "OPS-99", "99"), "SLA due"), made.words) == ("", [])
    made.refuse(refs[0], "SLA due")
    assert "of OPS" in made.against(Ref("desk", "OPS-99", "99"), "SLA due")
    assert made.against(Ref("desk", "OPS-99", "99"), "SLA status") == ""
    assert made.against(Ref("desk", "SUP-99", "99"), "SLA due") == ""
    assert made.against(refs[0], "SLA due") == ""


# Caps


def notice(number: int, way: Way, channel: str = "duty") -> Notify:
    at = Instant(T0 - MINUTE)
    return Notify(ticket(number).ref, f"k{number}", channel, "told", Why("w"), way, at=at)


def going(brakes: Brakes, *changes: Change) -> int:
    item = Item(ticket(int(changes[0].ref.id)), changes, None)
    return len(brakes.held_in(item).changes)


def test_a_channel_gets_thirty_pages_an_hour(store: Store) -> None:
    brakes = Brakes(store, "desk", T0)
    sent = sum(going(brakes, notice(number, "page")) for number in range(1, 41))
    assert sent == MESSAGES_AN_HOUR
    assert going(brakes, notice(99, "page", "other")) == 1, "one channel stops no other"
    assert going(brakes, notice(99, "webhook")) == 1, "programs are no people"
    assert sum(brakes.held.values()) == 10


def test_messages_of_one_pass_are_one(store: Store) -> None:
    brakes = Brakes(store, "desk", T0)
    assert sum(going(brakes, notice(number, "tell")) for number in range(1, 101)) == 100
    for number in range(1, MESSAGES_AN_HOUR):
        assert going(brakes, notice(number, "page")) == 1
    assert going(brakes, notice(99, "page")) == 0


def test_what_was_told_within_the_hour_counts(tmp_path: Path) -> None:
    with desk_over(tmp_path, [ticket(1)]) as (at, _):
        channels = Channels({"duty": Channel(lambda: "json://duty")}, lambda *_: True)
        for number in range(MESSAGES_AN_HOUR):
            minute = Instant(T0 + number * MINUTE)
            teller = Teller(at.store, channels, lambda now=minute: now, "v1", "r")  # type: ignore[misc]
            teller.tell(
                [(Item(ticket(number), (notice(number, "tell"),), None), Done(ticket(number), ()))],
                minute,
            )
        late = Instant(T0 + MESSAGES_AN_HOUR * MINUTE)
        assert going(Brakes(at.store, "desk", late), notice(99, "tell")) == 0
        assert going(Brakes(at.store, "desk", late, asked=True), notice(99, "tell")) == 1
        assert going(Brakes(at.store, "desk", Instant(T0 + HOUR)), notice(99, "tell")) == 1


def test_the_same_value_is_set_once_a_day(desk: tuple[Desk, MemoryConnector]) -> None:
    at, connector = desk
    at.run()
    at.run(BREACH)
    (now,) = connector.fetch([ticket(1).ref])
    connector.add_event("1", "assignee", "linus", ADA, Instant(BREACH + HOUR))
    (moved,) = connector.fetch([ticket(1).ref])
    again = msgspec.structs.replace(assign(1), key="promise.resolution#2:breach:assign")
    other = msgspec.structs.replace(again, to="tier3")
    move = Transition(ticket(1).ref, "k", "tier2", Why("w"))

    def sent(change: Change, now: int, one: object = moved) -> int:
        brakes = Brakes(at.store, "desk", Instant(now), asked=True)
        return len(brakes.held_in(Item(one, (change,), None)).changes)  # type: ignore[arg-type]

    assert sent(again, BREACH + 2 * HOUR) == 0
    assert sent(again, BREACH + DAY) == 1
    assert sent(again, BREACH + 2 * HOUR, now) == 1, "it stands there: nothing is sent"
    assert [sent(change, BREACH + 2 * HOUR) for change in (other, move)] == [1, 1]


def test_what_waits_anyway_is_no_reason_to_refuse_the_rest(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, connector = desk
    at.run()
    refuse_assignments(connector)
    at.run(BREACH)
    at.limits = msgspec.structs.replace(at.limits, escalations=5)
    connector.put(ticket(50, Instant(T0 + HOUR)))
    at.run(BREACH + 30 * MINUTE)
    report = at.run_one(BREACH + HOUR)
    assert (report.refused, report.written.comments) == ("", 1)
