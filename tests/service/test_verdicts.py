"""The last verdicts: what is kept is what was judged last, whatever was kept before."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from service.record import verdicts
from service.state.schema import VERDICTS
from service.state.store import Store, open_store
from sla_engine.model import Phase, Reached, State, Verdict
from sla_engine.units import Instant
from tests.service.desks import T0, state_at, ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("each_backend")

REF = ticket(1).ref
SEAL = verdicts.Seal(T0, (1, "hash"), {one.ref: one for one in (ticket(1), ticket(2))})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(state_at(tmp_path), writer=True) as made:
        yield made


JUDGED = st.dictionaries(
    st.tuples(st.sampled_from(["resolution", "first_response"]), st.integers(1, 3)),
    st.tuples(st.sampled_from(get_args(State)), st.sampled_from(get_args(Phase)), st.booleans()),
).map(
    lambda said: tuple(
        Verdict(
            REF,
            "promise",
            "v1",
            clock,
            cycle,
            state,
            phase,
            steps=(Reached("75%", T0),) if warned else (),
            due_at=Instant(T0 + cycle),
        )
        for (clock, cycle), (state, phase, warned) in said.items()
    )
)


@given(JUDGED, JUDGED)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_kept_before_leaves_no_trace(
    store: Store, before: tuple[Verdict, ...], after: tuple[Verdict, ...]
) -> None:
    with store.write() as db:
        verdicts.replace(db, "desk", {REF: before}, SEAL)
        counted, moved = verdicts.replace(db, "desk", {REF: after}, SEAL)
        assert counted == len(after)
        old = {(v.clock, v.cycle): v.state for v in before}
        assert moved == sum(old.get((v.clock, v.cycle)) != v.state for v in after)
        assert verdicts.replace(db, "desk", {REF: after}, SEAL) == (len(after), 0)
        kept = db.execute(select(VERDICTS.c.clock, VERDICTS.c.cycle, VERDICTS.c.state)).all()
        assert sorted(map(tuple, kept)) == sorted((v.clock, v.cycle, v.state) for v in after)
        running = [v for v in after if v.phase != "stopped"]
        breached = [v for v in running if v.state == "breached"]
        at_risk = [v for v in running if v.steps and v.state != "breached"]
        tally = verdicts.Tally(len(running), len(breached), len(at_risk))
        assert verdicts.tally(db, ["desk"]) == tally
        dues = [v.due_at for v in running if v.due_at and v.due_at > T0 + 1]
        coming = verdicts.next_due(db, Instant(T0 + 1))
        assert (coming.at if coming else None) == min(dues, default=None)


def test_another_tickets_verdicts_stay(store: Store) -> None:
    other = ticket(2).ref
    one = Verdict(REF, "promise", "v1", "resolution", 1, "running", "running")
    with store.write() as db:
        verdicts.replace(db, "desk", {REF: (one,), other: (one,)}, SEAL)
        verdicts.replace(db, "desk", {REF: ()}, SEAL)
        assert db.execute(select(func.count()).select_from(VERDICTS)).scalar() == 1
        verdicts.replace(db, "desk", {other: ()}, SEAL)
