"""Looking without touching: a plan shows what a pass would do, and leaves everything as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.passes.survey import refresh, survey
from service.setup.sources import Source
from service.state.standing import standing
from sla_engine.units import HOUR, Instant
from tests.service.desks import ADA, T0, desk_over, policies, ticket

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.memory import MemoryConnector

LATE = Instant(T0 + 5 * HOUR)


def source(connector: MemoryConnector) -> Source:
    return Source("desk", "memory", "write", "all", lambda: connector)


def test_a_survey_says_what_the_next_pass_does_and_changes_nothing(tmp_path: Path) -> None:
    with desk_over(tmp_path, [ticket(1), ticket(2)]) as (at, connector):
        at.run()
        connector.add_event("2", "status_category", "done", ADA, Instant(T0 + HOUR))
        sent = len(connector.writes)
        refresh(at.store, source(connector), LATE)
        seen = survey(at.store, source(connector), at.policies, LATE)
        assert survey(at.store, source(connector), at.policies, LATE) == seen
        assert (seen.tickets, seen.open, len(connector.writes)) == (2, 1, sent)
        assert seen.pulled_at == LATE
        report = at.run_one(LATE)
        by_key = {item.ticket.ref.key: item for item in report.items}
        assert by_key == {item.ticket.ref.key: item for item in seen.items}
        assert report.written.comments == 1


def test_a_survey_of_a_new_desk_arms_nothing(tmp_path: Path) -> None:
    with desk_over(tmp_path, [ticket(1)]) as (at, connector):
        refresh(at.store, source(connector), LATE)
        seen = survey(at.store, source(connector), policies(), LATE)
        assert [type(c).__name__ for item in seen.items for c in item.changes] == ["SetFields"]
        with at.store.read() as db:
            assert standing(db, "desk").armed_at is None
        assert at.run_one(LATE).first
