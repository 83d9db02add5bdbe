"""Rings hasten a pass and say which tickets to read; what is believed of them is read by us."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from connectors.base import Batch, UnreachableError
from connectors.memory import MemoryConnector
from service.passes.doorbell import MOST, Doorbell
from service.state import keeping
from service.state.schema import VERDICTS
from service.state.store import open_store
from sla_engine.changes import AddComment
from sla_engine.model import Ref, Ticket
from sla_engine.units import HOUR, MINUTE, Instant
from tests.conftest import examples
from tests.service.desks import ADA, T0, Desk, desk_over, renamed, ticket


class LaggingDesk(MemoryConnector):
    """Its search finds a ticket only a while after it changed; its records are as they are."""

    lag = 10 * MINUTE
    read: Sequence[str] = ()

    def pull(self, cursor: str) -> Iterator[Batch]:
        until = Instant((self.now or T0) - self.lag)
        since = int(cursor or 0)
        (everything,) = super().pull("0")
        news = [one for one in everything.tickets if not since or self._found(one, since, until)]
        yield Batch(tuple(news), str(max(since, until)))

    def _found(self, one: Ticket, since: int, until: int) -> bool:
        return any(since < event.at <= until for event in one.journal)

    def fetch(self, refs: Sequence[Ref]) -> tuple[Ticket, ...]:
        self.read = [ref.id for ref in refs]
        return super().fetch(refs)


def test_what_rings_is_read_from_its_record_before_the_search_knows(tmp_path: Path) -> None:
    with desk_over(tmp_path) as (desk, _):
        lagging = LaggingDesk("desk", [ticket(1), ticket(2)])
        desk.connectors = (lagging,)
        desk.run()
        lagging.add_event("1", "status_category", "done", ADA, Instant(T0 + HOUR))
        assert state_of(desk, "1") == "running"
        desk.run(T0 + HOUR + MINUTE)
        assert state_of(desk, "1") == "running"
        desk.rung = {"desk": {"1", "77"}}
        desk.run(T0 + HOUR + 2 * MINUTE)
        assert state_of(desk, "1") == "met"
        assert lagging.read == ["1"]  # 77 is nobody's: not even asked for


def state_of(desk: Desk, identity: str) -> str:
    (found,) = [row.state for row in judged(desk) if row.ticket == identity]
    return str(found)


def judged(desk: Desk) -> Sequence[Any]:
    """Every verdict on a ticket of the desk, in order."""
    this, (connector,) = VERDICTS.c, desk.connectors
    rows = select(this.ticket, this.clock, this.cycle, this.state, this.breached_at, this.elapsed)
    rows = rows.where(this.connection == connector.name)
    with desk.store.read() as db:
        return db.execute(rows.order_by(this.ticket, this.clock, this.cycle)).all()


def test_a_system_that_fails_to_answer_a_ring_fails_as_in_a_pull(tmp_path: Path) -> None:
    class Deaf(MemoryConnector):
        def fetch(self, refs: Sequence[Ref]) -> tuple[Ticket, ...]:
            raise UnreachableError("no")

    with desk_over(tmp_path) as (desk, _):
        desk.connectors = (Deaf("desk", [ticket(1)]),)
        desk.run()
        desk.run()  # which reads what the first one wrote
        desk.rung = {"desk": {"1"}}
        assert desk.run_one(T0 + MINUTE).error is not None
        desk.rung = {}
        assert desk.run_one(T0 + 2 * MINUTE).error is None


def test_rings_gather_and_wake_once_until_they_are_answered() -> None:
    woken: list[int] = []
    bell = Doorbell(lambda: woken.append(1))
    for _ in range(3):
        bell.ring("a", "1")
        bell.ring("b", "2")
    assert (bell.rung, len(woken)) == (True, 1)
    assert bell.answer("a") == {"1"}
    assert bell.answer("a") == frozenset()
    assert bell.rung is False
    bell.ring("a", "3")
    assert (bell.answer("a"), bell.answer("b"), len(woken)) == ({"3"}, {"2"}, 2)


def test_what_is_remembered_is_bounded() -> None:
    bell = Doorbell(lambda: None)
    for number in range(MOST + 100):
        bell.ring("a", str(number))
    bell.ring("b", "1")
    assert (len(bell.answer("a")), bell.answer("b")) == (MOST, {"1"})


class Happens(NamedTuple):
    """Something at the desk: a change, a ring of its webhook, or the time of a pass."""

    what: Literal["change", "ring", "pass"]
    ticket: str
    minutes: int


HAPPENINGS = st.builds(
    Happens,
    st.sampled_from(["change", "ring", "ring", "pass"]),
    st.sampled_from(["1", "2", "3", "nobody"]),
    st.integers(1, 50),
)


@pytest.mark.parametrize("lag", [0, 10 * MINUTE], ids=["no lag", "lag"])
def test_rings_lost_repeated_or_invented_end_as_none_at_all(lag: int) -> None:
    names = count()

    @settings(max_examples=examples(12, 500))
    @given(st.lists(HAPPENINGS, max_size=12))
    def law(happenings: list[Happens]) -> None:
        quiet = [one for one in happenings if one.what != "ring"]
        rung, silent = (
            ended(Desk(store, LaggingDesk(f"desk {next(names)}")), lag, some)
            for some in (happenings, quiet)
        )
        assert rung == silent

    with open_store(":memory:", writer=True) as store:
        law()


def ended(desk: Desk, lag: int, happenings: Sequence[Happens]) -> object:
    """What is kept, judged and written in the end, in a connection of its own."""
    (lagging,) = desk.connectors
    assert isinstance(lagging, LaggingDesk)
    lagging.lag = lag
    for number in (1, 2, 3):
        lagging.put(ticket(number, connection=lagging.name))
    desk.run()
    for one in happenings:
        happen(desk, lagging, one)
    desk.rung = {}
    desk.run(desk.now + HOUR)
    desk.run(desk.now + HOUR)
    with desk.store.read() as db:
        kept, _ = keeping.load(db, lagging.name, ["1", "2", "3"])
    said = [(c.ref.id, c.lines) for c in lagging.writes if isinstance(c, AddComment)]
    stands = [renamed(one, "desk") for one in lagging.fetch([one.ref for one in kept])]
    marks = [(one.written, len(one.marks)) for one in stands]
    return [renamed(one, "desk").journal for one in kept], judged(desk), sorted(said), marks


def happen(desk: Desk, lagging: LaggingDesk, one: Happens) -> None:
    if one.what == "ring":
        desk.rung = {lagging.name: {*desk.rung.get(lagging.name, set()), one.ticket}}
        return
    at = Instant(desk.now + one.minutes * MINUTE)
    if one.what == "pass":
        desk.run(at)
        desk.rung = {}
    elif one.ticket != "nobody":
        desk.now = at
        word = "done" if one.minutes % 2 else "new"
        lagging.add_event(one.ticket, "status_category", word, ADA, at)
