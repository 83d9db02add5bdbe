"""What was known when: the last word kept until then, whatever was heard since."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from service.state import keeping
from service.state.knowledge import as_known
from service.state.schema import SUPERSEDED, TICKETS
from service.state.store import Store, open_store
from sla_engine.model import Event, Journal, Ticket
from sla_engine.units import HOUR, Instant
from tests.service.desks import ADA, T0, desk_over, state_at, ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("each_backend")

REF = ticket(1).ref


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(state_at(tmp_path), writer=True) as made:
        yield made


def at(hours: float) -> Instant:
    return Instant(T0 + int(hours * HOUR))


def told(*hours: int, priority: str = "P2", heard: float = 0) -> Ticket:
    """The ticket with a change of status at each of these hours, as the source says it at one."""
    events = [
        Event(at(hour), hour, "status", None, f"status {hour}", ADA, f"history {hour}")
        for hour in hours
    ]
    fields = {**ticket(1).initial, "priority": priority}
    return msgspec.structs.replace(
        ticket(1), initial=fields, journal=Journal(events), updated_at=at(heard)
    )


def hear(store: Store, one: Ticket, when: Instant) -> None:
    with store.write() as db:
        assert keeping.keep(db, [one], when) == ()


def known(store: Store, when: Instant) -> Ticket | None:
    with store.read() as db:
        return as_known(db, REF, when)


def aside(store: Store) -> int:
    with store.read() as db:
        return int(db.execute(select(func.count()).select_from(SUPERSEDED)).scalar_one())


WORDS = st.lists(
    st.tuples(
        st.sets(st.integers(0, 6)),
        st.sampled_from(["P1", "P2", "P2", "P2"]),
        st.sampled_from(["all", "all", "all", "some"]),
    ),
    min_size=1,
    max_size=8,
)


@given(WORDS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_known_is_the_last_word_kept_until_then(
    store: Store, words: list[tuple[set[int], str, str]]
) -> None:
    with store.write() as db:
        for table in (TICKETS, SUPERSEDED):
            db.execute(delete(table))
    said = [
        told(*sorted(hours), priority=priority, heard=number)
        for number, (hours, priority, _) in enumerate(words)
    ]
    for number, (one, (_, _, scope)) in enumerate(zip(said, words, strict=True)):
        with store.write() as db:
            keeping.begin_anew(db, "desk", scope, at(number))
            keeping.move_cursor(db, "desk", scope, "", "7")
        hear(store, one, at(number))
    for number, one in enumerate(said):
        for later in (0, 0.5):
            then = known(store, at(number + later))
            assert then is not None
            assert (then.journal, then.initial) == (one.journal, one.initial)
    assert known(store, Instant(T0 - 1)) is None


def test_a_history_that_only_grows_is_kept_once(store: Store) -> None:
    hear(store, told(1, 3), at(3))
    hear(store, told(1, 3, 4, heard=4), at(4))
    hear(store, told(1, 2, 3, 4, heard=5), at(5))
    assert aside(store) == 0
    with store.read() as db:
        row = db.execute(select(TICKETS.c.known_at, TICKETS.c.learnt)).one()
    assert row.known_at == at(3)
    assert len(row.learnt) < 30


def test_a_first_word_costs_nothing_but_its_instant(store: Store) -> None:
    hear(store, told(1, 2, 3), at(4))
    with store.read() as db:
        assert db.execute(select(TICKETS.c.learnt)).scalar() is None


def test_a_source_that_numbers_its_changes_anew_says_nothing_new(store: Store) -> None:
    hear(store, told(1, 2), at(3))
    events = [
        msgspec.structs.replace(event, sequence=70 + at, source_id=f"line {at}")
        for at, event in enumerate(told(1, 2).journal)
    ]
    anew = msgspec.structs.replace(told(heard=4), journal=Journal(events))
    hear(store, anew, at(4))
    assert (aside(store), known(store, at(3))) == (0, anew)


@pytest.mark.parametrize(
    "other",
    [told(1), told(1, 2, priority="P1"), msgspec.structs.replace(told(1, 2), incomplete="cut")],
    ids=["an event is gone", "it began otherwise", "holes are found"],
)
def test_a_contradicted_history_is_put_aside_whole(store: Store, other: Ticket) -> None:
    hear(store, told(1, 2), at(3))
    hear(store, msgspec.structs.replace(other, updated_at=at(4)), at(4))
    assert aside(store) == 1
    assert known(store, Instant(at(4) - 1)) == told(1, 2)


def test_a_scope_that_reads_the_same_leaves_no_second_copy(store: Store) -> None:
    for number, scope in enumerate(["all", "more", "most"]):
        with store.write() as db:
            keeping.begin_anew(db, "desk", scope, at(number))
            keeping.move_cursor(db, "desk", scope, "", "7")
        hear(store, told(1, heard=3), at(number))
    assert (aside(store), known(store, at(0))) == (0, told(1, heard=3))


def test_what_left_the_scope_is_still_known_to_have_been_there(store: Store) -> None:
    hear(store, told(1), at(1))
    with store.write() as db:
        keeping.move_cursor(db, "desk", "all", "", "7")
        keeping.begin_anew(db, "desk", "less", at(2))
    assert (known(store, at(1)), known(store, at(2))) == (told(1), None)


def test_a_damaged_copy_is_replaced_by_the_next_word(store: Store) -> None:
    hear(store, told(1), at(1))
    with store.write() as db:
        db.execute(update(TICKETS).values(journal=b"damaged"))
    hear(store, told(1, 2, heard=2), at(2))
    assert (known(store, at(1)), known(store, at(2))) == (None, told(1, 2, heard=2))


def test_a_pass_knows_what_it_reads_at_its_own_instant(tmp_path: Path) -> None:
    with desk_over(tmp_path, [ticket(1)]) as (desk, connector):
        desk.run(at(1))
        connector.add_event("1", "priority", "P1", ADA, at(1.5))
        desk.run(at(3))
        before, since = known(desk.store, Instant(at(3) - 1)), known(desk.store, at(3))
        assert before is not None
        assert since is not None
        assert [event.new for event in before.journal if event.field == "priority"] == []
        assert [event.new for event in since.journal if event.field == "priority"] == ["P1"]
