"""Tickets kept: due when they say something new, never overwritten by what is older."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from service.state import keeping
from service.state.store import Store, open_store
from sla_engine.units import Instant
from tests.service.desks import ADA, T0, renamed, state_at, ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sla_engine.model import Ticket

pytestmark = pytest.mark.usefixtures("each_backend")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(state_at(tmp_path), writer=True) as made:
        yield made


def keep(store: Store, *tickets: Ticket) -> None:
    with store.write() as db:
        assert keeping.keep(db, tickets, T0) == ()


def settle(store: Store, one: Ticket, next_at: int | None) -> None:
    with store.write() as db:
        keeping.settle(db, [(one.ref, None if next_at is None else Instant(next_at))])


def due(store: Store, now: int = T0) -> list[str]:
    with store.read() as db:
        return keeping.due(db, "desk", Instant(now))


def kept(store: Store) -> list[Ticket]:
    with store.read() as db:
        tickets, unfit = keeping.load(db, "desk", keeping.ids(db, "desk"))
    assert unfit == ()
    return tickets


def test_a_new_ticket_is_due_until_it_is_settled(store: Store) -> None:
    keep(store, ticket(1), ticket(2))
    assert due(store) == ["1", "2"]
    settle(store, ticket(1), None)
    settle(store, ticket(2), T0 + 5)
    assert (due(store), due(store, T0 + 4), due(store, T0 + 5)) == ([], [], ["2"])


def test_the_same_word_again_changes_nothing(store: Store) -> None:
    keep(store, ticket(1))
    settle(store, ticket(1), T0 + 5)
    keep(store, ticket(1))
    assert due(store) == []


def test_a_newer_word_is_due_at_once(store: Store) -> None:
    keep(store, ticket(1))
    settle(store, ticket(1), None)
    newer = msgspec.structs.replace(ticket(1), title="Fire is out", updated_at=Instant(T0 + 1))
    keep(store, newer)
    assert due(store) == ["1"]
    assert kept(store) == [newer]


def test_an_older_word_than_what_is_kept_is_left(store: Store) -> None:
    newer = msgspec.structs.replace(ticket(1), title="Fire is out", updated_at=Instant(T0 + 1))
    keep(store, newer)
    settle(store, newer, None)
    keep(store, ticket(1))
    assert (due(store), kept(store)) == ([], [newer])


def test_what_we_wrote_ourselves_is_no_reason_to_look_again(store: Store) -> None:
    keep(store, ticket(1))
    settle(store, ticket(1), None)
    ours = msgspec.structs.replace(ticket(1), written={"SLA status": "Met"})
    with store.write() as db:
        keeping.rewrite(db, ours)
    assert (due(store), kept(store)) == ([], [ours])
    keep(store, ours)
    assert due(store) == []


def test_another_scope_forgets_the_tickets_of_that_connection_alone(store: Store) -> None:
    keep(store, ticket(1), renamed(ticket(2), "other"))
    with store.write() as db:
        keeping.move_cursor(db, "desk", "scope one", "", "7")
        keeping.begin_anew(db, "desk", "scope one", T0)
        assert keeping.cursor(db, "desk", "scope one") == "7"
        assert keeping.count(db, "desk") == 1
        keeping.begin_anew(db, "desk", "scope two", T0)
        assert keeping.cursor(db, "desk", "scope two") == ""
        assert (keeping.count(db, "desk"), keeping.count(db, "other")) == (0, 1)


def test_a_cursor_moves_only_from_where_it_was(store: Store) -> None:
    with store.write() as db:
        keeping.move_cursor(db, "desk", "all", "", "")  # a first page that leads nowhere
        keeping.move_cursor(db, "desk", "all", "", "7")
        keeping.move_cursor(db, "desk", "all", "", "3")  # who began when there was none
        assert keeping.cursor(db, "desk", "all") == "7"
        keeping.move_cursor(db, "desk", "all", "7", "9")
        keeping.move_cursor(db, "desk", "all", "7", "8")  # who was slower
        assert keeping.cursor(db, "desk", "all") == "9"
        keeping.all_aside(db, "desk", T0)
        keeping.move_cursor(db, "desk", "all", "9", "10")  # who does not know that all is read anew
        assert keeping.cursor(db, "desk", "all") == ""


def test_tickets_are_found_by_key_in_any_case_or_by_id(store: Store) -> None:
    keep(store, ticket(1), renamed(ticket(1), "other"), ticket(2))
    with store.read() as db:
        assert [t.ref.connection for t in keeping.find(db, "sup-1")] == ["desk", "other"]
        assert keeping.find(db, "2") == [ticket(2)]
        assert keeping.find(db, "SUP-3") == []


def test_open_tickets_are_counted_apart(store: Store) -> None:
    closed = msgspec.structs.replace(ticket(2), initial={"status_category": "done"}, created_by=ADA)
    keep(store, ticket(1), closed)
    with store.read() as db:
        assert keeping.count(db, "desk") == 1
        assert keeping.count(db, "desk", open_only=False) == 2
