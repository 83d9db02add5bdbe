"""What is promised of each kind of effect: when a comment comes too late."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.delivery import deeds
from service.delivery.promises import COMMENT_LIFE
from sla_engine.units import HOUR, Instant
from tests.service.desks import T0, desk_over, ticket

BREACH = Instant(T0 + 4 * HOUR)


@pytest.mark.parametrize(("later", "comments"), [(0, 1), (1, 0)])
def test_a_comment_on_what_was_reached_a_day_ago_is_not_made(
    later: int, comments: int, tmp_path: Path
) -> None:
    with desk_over(tmp_path, [ticket(1)]) as (desk, _):
        desk.run()
        report = desk.run_one(BREACH + COMMENT_LIFE + later)
        assert (report.written.comments, report.written.escalations) == (comments, 1)
        with desk.store.read() as db:
            assert deeds.counts(db, "desk").get("expired", 0) == 1 - comments
