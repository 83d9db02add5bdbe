"""No state of a deed needs a person to leave it: a new process, and time, are enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.memory import MemoryConnector
from service.delivery import deeds
from service.delivery.promises import QUIET
from service.state.store import open_store
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
from sla_engine.units import HOUR, MINUTE, Instant
from tests.service.desks import T0, Desk, state_at, ticket

LATE = Instant(T0 + 4 * HOUR + MINUTE)
REF, WHY = ticket(1).ref, Why("because")
STEP = "promise.resolution#1:breach"
WANTED = [AddComment(REF, STEP, ("late",), WHY), Assign(REF, f"{STEP}:assign:tier2", "tier2", WHY)]
OTHERS = [
    AddComment(REF, "gone.resolution#1:breach", ("late",), WHY),
    Assign(REF, "k", "tier9", WHY),
    Transition(REF, "k", "Escalated", WHY),
    AddLabels(REF, "k", ("late",), WHY),
    SetTicketFields(REF, "k", (("impact", "1"),), WHY),
    Notify(REF, "k", "duty", "late", WHY),
    Notify(REF, "k", "duty", "late", WHY, way="run"),
    SetFields(REF, (("SLA status", "Met"),), WHY),
]


def left_in(state: str, change: Change, folder: Path) -> MemoryConnector:
    """A process is gone, and has left this behind."""
    connector = MemoryConnector("desk", [ticket(1)])
    with open_store(state_at(folder), writer=True) as store:
        Desk(store, connector).run(T0)
        with store.write() as db:
            (intent,) = deeds.intend(db, [change], LATE)
            if state == "planned":
                deeds.end(db, intent, "planned")
    return connector


def passed_over(connector: MemoryConnector, folder: Path) -> dict[str, int]:
    """What a new process makes of it, until the quiet period is over."""
    with open_store(state_at(folder), writer=True) as store:
        desk = Desk(store, connector)
        for at in (LATE + MINUTE, LATE + QUIET, LATE + QUIET + MINUTE):
            desk.run(at)
        with store.read() as db:
            return deeds.counts(db, "desk")


@pytest.mark.parametrize(
    ("state", "arrived"), [("planned", False), ("sending", True), ("sending", False)]
)
@pytest.mark.parametrize("change", WANTED, ids=lambda one: type(one).__name__)
def test_what_is_wanted_still_is_done_once(
    change: Change, state: str, arrived: bool, tmp_path: Path
) -> None:
    connector = left_in(state, change, tmp_path)
    connector.now = LATE
    if arrived:
        connector.write(REF, [change])
    assert passed_over(connector, tmp_path).keys() == {"done"}
    assert [type(one) for one in connector.writes].count(type(change)) == 1


@pytest.mark.parametrize("change", OTHERS, ids=lambda one: type(one).__name__)
def test_nothing_stays_in_doubt(change: Change, tmp_path: Path) -> None:
    connector = left_in("sending", change, tmp_path)
    assert "sending" not in passed_over(connector, tmp_path)
