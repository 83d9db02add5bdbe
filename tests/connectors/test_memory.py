"""The memory connector keeps the contract, and fails on request."""

from __future__ import annotations

import pytest

from connectors.base import AuthError, PermanentError, UnreachableError
from connectors.memory import Fault, MemoryConnector
from sla_engine.changes import AddComment, AddLabels, Change, Notify, SetFields, Transition, Why
from sla_engine.model import Actor, Event, Journal, Ref, Ticket
from sla_engine.units import HOUR, Instant
from tests.contract import ConnectorContract, Desk, Who, final, pulled

NOON = Instant(1_790_000_000_000)
STAFF = Actor("ada", "Ada Lovelake", "staff")
CUSTOMER = Actor("bob", "Bob Kettle", "customer")
WHY = Why("a test")


def ticket(identity: str, title: str = "Checkout is slow") -> Ticket:
    return Ticket(
        Ref("memory", f"MEM-{identity}", identity),
        "memory",
        "",
        title,
        NOON,
        CUSTOMER,
        {"system": "memory", "status": "Open", "priority": "P1"},
        Journal(),
        NOON,
    )


class MemoryDesk(Desk):
    idle_requests = 0

    def __init__(self) -> None:
        self.connector = MemoryConnector()

    def connect(self) -> MemoryConnector:
        return self.connector

    def add(self, title: str) -> str:
        identity = str(len(self.connector._tickets) + 1)
        self.connector.put(ticket(identity, title))
        return identity

    def set_status(self, identity: str, status: str) -> None:
        self.connector.add_event(identity, "status", status, STAFF)

    def comment(self, identity: str, by: Who, public: bool) -> None:
        actor = STAFF if by == "staff" else CUSTOMER
        self.connector.add_event(identity, "comment", "public" if public else "internal", actor)

    def spoil(self, identity: str) -> None:
        self.connector.spoil(identity, "made unreadable")

    def remove(self, identity: str) -> None:
        self.connector.remove(identity)

    def connect_with_a_wrong_secret(self) -> MemoryConnector:
        self.connector.broken = AuthError("refused")
        return self.connector

    def connect_to_a_dead_host(self) -> MemoryConnector:
        pytest.skip("memory cannot be out of reach and yet be written to")

    def lose_the_next_answer(self) -> None:
        self.connector.faults.append(Fault("doubtful", applied=True))

    def writes(self) -> int:
        return len(self.connector.writes)

    def comments(self, identity: str) -> int:
        (found,) = self.connector.fetch([Ref("memory", "", identity)])
        return sum(event.field == "comment" for event in found.journal)


class TestMemory(ConnectorContract):
    tells_of_loss = False

    @pytest.fixture
    def desk(self) -> Desk:
        return MemoryDesk()

    def test_a_field_that_does_not_exist_is_rejected_and_the_comment_still_made(
        self, desk: Desk
    ) -> None:
        pytest.skip("memory has every field")


def one(connector: MemoryConnector) -> Ticket:
    (found,) = pulled(connector)[0].values()
    return found


def test_changes_become_events_of_our_own() -> None:
    connector = MemoryConnector(tickets=[ticket("1")])
    connector.now = Instant(NOON + HOUR)
    ref = one(connector).ref
    changes: list[Change] = [
        Transition(ref, "k1", "Resolved", WHY),
        AddLabels(ref, "k2", ("late", "vip"), WHY),
        AddLabels(ref, "k3", ("late",), WHY),
    ]
    written = connector.write(ref, changes)
    after = one(connector)
    assert written.updated_at == NOON + HOUR == after.updated_at
    assert final(after, "status") == "Resolved"
    assert final(after, "labels") == ("late", "vip")
    assert {event.actor.kind for event in after.journal} == {"self"}
    assert connector.writes == changes


@pytest.mark.parametrize("applied", [True, False], ids=["applied", "lost"])
def test_a_doubtful_write_may_have_been_carried_out_or_not(applied: bool) -> None:
    connector = MemoryConnector(tickets=[ticket("1")])
    ref = one(connector).ref
    connector.faults.append(Fault("doubtful", applied=applied))
    (outcome,) = connector.write(ref, [AddComment(ref, "key", ("text",), WHY)]).outcomes
    assert outcome.kind == "doubtful"
    assert ("key" in one(connector).marks) is applied


def test_while_broken_every_call_fails() -> None:
    connector = MemoryConnector(tickets=[ticket("1")])
    ref = one(connector).ref
    connector.broken = UnreachableError("down")
    for call in (
        connector.check,
        lambda: list(connector.pull("")),
        lambda: connector.fetch([ref]),
        lambda: connector.write(ref, []),
    ):
        with pytest.raises(UnreachableError):
            call()


def test_nobody_is_notified_by_a_ticket_system() -> None:
    connector = MemoryConnector(tickets=[ticket("1")])
    ref = one(connector).ref
    (outcome,) = connector.write(ref, [Notify(ref, "k", "ops", "text", WHY)]).outcomes
    assert outcome.kind == "rejected"


def test_a_foreign_cursor_is_refused() -> None:
    with pytest.raises(PermanentError, match="no cursor"):
        list(MemoryConnector().pull("½"))


def test_events_given_later_are_kept_in_order() -> None:
    connector = MemoryConnector(tickets=[ticket("1")])
    connector.add_event("1", "status", "In Progress", STAFF, Instant(NOON + HOUR))
    connector.add_event("1", "priority", "P2", STAFF, NOON)
    journal: list[Event] = list(one(connector).journal)
    assert [event.field for event in journal] == ["priority", "status"]


def test_setting_fields_keeps_the_others() -> None:
    connector = MemoryConnector(tickets=[ticket("1")])
    ref = one(connector).ref
    connector.write(ref, [SetFields(ref, (("a", "1"), ("b", "2")), WHY)])
    connector.write(ref, [SetFields(ref, (("b", None),), WHY)])
    assert one(connector).written == {"a": "1", "b": None}
