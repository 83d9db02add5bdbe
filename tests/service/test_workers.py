"""Several workers over one store, as PostgreSQL allows: one comes at any moment of another's pass,
and nothing that it hears is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from connectors.memory import MemoryConnector
from service.delivery import deeds
from service.delivery.channels import Channel, Channels
from service.state import failpoints, keeping
from service.state.schema import TICKETS
from sla_engine.changes import AddComment, Assign, Why
from sla_engine.terms import Action, Step
from sla_engine.units import HOUR, MINUTE, Instant, Millis
from tests.service.desks import ADA, T0, Desk, desk_over, ticket

pytestmark = pytest.mark.usefixtures("each_backend")

WHY = Why("because")
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


COMMENT = AddComment(ticket(1).ref, "promise.resolution#1:breach", ("late",), WHY)
ASSIGN = Assign(ticket(1).ref, f"{COMMENT.key}:assign:tier2", "tier2", WHY)


def with_a_message(at: Desk, *answers: bool) -> None:
    """The breach is told to a channel too, which takes the first messages or not, then all."""
    listening = iter(answers)
    at.channels = Channels(
        {"duty": Channel(lambda: "json://duty")}, lambda *_: next(listening, True)
    )
    (one,) = at.policies.policies
    told = Step("breach", 100, Millis(0), do=(*one.steps[1].do, Action("notify", "duty")))
    steps = (one.steps[0], told)
    at.policies = replace(at.policies, policies=(replace(one, steps=steps),))


def with_a_message_left(at: Desk) -> deeds.Intent:
    """A pass has but a message to send; an assignment is in doubt."""
    with_a_message(at, False, False, False)
    with at.store.write() as db:
        (intent,) = deeds.intend(db, [ASSIGN], LATE)
    for minute in (0, 1, 2):
        at.run(LATE + minute * MINUTE)
    return intent


@pytest.mark.parametrize("point", ["judge.after_commit", "apply.before_intent", "tell.after_send"])
def test_what_another_worker_finds_undone_is_done(
    desk: tuple[Desk, MemoryConnector], point: str
) -> None:
    """While the message is sent it proves that the assignment never arrived."""
    at, connector = desk
    intent = with_a_message_left(at)

    def prove() -> None:
        with at.store.write() as db:
            deeds.end(db, intent, "planned")
            keeping.wake(db, [(intent.ref, keeping.AT_ONCE)])

    with once_at(point, prove) as reached:
        at.run(LATE + 3 * MINUTE)
    assert reached
    at.run(LATE + 4 * MINUTE)
    (now,) = connector.fetch([ticket(1).ref])
    assert "tier2" in now.journal.news


def test_what_another_worker_began_and_did_not_end_is_done(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    """Ours planned the same, and left it alone; that none of it arrived is found while ours tells
    of it. Nothing else happens to the ticket from then on."""
    at, connector = desk
    with_a_message(at)
    begun: list[deeds.Intent] = []

    def begin() -> None:
        with at.store.write() as db:
            begun.extend(deeds.intend(db, [COMMENT, ASSIGN], LATE))

    def prove() -> None:
        with at.store.write() as db:
            assert all(deeds.end(db, intent, "planned") for intent in begun)

    with once_at("apply.before_intent", begin), once_at("tell.after_send", prove):
        at.run(LATE)
    assert len(begun) == 2
    at.run(LATE + MINUTE)
    (now,) = connector.fetch([ticket(1).ref])
    assert "tier2" in now.journal.news


@pytest.mark.parametrize("point", ["judge.after_commit", "apply.before_intent", "tell.after_send"])
def test_a_message_puts_nothing_to_rest_that_another_worker_heard(
    desk: tuple[Desk, MemoryConnector], point: str
) -> None:
    at, connector = desk
    with_a_message_left(at)

    def hear() -> None:
        connector.add_event("1", "status_category", "done", ADA, Instant(LATE + 3 * MINUTE))
        with at.store.write() as db:
            keeping.keep(db, connector.fetch([ticket(1).ref]), Instant(LATE + 3 * MINUTE))

    with once_at(point, hear) as reached:
        at.run(LATE + 3 * MINUTE)
    assert reached
    with at.store.read() as db:
        assert keeping.due(db, "desk", Instant(LATE + 3 * MINUTE)) == ["1"]


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
