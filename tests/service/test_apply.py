"""Applying one ticket's changes: what is kept before, after, and when things go wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import select

from connectors.base import AuthError, Outcome, OutcomeKind, Written
from connectors.memory import OURSELVES, Fault, MemoryConnector
from service.delivery import deeds
from service.delivery.apply import Applier, standing_now
from service.delivery.items import Item
from service.delivery.promises import FRESH, SEND_WINDOW
from service.state import keeping
from service.state.schema import AUDIT
from service.state.store import Store, open_store
from sla_engine.changes import AddComment, Assign, Change, Notify, SetFields, Why
from sla_engine.model import Actor, At, Ref
from sla_engine.units import Instant
from tests.service.desks import ADA, T0, state_at, ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("each_backend")

WHY = Why("promise: resolution")
REF = ticket(1).ref
FIELDS = SetFields(REF, (("SLA status", "Breached"), ("SLA due", At(T0))), WHY)
COMMENT = AddComment(REF, "p.resolution#1:breach", ("late",), WHY)
STOOD = (("team", None), ("assignee", None))
ASSIGN = Assign(REF, "p.resolution#1:breach:assign:tier2", "tier2", WHY, STOOD)
NOTIFY = Notify(REF, "p.resolution#1:breach:notify:duty", "duty", "SUP-1 is late", WHY)
NEXT = Instant(T0 + 60_000)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(state_at(tmp_path), writer=True) as made:
        with made.write() as db:
            keeping.keep(db, [ticket(1)], T0)
        yield made


@pytest.fixture
def connector() -> MemoryConnector:
    made = MemoryConnector("desk", [ticket(1)])
    made.now = Instant(T0 + 7)
    return made


def applier(store: Store, connector: MemoryConnector) -> Applier:
    return Applier(store, connector, lambda: T0, "v1", "run 1")


def states(store: Store) -> dict[str, int]:
    with store.read() as db:
        return deeds.counts(db, "desk")


def test_before_anything_is_sent_the_intent_is_kept(store: Store) -> None:
    seen = []

    class Spying(MemoryConnector):
        def write(self, ref: Ref, changes: Sequence[Change]) -> Written:
            seen.append(states(store))
            return super().write(ref, changes)

    spy = Spying("desk", [ticket(1)])
    applier(store, spy).apply(Item(ticket(1), (FIELDS, COMMENT, ASSIGN), NEXT), T0)
    assert seen == [{"sending": 2}]
    assert states(store) == {"done": 2}


def test_what_was_done_is_kept_with_the_ticket(store: Store, connector: MemoryConnector) -> None:
    applier(store, connector).apply(Item(ticket(1), (FIELDS, COMMENT), NEXT), T0)
    with store.read() as db:
        ((kept,), _) = keeping.load(db, "desk", ["1"])
        assert keeping.due(db, "desk", Instant(NEXT - 1)) == []
        assert keeping.due(db, "desk", NEXT) == ["1"]
    assert kept.written == {"SLA status": "Breached", "SLA due": At(T0)}
    assert kept.marks == {COMMENT.key}
    assert kept.updated_at == T0 + 7


def test_the_audit_tells_what_stood_there(store: Store, connector: MemoryConnector) -> None:
    before = msgspec.structs.replace(ticket(1), written={"SLA status": "At risk"})
    connector.faults.extend([Fault("confirmed", "", applied=True), Fault("rejected", "closed")])
    applier(store, connector).apply(Item(before, (FIELDS, COMMENT), NEXT), T0)
    with store.read() as db:
        rows = db.execute(select(AUDIT).order_by(AUDIT.c.number)).all()
    told = [(row.kind, row.deed, row.why, row.policies, row.outcome, row.message) for row in rows]
    assert told == [
        ("SetFields", "fields", "promise: resolution", "v1", "confirmed", ""),
        ("AddComment", COMMENT.key, "promise: resolution", "v1", "rejected", "closed"),
    ]
    assert json.loads(rows[0].change)["before"] == {"SLA status": "At risk", "SLA due": None}


def test_a_deed_that_another_try_began_is_left_to_it(
    store: Store, connector: MemoryConnector
) -> None:
    with store.write() as db:
        deeds.intend(db, [COMMENT], T0)
    applier(store, connector).apply(Item(ticket(1), (FIELDS, COMMENT), NEXT), T0)
    assert connector.writes == [FIELDS]
    assert states(store) == {"sending": 1}


def test_after_an_exception_nobody_knows_what_arrived(
    store: Store, connector: MemoryConnector
) -> None:
    connector.broken = AuthError("refused the token")
    done = applier(store, connector).apply(Item(ticket(1), (FIELDS, COMMENT), NEXT), T0)
    assert {outcome.kind for _, outcome in done.results} == {"doubtful"}
    assert done.error is connector.broken
    assert states(store) == {"sending": 2}  # the fields wait to be read, like the comment


def test_a_bug_in_a_connector_is_told_and_stops_nothing_else(store: Store) -> None:
    class Buggy(MemoryConnector):
        def write(self, ref: Ref, changes: Sequence[Change]) -> Written:
            raise ZeroDivisionError("of all things")

    done = applier(store, Buggy("desk")).apply(Item(ticket(1), (COMMENT,), NEXT), T0)
    assert done.error is None
    assert [one.what for one in done.troubles] == ["ZeroDivisionError: of all things"]


def test_refused_credentials_stop_the_connection(store: Store, connector: MemoryConnector) -> None:
    connector.faults.append(Fault("retryable", "refused the token", code="SLA401"))
    done = applier(store, connector).apply(Item(ticket(1), (COMMENT,), NEXT), T0)
    assert isinstance(done.error, AuthError)
    assert states(store) == {"planned": 1}


def test_a_ticket_with_notices_stays_due_until_they_are_told(
    store: Store, connector: MemoryConnector
) -> None:
    applier(store, connector).apply(Item(ticket(1), (COMMENT, NOTIFY), NEXT), T0)
    assert connector.writes == [COMMENT]
    with store.read() as db:
        assert keeping.due(db, "desk", T0) == ["1"]


@pytest.mark.parametrize(
    ("held_up", "sent"), [(SEND_WINDOW, [FIELDS, COMMENT]), (SEND_WINDOW + 1, [])]
)
def test_who_was_held_up_after_the_intent_sends_nothing(
    store: Store, connector: MemoryConnector, held_up: int, sent: list[Change]
) -> None:
    ticks = iter((T0, T0, T0 + held_up))
    late = msgspec.structs.replace(applier(store, connector), clock=lambda: Instant(next(ticks)))
    late.apply(Item(ticket(1), (FIELDS, COMMENT), NEXT), T0)
    assert connector.writes == sent
    assert states(store) == {"done" if sent else "planned": 1}


@pytest.mark.parametrize(
    ("who", "kind", "state"),
    [(ADA, "rejected", "cancelled"), (OURSELVES, "confirmed", "done")],
    ids=["people", "ourselves"],
)
@pytest.mark.parametrize("age", [FRESH, FRESH + 1])
def test_an_old_reading_is_read_again_and_people_are_not_overruled(
    store: Store, connector: MemoryConnector, age: int, who: Actor, kind: str, state: str
) -> None:
    """What we did ourselves meanwhile, such as a lower step of the ladder, overrules nothing."""
    connector.add_event("1", "team", "tier1", who)
    later = msgspec.structs.replace(applier(store, connector), clock=lambda: Instant(T0 + age))
    done = later.apply(Item(ticket(1), (ASSIGN,), NEXT), T0)
    fresh = age <= FRESH
    assert [o.kind for _, o in done.results] == ["confirmed" if fresh else kind]
    assert states(store) == {"done" if fresh else state: 1}
    assert done.troubles == ()


def test_a_deed_planned_again_rests_on_what_stood_there_at_first(
    store: Store, connector: MemoryConnector
) -> None:
    connector.faults.append(Fault("retryable"))
    applier(store, connector).apply(Item(ticket(1), (ASSIGN,), NEXT), T0)
    connector.add_event("1", "team", "tier1", ADA)
    (now,) = connector.fetch([REF])
    again = msgspec.structs.replace(ASSIGN, stood=(("team", "tier1"), ("assignee", None)))
    applier(store, connector).apply(Item(now, (again,), NEXT), T0)
    assert states(store) == {"cancelled": 1}
    assert connector.writes == [ASSIGN]


@pytest.mark.parametrize(
    ("kind", "again"),
    [("confirmed", False), ("rejected", False), ("retryable", True), ("doubtful", True)],
)
def test_what_is_not_over_keeps_the_ticket_due(
    store: Store, connector: MemoryConnector, kind: OutcomeKind, again: bool
) -> None:
    connector.faults.append(Fault(kind, applied=kind == "confirmed"))
    applier(store, connector).apply(Item(ticket(1), (COMMENT,), NEXT), T0)
    with store.read() as db:
        assert keeping.due(db, "desk", T0) == (["1"] if again else [])


def test_what_stands_there_already_is_not_done_again(
    store: Store, connector: MemoryConnector
) -> None:
    connector.add_event("1", "team", "tier2", ADA)
    (now,) = connector.fetch([REF])
    applier(store, connector).apply(Item(now, (ASSIGN,), NEXT), T0)
    assert connector.writes == []
    assert states(store) == {"done": 1}


def test_only_what_was_confirmed_stands_in_the_ticket() -> None:
    results = ((FIELDS, Outcome("doubtful")), (COMMENT, Outcome("confirmed")))
    shown = standing_now(ticket(1), results, None)
    assert not shown.written
    assert shown.marks == {COMMENT.key}
    assert shown.updated_at == ticket(1).updated_at
