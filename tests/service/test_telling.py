"""Notices: grouped by channel, told once, tried again where a channel took nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service.delivery import deeds
from service.delivery.channels import Channel, Channels
from service.delivery.items import Done, Item
from service.delivery.promises import PAGE_LIFE, SEND_WINDOW
from service.delivery.telling import LATE, SHOWN, Teller, message
from service.state import keeping
from service.state.store import Store, open_store
from sla_engine.changes import Notify, Way, Why
from sla_engine.units import Instant
from tests.service.desks import T0, state_at, ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("each_backend")

NEXT = Instant(T0 + 60_000)


def notice(
    number: int, channel: str = "duty", at: Instant | None = T0, way: Way = "tell"
) -> Notify:
    """Of one step of one policy, whichever the ticket."""
    ref = ticket(number).ref
    key = f"promise.resolution#1:breach:{way}:{channel}"
    return Notify(ref, key, channel, f"{ref.key}: late", Why("w"), way, at=at)


def item(*notices: Notify, again: bool = False, unread: bool = False) -> tuple[Item, Done]:
    """An item whose other changes are done, or shall be tried again."""
    one = ticket(int(notices[0].ref.id))
    return Item(one, notices, NEXT), Done(one, (), again=again, unread=unread)


class Office:
    """Channels that take what they are told, or do not."""

    def __init__(self, store: Store) -> None:
        self.sent: list[tuple[str, str]] = []
        self.takes = True
        self.store = store
        self.ticks = iter((T0,) * 99)
        self.teller = Teller(
            store,
            Channels({name: Channel(lambda: "json://x") for name in ("duty", "boss")}, self.send),
            lambda: Instant(next(self.ticks)),
            "v1",
            "run 1",
        )

    def send(self, _address: str, title: str, text: str) -> bool:
        self.sent.append((title, text))
        return self.takes

    def states(self) -> dict[str, int]:
        with self.store.read() as db:
            return deeds.counts(db, "desk")

    def due(self) -> list[str]:
        with self.store.read() as db:
            return keeping.due(db, "desk", T0)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_store(state_at(tmp_path), writer=True) as store:
        with store.write() as db:
            keeping.keep(db, [ticket(1), ticket(2)], T0)
        yield Office(store)


def test_one_message_a_channel_however_many_tickets(office: Office) -> None:
    told = office.teller.tell([item(notice(1), notice(1, "boss")), item(notice(2))], T0)
    assert office.sent == [
        ("SLA: 2 tickets", "SUP-1: late\nSUP-2: late"),
        ("SLA SUP-1", "SUP-1: late"),
    ]
    assert [o.kind for results in told.values() for _, o in results] == ["confirmed"] * 3
    assert (office.states(), office.due()) == ({"done": 3}, [])


def test_what_a_channel_does_not_take_is_told_later(office: Office) -> None:
    office.takes = False
    office.teller.tell([item(notice(1))], T0)
    assert (office.states(), office.due()) == ({"planned": 1}, ["1", "2"])
    office.takes = True
    office.teller.tell([item(notice(1))], T0)
    assert (office.states(), office.due()) == ({"done": 1}, ["2"])


def test_what_was_told_is_not_told_again(office: Office) -> None:
    for _ in range(2):
        office.teller.tell([item(notice(1))], T0)
    assert len(office.sent) == 1


def test_a_channel_that_nobody_named_is_left_out_for_good(office: Office) -> None:
    office.teller.tell([item(notice(1, "nobody"))], T0)
    assert (office.sent, office.states()) == ([], {"skipped": 1})


def test_who_was_held_up_after_the_intent_tells_nothing(office: Office) -> None:
    office.ticks = iter((T0, Instant(T0 + SEND_WINDOW + 1)))
    office.teller.tell([item(notice(1))], T0)
    assert (office.sent, office.states()) == ([], {"planned": 1})


def test_what_comes_late_is_said_to_be_late() -> None:
    old = notice(1, at=Instant(T0 - PAGE_LIFE - 1))
    assert message([old], T0) == ("SLA SUP-1", f"{LATE}\nSUP-1: late")
    young = notice(2, at=Instant(T0 - PAGE_LIFE))
    assert message([old, young], T0)[1] == f"SUP-2: late\n{LATE}\nSUP-1: late"


def test_a_long_message_is_cut(office: Office) -> None:
    title, text = message([notice(number) for number in range(1, SHOWN + 6)], T0)
    assert title == "SLA: 25 tickets"
    assert text.splitlines()[-2:] == ["SUP-20: late", "... and 5 more"]


def test_a_ticket_with_something_left_to_do_stays_due(office: Office) -> None:
    office.teller.tell([item(notice(1), again=True), item(notice(2))], T0)
    assert (len(office.sent), office.due()) == (1, ["1"])


def test_of_a_ticket_that_could_not_be_read_nothing_is_told(office: Office) -> None:
    office.teller.tell([item(notice(1), unread=True)], T0)
    assert (office.sent, office.states(), office.due()) == ([], {}, ["1", "2"])


def test_a_page_is_an_incident_of_its_own_unless_it_comes_late(office: Office) -> None:
    """After hours of silence nobody is woken once for every ticket."""
    pages = [item(notice(number, way="page")) for number in (1, 2)]
    office.teller.tell(pages, T0)
    assert [title for title, _ in office.sent] == ["SLA SUP-1", "SLA SUP-2"]
    office.sent.clear()
    old = Instant(T0 - PAGE_LIFE - 1)
    office.teller.tell([item(notice(n, "boss", old, "page")) for n in (1, 2)], T0)
    assert [title for title, _ in office.sent] == ["SLA: 2 tickets"]
