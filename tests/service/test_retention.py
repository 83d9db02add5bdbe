"""The old goes by itself: when, how much of it, and what stays right without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from connectors.memory import MemoryConnector
from service.record.auditing import Audited, audited
from service.record.evidence import records
from service.record.retention import tidy
from service.setup.retention import Retention
from service.state import keeping
from service.state.schema import AUDIT, DEEDS, SUPERSEDED, TICKETS, VERDICTS
from sla_engine.changes import AddComment
from sla_engine.model import Actor
from sla_engine.units import DAY, HOUR, Instant, Millis
from tests.service.desks import ADA, T0, Desk, desk_over, ticket
from tests.service.test_audit import POLICY, policies

pytestmark = pytest.mark.usefixtures("each_backend")

CLOSED = Instant(T0 + 9 * HOUR)
KEPT = Retention()
TALKING = POLICY.replace(
    "{resolution: 4h}}", "{resolution: 4h}, escalate: [{at: breach, do: [{comment: Late.}]}]}"
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Desk, MemoryConnector]]:
    """Two tickets were closed late on the first day, one is open."""
    with desk_over(tmp_path, [ticket(n) for n in (1, 2, 3)]) as (at, system):
        at.policies = policies(TALKING)
        at.run(T0)
        at.run(T0 + 5 * HOUR)
        for number in "12":
            system.add_event(number, "status_category", "done", ADA, CLOSED)
        at.run(CLOSED + HOUR)
        yield at, system


def after(at: Desk, days: int, retention: Retention = KEPT, most: int = 500) -> None:
    with at.store.write() as db:  # not the day before's again
        db.execute(update(TICKETS).values(reread_at=None))
        tidy(db, "desk", retention, Instant(CLOSED + days * DAY), most)


def kept(at: Desk) -> dict[str, int]:
    counted = {"tickets": TICKETS, "verdicts": VERDICTS, "aside": SUPERSEDED}
    with at.store.read() as db:
        found = {
            name: db.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in counted.items()
        }
        worded = select(func.count()).select_from(DEEDS).where(DEEDS.c.change != b"")
        return found | {"worded": db.execute(worded).scalar_one()}


def proof(at: Desk) -> Audited:
    with at.store.read() as db:
        return audited(records(db, at.policies))


def test_histories_go_when_they_were_closed_for_long_enough(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, _ = desk
    assert kept(at)["worded"] == 3
    after(at, 89)
    assert (kept(at)["tickets"], kept(at)["worded"]) == (3, 3)
    after(at, 399)
    assert (kept(at)["tickets"], kept(at)["worded"]) == (3, 0)
    after(at, 402)
    assert kept(at) == {"tickets": 1, "verdicts": 3, "aside": 0, "worded": 0}
    after(at, 1200)
    assert kept(at) == {"tickets": 1, "verdicts": 1, "aside": 0, "worded": 0}


def test_a_history_is_kept_as_long_since_we_know_it(desk: tuple[Desk, MemoryConnector]) -> None:
    at, _ = desk
    with at.store.write() as db:
        db.execute(update(TICKETS).values(known_at=CLOSED + 100 * DAY))
    after(at, 402)
    assert kept(at)["tickets"] == 3


def test_the_audit_knows_verdicts_without_histories_from_those_that_were_touched(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, _ = desk
    before = proof(at)
    with at.store.read() as db:
        final = select(func.count()).where(AUDIT.c.kind == "Verdict", AUDIT.c.ticket != "3")
        of_closed = db.execute(final).scalar_one()
    assert (before.aged, before.doubts) == (0, [])
    after(at, 402)
    found = proof(at)
    assert (found.aged, found.judged, found.doubts) == (of_closed, before.judged - of_closed, [])
    assert of_closed >= 2
    assert found.lines == before.lines + 1
    with at.store.write() as db:
        db.execute(update(AUDIT).where(AUDIT.c.kind == "Gone").values(change='{"tickets":["1"]}'))
    assert {one.what for one in proof(at).doubts} == {
        "tells of a ticket whose history is not there",
        "was changed after it was written",
    }


def test_lines_lose_their_contents_and_keep_their_places(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, _ = desk
    lines = proof(at).lines
    after(at, 1200)
    found = proof(at)
    assert (found.erased, found.lines, found.doubts) == (lines, lines + 1, [])


def test_what_was_said_is_not_said_again_when_a_ticket_comes_back(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, system = desk
    said = [one for one in system.writes if isinstance(one, AddComment)]
    assert said
    after(at, 402)
    system.add_event("1", "priority", "P2", Actor("bob"), Instant(CLOSED + 402 * DAY))
    at.run(CLOSED + 402 * DAY + HOUR)
    with at.store.read() as db:
        assert keeping.find_one(db, ticket(1).ref) is not None
    assert [one for one in system.writes if isinstance(one, AddComment)] == said
    assert proof(at).doubts == []


def test_a_write_in_doubt_keeps_its_ticket(desk: tuple[Desk, MemoryConnector]) -> None:
    at, _ = desk
    with at.store.write() as db:
        db.execute(update(DEEDS).where(DEEDS.c.ticket == "1").values(state="sending"))
    after(at, 402)
    assert (kept(at)["tickets"], kept(at)["worded"]) == (2, 1)


def test_a_little_in_each_pass_and_then_not_before_tomorrow(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, _ = desk
    left = []
    for days in (402, 402, 402, 402, 402):
        after(at, days, most=1)
        left.append(kept(at)["tickets"])
    assert left[:2] == [2, 1]
    with at.store.write() as db:
        db.execute(update(TICKETS).values(open=False))
    after(at, 402)
    after(at, 402, most=500)
    assert kept(at)["tickets"] == 1
    after(at, 404)
    assert kept(at)["tickets"] == 0


def test_for_ever_is_for_ever(desk: tuple[Desk, MemoryConnector]) -> None:
    at, _ = desk
    before = kept(at)
    after(at, 9000, Retention(None, None, None))
    after(at, 9002, Retention(Millis(9500 * DAY), Millis(9500 * DAY), Millis(9500 * DAY)))
    assert kept(at) == before


def test_a_pass_lets_go_unless_its_clock_is_doubted(desk: tuple[Desk, MemoryConnector]) -> None:
    at, _ = desk
    at.clock_fault = "it jumped"
    at.run(CLOSED + 500 * DAY)
    assert kept(at)["tickets"] == 3
    at.clock_fault = ""
    at.run(CLOSED + 500 * DAY + HOUR)
    assert kept(at)["tickets"] == 1
