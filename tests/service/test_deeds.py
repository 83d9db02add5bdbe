"""Deeds as they are kept: many that lapse at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service.delivery import deeds
from sla_engine.changes import AddComment, Change, Why
from sla_engine.model import Ref
from sla_engine.units import HOUR, Instant
from tests.service.desks import T0, desk_over

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("each_backend")
LATER = Instant(T0 + HOUR)


def comment(ticket: str) -> Change:
    return AddComment(Ref("desk", f"SUP-{ticket}", ticket), "k1", ("Late.",), Why("breach"))


def test_what_lapses_is_closed_unless_somebody_began_it(tmp_path: Path) -> None:
    new, tried, sent, done = map(comment, "1234")
    with desk_over(tmp_path, []) as (at, _), at.store.write() as db:
        for change, state in ((tried, "planned"), (sent, None), (done, "done")):
            (begun,) = deeds.intend(db, [change], T0)
            if state is not None:
                deeds.end(db, begun, state)  # type: ignore[arg-type]  # two states by name
        deeds.expire(db, [], LATER, "too late")
        deeds.expire(db, [new, tried, sent, done], LATER, "too late")
        kept = deeds.settled(db, "desk", list("1234"))
        assert {ticket: states["k1"] for ticket, states in kept.items()} == {
            "1": "expired",
            "2": "expired",
            "3": "sending",
            "4": "done",
        }
        assert not deeds.intend(db, [new, tried], LATER)
