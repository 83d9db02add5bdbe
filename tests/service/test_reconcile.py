"""Reading back: a deed that is seen is done, one that is not waits until that proves something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from connectors.base import UnreachableError
from connectors.memory import MemoryConnector
from service.delivery import deeds
from service.delivery.deeds import Intent
from service.delivery.hearing import Hearing
from service.delivery.promises import seen
from service.delivery.reconcile import reconcile
from service.state import keeping
from service.state.store import Store, open_store
from sla_engine.changes import (
    AddComment,
    AddLabels,
    Assign,
    Change,
    Notify,
    SetFields,
    SetTicketFields,
    Transition,
    Why,
)
from sla_engine.units import MINUTE, Instant, Millis
from tests.service.desks import T0, state_at, ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("each_backend")

QUIET = Millis(10 * MINUTE)
WHY = Why("because")
REF = ticket(1).ref
COMMENT = AddComment(REF, "p.resolution#1:breach", ("late",), WHY)

DEEDS: list[tuple[Change, dict[str, object], bool]] = [
    (COMMENT, {"marks": frozenset({COMMENT.key})}, True),
    (COMMENT, {"marks": frozenset({"another"})}, False),
    (Assign(REF, "k", "tier2", WHY), {"team": "tier2"}, True),
    (Assign(REF, "k", "ada", WHY), {"assignee": "ada"}, True),
    (Assign(REF, "k", "tier2", WHY), {"team": "tier1"}, False),
    (Transition(REF, "k", "Escalated", WHY), {"status": "Escalated"}, True),
    (Transition(REF, "k", "Escalated", WHY), {"status": "Open"}, False),
    (AddLabels(REF, "k", ("late",), WHY), {"labels": ("vip", "late")}, True),
    (AddLabels(REF, "k", ("late",), WHY), {}, False),
    (SetTicketFields(REF, "k", (("impact", "1"),), WHY), {"impact": "1"}, True),
    (SetTicketFields(REF, "k", (("impact", "1"),), WHY), {"impact": "2"}, False),
    (Notify(REF, "k", "duty", "late", WHY), {}, False),
]


@pytest.mark.parametrize(("change", "fields", "expected"), DEEDS, ids=lambda v: type(v).__name__)
def test_a_deed_is_seen_by_its_mark_or_by_the_value(
    change: Change, fields: dict[str, object], expected: bool
) -> None:
    fields = dict(fields)
    marks = fields.pop("marks", frozenset())
    shown = msgspec.structs.replace(ticket(1), marks=marks, initial={**ticket(1).initial, **fields})
    assert seen(change, shown) is expected


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(state_at(tmp_path), writer=True) as made:
        with made.write() as db:
            keeping.keep(db, [ticket(1)], T0)
            keeping.settle(db, [(REF, None)])
        yield made


def begun(store: Store, change: Change = COMMENT) -> None:
    with store.write() as db:
        assert deeds.intend(db, [change], T0)


def doubts(store: Store) -> list[Intent]:
    with store.read() as db:
        return deeds.in_doubt(db, "desk")


def read_back(store: Store, connector: MemoryConnector, later: int) -> tuple[int, dict[str, int]]:
    at = Instant(T0 + later)
    hearing = Hearing(connector, at, lambda: at)
    waiting = reconcile(store, connector, doubts(store), lambda: at, QUIET, hearing)
    with store.read() as db:
        return waiting, deeds.counts(db, "desk")


def test_nothing_in_doubt_costs_nothing(store: Store) -> None:
    connector = MemoryConnector("desk")
    connector.broken = UnreachableError("nobody may ask")
    assert read_back(store, connector, 0) == (0, {})


@pytest.mark.parametrize("later", [0, QUIET - 1, QUIET, 9 * QUIET])
def test_what_is_seen_is_done_whenever_we_look(store: Store, later: int) -> None:
    begun(store)
    marked = msgspec.structs.replace(ticket(1), marks=frozenset({COMMENT.key}))
    assert read_back(store, MemoryConnector("desk", [marked]), later) == (0, {"done": 1})


@pytest.mark.parametrize(
    ("later", "expected"),
    [(0, (1, {"sending": 1})), (QUIET - 1, (1, {"sending": 1})), (QUIET, (0, {"planned": 1}))],
    ids=["at once", "just before", "at the end of the quiet period"],
)
def test_what_is_not_seen_proves_nothing_before_the_quiet_period_ends(
    store: Store, later: int, expected: tuple[int, dict[str, int]]
) -> None:
    begun(store)
    assert read_back(store, MemoryConnector("desk", [ticket(1)]), later) == expected
    with store.read() as db:
        assert bool(keeping.due(db, "desk", T0)) is ("planned" in expected[1])


def test_a_ticket_that_is_gone_ends_the_doubt(store: Store) -> None:
    begun(store)
    assert read_back(store, MemoryConnector("desk"), 0) == (0, {"dead": 1})


def test_fields_in_doubt_are_read_and_planned_anew(store: Store) -> None:
    begun(store, SetFields(REF, (("SLA status", "Met"),), WHY))
    written = msgspec.structs.replace(
        ticket(1), written={"SLA status": "Met"}, updated_at=Instant(T0 + 1)
    )
    assert read_back(store, MemoryConnector("desk", [written]), 1) == (0, {"done": 1})
    with store.read() as db:
        ((kept,), _) = keeping.load(db, "desk", keeping.due(db, "desk", T0))
        assert kept.written == {"SLA status": "Met"}


def test_when_it_cannot_be_read_the_doubt_stays(store: Store) -> None:
    begun(store)
    connector = MemoryConnector("desk", [ticket(1)])
    connector.broken = UnreachableError("away")
    later = Instant(T0 + QUIET)
    hearing = Hearing(connector, T0, lambda: later)
    with pytest.raises(UnreachableError):
        reconcile(store, connector, doubts(store), lambda: later, QUIET, hearing)
    connector.broken = None
    assert read_back(store, connector, QUIET) == (0, {"planned": 1})


def test_our_own_clock_proves_nothing_when_it_is_far_from_theirs(store: Store) -> None:
    begun(store)
    connector = MemoryConnector("desk", [ticket(1)])
    connector.theirs = Instant(T0 + MINUTE)  # and ours says that the quiet period is over
    assert read_back(store, connector, QUIET + MINUTE) == (1, {"sending": 1})
    connector.theirs = Instant(T0 + QUIET)
    assert read_back(store, connector, 0) == (0, {"planned": 1})


def test_an_older_try_cannot_end_a_newer_one(store: Store) -> None:
    """A process that slept through its own reconciliation comes back with an old answer."""
    with store.write() as db:
        (old,) = deeds.intend(db, [COMMENT], T0)
        assert deeds.end(db, old, "planned")
        (new,) = deeds.intend(db, [COMMENT], Instant(T0 + 1))
        assert not deeds.end(db, old, "done", remote_id="7")
        assert deeds.in_doubt(db, "desk") == [new]
        assert (old.attempt, new.attempt) == (1, 2)


def test_what_is_begun_or_ended_is_not_begun_again(store: Store) -> None:
    with store.write() as db:
        (first,) = deeds.intend(db, [COMMENT], T0)
        assert deeds.intend(db, [COMMENT], T0) == ()
        deeds.end(db, first, "done")
        assert deeds.intend(db, [COMMENT], T0) == ()
        assert deeds.settled(db, "desk", ["1"]) == {"1": {COMMENT.key: "done"}}


@pytest.mark.parametrize("later", [0, QUIET])
def test_a_command_that_may_have_run_is_not_run_again(store: Store, later: int) -> None:
    begun(store, Notify(REF, "k:run:restart", "restart", "late", WHY, "run"))
    assert read_back(store, MemoryConnector("desk", [ticket(1)]), later) == (0, {"dead": 1})
