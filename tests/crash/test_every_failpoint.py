"""Killed at any fail-point and started again, the service says and does everything once.

First a scenario goes as it goes when nothing is killed. Then each step begins again from where it
began, is killed the first, second and third time that it comes by a place, and is carried on.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Row, select

from service.delivery.deeds import FIELDS
from service.record import audit
from service.state.failpoints import POINTS
from service.state.schema import AUDIT, DEEDS, VERDICTS
from service.state.store import open_store
from sync import BUG
from tests.crash.desk import CrashDesk, Snapshot, crash_desk
from tests.crash.scenarios import AGAIN, SCENARIOS, STEP, Scenario
from tests.postgresql.server import Databases

KILLED = -signal.SIGKILL
DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
TIMES = 3

DOUBTFUL = ("apply.", "audit.", "tell.", "reconcile.", "errand.")
"""Where a write may be in doubt: tried again at once, and after the quiet period."""

TOLD_AGAIN = ("tell.after_send", "remind.after_send", "audit.in_append")
"""Where a message was sent and that is not kept: no channel can be read back, so it is sent again.
docs/operations.md promises messages and webhooks at least once."""


class End(NamedTuple):
    """What a scenario comes to."""

    said: Counter[tuple[str, str]]
    fields: dict[str, dict[str, object]]
    heard: Counter[str]
    verdicts: set[tuple[object, ...]]
    deeds: set[tuple[object, ...]]


class Place(NamedTuple):
    """A step of a scenario, as everything was before it, and how often it comes by each place."""

    number: int
    before: Snapshot
    reached: Counter[str]


BACKENDS = [
    pytest.param(scenario, backend, id=f"{scenario.name}-{backend}".replace(" ", "_"))
    for scenario in SCENARIOS
    for backend in ("sqlite", "postgresql")
    if backend == "sqlite" or not scenario.in_files_only
]


def test_every_fail_point_is_killed_at_in_some_scenario() -> None:
    killed = {name for one in SCENARIOS for name in one.kills(in_file=True)}
    assert killed == set(POINTS)
    in_databases = {
        name for one in SCENARIOS if not one.in_files_only for name in one.kills(in_file=False)
    }
    assert len(in_databases) > 40


@pytest.mark.parametrize(("scenario", "backend"), BACKENDS)
def test_killed_anywhere_and_started_again_everything_is_done_once(
    scenario: Scenario, backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    databases = request.getfixturevalue("databases") if backend == "postgresql" else None
    with crash_desk(tmp_path, databases) as desk:
        places = list(unkilled(desk, scenario))
        end = come_to(desk, len(scenario.steps))
        assert end.said
        assert set(end.said.values()) == {1}
        names = scenario.kills(in_file=databases is None)
        assert [name for name in names if not any(name in one.reached for one in places)] == []
        for place, name, nth in tried(places, names, databases):
            desk.put_back(place.before)
            step = scenario.steps[place.number]
            point = f"{name}:{nth}"
            assert step.take(desk, place.number, point).code == KILLED, point
            for late in AGAIN if name.startswith(DOUBTFUL) else AGAIN[:1]:
                assert 0 <= step.take(desk, place.number, late=late).code < BUG, point
            for number, later in enumerate(scenario.steps[place.number + 1 :], place.number + 1):
                later.before(desk)
                later.take(desk, number)
            assert_same(come_to(desk, len(scenario.steps)), end, name, point)


def unkilled(desk: CrashDesk, scenario: Scenario) -> Iterator[Place]:
    """The scenario as it goes when nothing goes wrong but what it says itself."""
    for number, step in enumerate(scenario.steps):
        step.before(desk)
        before = desk.take()
        ran = step.take(desk, number)
        assert ran.code == KILLED if step.killed_at else 0 <= ran.code < BUG, (scenario.name, ran)
        if not step.killed_at:
            yield Place(number, before, ran.reached)


def tried(
    places: list[Place], names: list[str], databases: Databases | None
) -> Iterator[tuple[Place, str, int]]:
    """Where to kill: all there is, or a part that differs from state to state."""
    every = [
        (place, name, nth)
        for name in names
        for nth in range(1, TIMES + 1)
        if (place := next((one for one in reversed(places) if one.reached[name] >= nth), None))
    ]
    yield from every if DEEP else every[3 * (databases is not None) :: 7]


def come_to(desk: CrashDesk, steps: int) -> End:
    """How everything stands after one more pass."""
    assert desk.run(steps * STEP) in (0, 3)
    with open_store(desk.state, writer=False) as store, store.read() as db:
        assert_chained(db.execute(select(AUDIT).order_by(AUDIT.c.number)).all())
        columns = ("connection", "ticket", "policy", "clock", "of", "cycle", "state", "due_at")
        verdicts = db.execute(select(*(VERDICTS.c[name] for name in columns))).all()
        deeds = db.execute(
            select(DEEDS.c.connection, DEEDS.c.ticket, DEEDS.c.deed, DEEDS.c.state).where(
                DEEDS.c.deed != FIELDS
            )
        ).all()
    return End(
        desk.said(),
        desk.fields(),
        desk.heard(),
        set(map(tuple, verdicts)),
        set(map(tuple, deeds)),
    )


def assert_chained(lines: Sequence[Row[Any]]) -> None:
    """No line of the audit is missing, and none was written twice at one place."""
    seal = audit.BEFORE_ALL
    for number, line in enumerate(lines, start=1):
        seal = audit.seal_of(seal, number, line.digest)
        assert (line.number, line.seal) == (number, seal)


def assert_same(now: End, end: End, name: str, point: str) -> None:
    """Nothing is lost, and nothing is there twice that must not be."""
    assert now.said == end.said, point
    assert now.fields == end.fields, point
    assert now.verdicts == end.verdicts, point
    assert now.deeds == end.deeds, point
    assert now.heard.keys() == end.heard.keys(), point
    more = now.heard - end.heard
    assert not more or (name in TOLD_AGAIN and set(more.values()) == {1}), (point, more)
