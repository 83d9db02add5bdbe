"""Tickets as bytes: what goes in comes out, small, and the same ticket gives the same bytes."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.state.journals import current, is_open, pack, unpack
from sla_engine.model import Actor, At, Event, Gap, Journal, Ticket
from sla_engine.units import HOUR, Instant
from tests.service.desks import ADA, CLEO, T0, ticket

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.none() | TEXTS | st.lists(TEXTS, max_size=3).map(tuple)
INSTANTS = st.integers(-(2**53), 2**53).map(Instant)
ACTORS = st.builds(
    Actor, TEXTS, TEXTS, st.sampled_from(["staff", "customer", "self"]), st.lists(TEXTS).map(tuple)
)
EVENTS = st.builds(Event, INSTANTS, st.integers(0, 2**63 - 1), TEXTS, VALUES, VALUES, ACTORS, TEXTS)
FIELDS = st.dictionaries(TEXTS, VALUES | INSTANTS.map(At), max_size=4)


def tickets() -> SearchStrategy[Ticket]:
    return st.builds(
        msgspec.structs.replace,
        st.just(ticket(1)),
        title=TEXTS,
        created_at=INSTANTS,
        created_by=ACTORS,
        initial=st.dictionaries(TEXTS, VALUES, max_size=4),
        journal=st.lists(EVENTS, max_size=8).map(Journal),
        updated_at=INSTANTS,
        written=FIELDS,
        marks=st.frozensets(TEXTS, max_size=3),
        incomplete=TEXTS,
        gaps=st.lists(st.builds(Gap, TEXTS, VALUES, VALUES), max_size=2).map(tuple),
    )


@given(tickets())
def test_a_ticket_comes_back_as_it_was(one: Ticket) -> None:
    assert unpack(pack(one)) == one


@given(tickets(), st.randoms())
def test_the_order_of_maps_and_sets_makes_no_difference(one: Ticket, chance: random.Random) -> None:
    def shuffled(pairs: list[tuple[str, object]]) -> dict[str, object]:
        chance.shuffle(pairs)
        return dict(pairs)

    other = msgspec.structs.replace(
        one,
        initial=shuffled(list(one.initial.items())),
        written=shuffled(list(one.written.items())),
    )
    assert pack(other) == pack(one)


def test_a_ticket_of_25_events_takes_less_than_four_kilobytes() -> None:
    chance = random.Random(7)
    events = [
        Event(
            Instant(T0 + number * HOUR + chance.randrange(HOUR)),
            88_000 + number * 17,
            chance.choice(["status", "priority", "assignee", "team", "comment"]),
            f"value {chance.randrange(9)}",
            f"value {chance.randrange(9)}",
            chance.choice([ADA, CLEO]),
            f"history {88_000 + number * 17}",
        )
        for number in range(25)
    ]
    assert len(pack(msgspec.structs.replace(ticket(1), journal=Journal(events)))) < 1_000


@pytest.mark.parametrize(
    ("initial", "later", "expected"),
    [
        ("new", [], True),
        ("done", [], False),
        (None, [], True),
        ("new", ["in_progress", "done"], False),
        ("new", ["done", "in_progress"], True),
    ],
    ids=["new", "born done", "unknown", "resolved", "reopened"],
)
def test_open_is_what_the_newest_status_says(
    initial: str | None, later: list[str], expected: bool
) -> None:
    events = [
        Event(Instant(T0 + at), at, "status_category", None, new, ADA, "")
        for at, new in enumerate(later)
    ]
    one = msgspec.structs.replace(
        ticket(1), initial={"status_category": initial}, journal=Journal(events)
    )
    assert is_open(one) is expected
    assert current(one)["status_category"] == (later[-1] if later else initial)
