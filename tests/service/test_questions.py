"""No pass asks the store a question that takes the longer, the longer we have been running."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, event, text

from sla_engine.units import DAY, HOUR, MINUTE
from tests.service.desks import CLEO, T0, Desk, desk_over, ticket
from tests.sim.world import promise

GROWING = "(tickets|verdicts|deeds|audit|superseded|kin|restatements|runs)"
SLOW = (
    rf"SCAN {GROWING}\b",
    # All of a connection.
    rf"SEARCH {GROWING} .*INDEX (?!deeds_sending|tickets_absent)\w+ \(connection=\?\)$",
    r"INDEX audit_at ",  # all lines of a day
)
"""In SQLite's words for how it goes about a question; one index holds only what is under way."""

Questions = dict[str, Any]
"""What the database was asked, and with what."""

LAST = "SELECT audit.number, audit.seal FROM audit ORDER BY audit.number DESC"


@contextmanager
def asked() -> Iterator[Questions]:
    """The questions and changes that are sent to the database, and what they were asked with."""
    found: Questions = {}

    def note(_c: Connection, _cursor: object, said: str, given: Any, *_: object) -> None:
        if said.startswith(("SELECT", "UPDATE", "DELETE")):
            found[" ".join(said.split())] = given[0] if isinstance(given, list) else given

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def slow(desk: Desk, questions: Questions) -> list[str]:
    with desk.store.read() as db:
        db.execute(text("SELECT 1"))
        cursor = db.connection.cursor()
        wrong = []
        for said, given in questions.items():
            cursor.execute(f"EXPLAIN QUERY PLAN {said}", given)
            steps = [row[3] for row in cursor.fetchall()]
            if not said.startswith(LAST):  # which reads one row, backwards
                wrong += [
                    f"{said}: {step}" for step in steps for bad in SLOW if re.search(bad, step)
                ]
    return wrong


def test_a_pass_looks_through_nothing_that_grows(tmp_path: Path) -> None:
    with desk_over(tmp_path, [ticket(number) for number in (1, 2, 3)]) as (desk, system):
        told = promise()
        desk.policies = msgspec.structs.replace(told, publish={"memory": told.publish["jira"]})
        desk.run(T0)
        desk.run(T0 + MINUTE)  # the first of a day lets go what is too old, and looks for it
        with asked() as questions:
            for at in (3 * HOUR, 3 * HOUR + MINUTE, 4 * HOUR, 4 * HOUR + MINUTE, 5 * HOUR):
                system.add_event("1", "comment", "public", CLEO, desk.now)
                report = desk.run_one(T0 + at + 1)
                assert report.error is None
        assert {"SetFields", "AddComment"} <= {type(one).__name__ for one in system.writes}
        assert len(questions) > 30
        assert slow(desk, questions) == []


def test_what_is_slow_is_noticed(tmp_path: Path) -> None:
    with desk_over(tmp_path, [ticket(1)]) as (desk, _):
        desk.run(T0)
        said: Questions = {
            "SELECT id FROM tickets WHERE updated_at > ?": (1,),
            "SELECT deed FROM deeds WHERE connection = ?": ("desk",),
            "SELECT number FROM audit WHERE connection = ? AND at > ?": ("desk", DAY),
        }
        assert len(slow(desk, said)) == len(said)
