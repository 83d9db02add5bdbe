"""One pass, over the reference connector: what is written, what never twice, what stops whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import update

from connectors.base import (
    AuthError,
    ConnectorError,
    ForbiddenError,
    PermanentError,
    UnreachableError,
)
from connectors.memory import Fault, MemoryConnector
from service.delivery import deeds
from service.delivery.promises import QUIET
from service.record import verdicts
from service.state import keeping, quarantine
from service.state.schema import TICKETS
from service.state.standing import standing
from sla_engine.changes import AddComment, Assign, SetFields
from sla_engine.model import Ticket
from sla_engine.plan import Limits
from sla_engine.units import HOUR, MINUTE, Instant, Millis
from tests.service.desks import (
    ADA,
    CLEO,
    T0,
    Desk,
    breaking_for,
    desk_over,
    policies,
    renamed,
    ticket,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("each_backend")

WARNING, BREACH = Instant(T0 + 3 * HOUR), Instant(T0 + 4 * HOUR)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Desk, MemoryConnector]]:
    with desk_over(tmp_path, [ticket(1), ticket(2)]) as made:
        yield made


Desked = tuple[Desk, MemoryConnector]


def comments(connector: MemoryConnector) -> list[AddComment]:
    return [change for change in connector.writes if isinstance(change, AddComment)]


def test_fields_are_written_and_a_second_pass_has_nothing_to_do(desk: Desked) -> None:
    at, connector = desk
    first = at.run_one()
    assert (first.written.tickets, first.written.fields) == (2, 6)  # status, due, summary
    sent = len(connector.writes)
    second = at.run_one()
    assert (second.written, second.items, len(connector.writes)) == (
        type(second.written)(),
        (),
        sent,
    )


def test_own_writes_come_back_without_a_new_judgement(desk: Desked) -> None:
    at, _ = desk
    at.run()
    again = at.run_one(T0 + MINUTE)
    assert (again.changed, again.judged) == (2, 0)


def test_a_ticket_falls_due_though_nothing_happened_to_it(desk: Desked) -> None:
    at, connector = desk
    at.run()
    at.run()
    before = at.run_one(WARNING)
    assert (before.changed, before.judged) == (0, 2)
    after = at.run_one(WARNING + 1)
    assert before.written.comments + after.written.comments == 2
    assert {c.ref.key for c in comments(connector)} == {"SUP-1", "SUP-2"}


def test_each_step_is_said_once_however_often_we_look(desk: Desked) -> None:
    at, connector = desk
    at.run()
    for minutes in range(170, 300, 7):
        at.run(T0 + minutes * MINUTE)
    keys = [c.key for c in comments(connector)]
    assert len(keys) == len(set(keys)) * 2 == 4  # two tickets, each the same two keys
    assert sum(isinstance(change, Assign) for change in connector.writes) == 2


def test_when_we_looked_leaves_no_trace_in_the_fields(tmp_path: Path) -> None:
    seen = []
    for number, step in enumerate((7, 31, 240)):
        folder = tmp_path / str(number)
        with desk_over(folder, [ticket(1)]) as (at, connector):
            for minutes in range(0, 241, step):
                at.run(T0 + minutes * MINUTE)
            at.run(BREACH + HOUR)
            seen.append(connector.fetch([ticket(1).ref])[0].written)
    assert seen[0] == seen[1] == seen[2]


def test_first_sight_of_a_backlog_writes_fields_and_says_nothing(desk: Desked) -> None:
    at, connector = desk
    report = at.run_one(BREACH + HOUR)
    assert report.first
    assert report.written.fields > 0
    assert not comments(connector)
    at.run_one(BREACH + 2 * HOUR)
    assert not comments(connector)


def test_observe_computes_and_writes_nothing(desk: Desked) -> None:
    at, connector = desk
    at.mode = "observe"
    report = at.run_one()
    assert (report.planned.tickets, report.written.tickets) == (2, 0)
    assert connector.writes == []
    at.mode = "write"
    assert at.run_one().written.tickets == 2


def test_an_edited_policy_judges_everything_anew(desk: Desked) -> None:
    at, _ = desk
    at.run()
    at.policies = policies(Millis(5 * HOUR), "v2")
    report = at.run_one(T0 + MINUTE)
    assert report.judged == 2
    assert report.written.tickets == 2
    assert at.run_one(T0 + MINUTE).written.tickets == 0


def test_another_scope_reads_everything_anew_and_repeats_no_deed(desk: Desked) -> None:
    at, connector = desk
    at.run()
    at.run(WARNING + 1)
    said = len(comments(connector))
    connector.remove("2")
    at.scope = "projects: OPS"
    report = at.run_one(WARNING + MINUTE)
    assert report.changed == 1
    with at.store.read() as db:
        assert keeping.count(db, "desk", open_only=False) == 1
    assert len(comments(connector)) == said == 2


BROKEN: list[tuple[ConnectorError, int]] = [
    (AuthError("refused the token"), 4),
    (UnreachableError("cannot reach it"), 5),
    (PermanentError("it is confused"), 3),
]


@pytest.mark.parametrize(("error", "alone"), BROKEN, ids=lambda v: type(v).__name__)
def test_one_connection_fails_and_the_others_go_on(
    tmp_path: Path, error: ConnectorError, alone: int
) -> None:
    with desk_over(tmp_path, [ticket(1)]) as (at, _):
        broken = MemoryConnector("snow", [renamed(ticket(7), "snow")])
        broken.broken = error
        at.connectors = (broken, *at.connectors)
        report = at.run()
        assert [s.error for s in report.sources] == [error, None]
        assert report.sources[1].written.tickets == 1
        assert report.exit_code() == 3
        with at.store.read() as db:
            assert standing(db, "snow").error == error.what
            assert standing(db, "snow").pulled_at is None
        at.connectors = (broken,)
        assert at.run().exit_code() == alone


def test_a_connector_with_a_bug_stops_nobody_else(tmp_path: Path) -> None:
    class Buggy(MemoryConnector):
        def requests(self) -> int:
            raise ZeroDivisionError("of all things")

    with desk_over(tmp_path, [ticket(1)]) as (at, _):
        at.connectors = (Buggy("snow"), *at.connectors)
        report = at.run()
        error = report.sources[0].error
        assert error is not None
        assert (error.code, "ZeroDivisionError" in error.what) == ("SLA900", True)
        assert report.sources[1].written.tickets == 1


def test_a_ticket_that_cannot_be_read_is_named(desk: Desked) -> None:
    at, connector = desk
    connector.spoil("2", "its history is torn")
    report = at.run_one()
    assert [(f.key, f.what) for f in report.failures] == [("SUP-2", "its history is torn")]
    assert (report.written.tickets, at.run().exit_code()) == (1, 0)


def test_a_ticket_that_cannot_be_kept_stops_no_other(desk: Desked) -> None:
    at, connector = desk
    connector.put(msgspec.structs.replace(ticket(3), title="half a \ud800"))
    report = at.run_one()
    assert [f.key for f in report.failures] == ["SUP-3"]
    assert report.written.tickets == 2


def test_a_torn_journal_is_read_anew_and_stops_no_other(desk: Desked) -> None:
    at, _ = desk
    at.run()
    at.run()
    with at.store.write() as db:
        db.execute(update(TICKETS).where(TICKETS.c.id == "1").values(journal=b"torn"))
    report = at.run_one(WARNING + 1)
    assert [f.key for f in report.failures] == ["SUP-1"]
    assert report.written.comments == 1
    late = at.run_one(WARNING + 1 + MINUTE)
    assert (late.failures, late.written.comments) == ((), 1)


def test_a_ticket_that_breaks_the_engine_is_tried_again(desk: Desked) -> None:
    at, connector = desk
    odd = dict(ticket(3).initial) | {"priority": "P9"}
    connector.put(msgspec.structs.replace(ticket(3), initial=odd))
    at.policies = breaking_for("P9")
    report = at.run_one()
    assert [f.key for f in report.failures] == ["SUP-3"]
    assert report.written.tickets == 2
    at.policies = msgspec.structs.replace(policies(), version=at.policies.version)
    assert at.run_one(T0 + MINUTE).written.tickets == 1


def test_limits_refuse_before_the_first_write(desk: Desked) -> None:
    at, connector = desk
    at.run()
    sent = len(connector.writes)
    at.limits = Limits(comments=1)
    report = at.run(WARNING + 1)
    assert "2 comments would be written at once; the limit is 1" in report.sources[0].refused
    assert (len(connector.writes), report.exit_code()) == (sent, 6)
    assert at.run(WARNING + MINUTE).sources[0].refused  # still there, still refused
    at.force = True
    assert at.run(WARNING + 2 * MINUTE).sources[0].written.comments == 2


def test_a_rejected_deed_is_given_up_and_told(desk: Desked) -> None:
    at, connector = desk
    at.run()
    connector.faults.extend(
        [Fault("confirmed", applied=True), Fault("rejected", "comments are closed")]
    )
    report = at.run_one(WARNING + 1)
    assert [f.what for f in report.failures] == ["comments are closed"]
    assert at.run(WARNING + 1).writes == 0
    with at.store.read() as db:
        assert deeds.counts(db, "desk") == {"dead": 1, "done": 1}


def test_what_our_account_may_not_do_is_tried_again_later_and_later(desk: Desked) -> None:
    at, connector = desk
    connector.remove("2")
    at.run()
    tries = []
    connector.faults.append(Fault("confirmed", applied=True))  # its fields
    for minute in range(60):
        connector.faults.append(Fault("rejected", "not allowed to comment", ForbiddenError.code))
        if at.run_one(WARNING + 1 + minute * MINUTE).failures:
            tries.append(minute)
        connector.faults.clear()
    assert tries == [0, 1, 6, 36]
    with at.store.write() as db:
        assert deeds.counts(db, "desk") == {"planned": 1}
        assert quarantine.retry(db) == ["SUP-1"]
    assert at.run_one(BREACH - 2).written.comments == 1
    with at.store.read() as db:
        assert deeds.counts(db, "desk") == {"done": 1}
        assert quarantine.count(db, "desk") == (0, 0)
    assert at.run(BREACH - 1).writes == 0


def test_a_retryable_deed_is_sent_again_in_the_next_pass(desk: Desked) -> None:
    at, connector = desk
    at.run()
    connector.faults.extend([Fault("retryable")] * 4)
    at.run(WARNING + 1)
    assert at.run_one(WARNING + 2).written.comments == 2


@pytest.mark.parametrize("applied", [True, False], ids=["it had arrived", "it had not"])
def test_a_doubtful_comment_is_read_back_and_never_doubled(desk: Desked, applied: bool) -> None:
    at, connector = desk
    at.run()
    connector.remove("2")
    connector.faults.extend([Fault("confirmed", applied=True), Fault("doubtful", applied=applied)])
    at.run(WARNING + 1)
    soon = at.run_one(WARNING + MINUTE)
    assert (soon.waiting, soon.written.comments) == (0 if applied else 1, 0)
    at.run(WARNING + 1 + QUIET - 1)
    late = at.run_one(WARNING + 1 + QUIET)
    assert late.written.comments == (0 if applied else 1)
    marks = connector.fetch([ticket(1).ref])[0].marks
    assert len(marks) == 1
    assert at.run(WARNING + 1 + 2 * QUIET).writes == 0


def test_doubtful_fields_are_read_before_they_are_written_again(desk: Desked) -> None:
    at, connector = desk
    connector.faults.extend([Fault("doubtful", applied=True), Fault("doubtful", applied=False)])
    at.run()
    report = at.run_one(T0 + 1)
    assert report.written.tickets == 1
    assert len(connector.writes) == 3


def test_fields_refused_are_tried_later_and_later(desk: Desked) -> None:
    at, connector = desk
    tries = []
    for minute in range(60):
        connector.faults.extend([Fault("rejected", "not on the screen")] * 2)
        if at.run_one(T0 + minute * MINUTE).failures:
            tries.append(minute)
        connector.faults.clear()
    assert tries == [0, 1, 6, 36]


def test_a_lost_store_repeats_no_comment(desk: Desked, tmp_path: Path) -> None:
    at, connector = desk
    at.run()
    at.run(WARNING + 1)
    with desk_over(tmp_path / "new", []) as (fresh, _):
        fresh.connectors = (connector,)
        fresh.run(WARNING + MINUTE)
        fresh.run(BREACH + 1)
    keys = [(c.ref.id, c.key) for c in comments(connector)]
    assert len(keys) == len(set(keys)) == 4


def test_an_outage_is_told_once_it_is_over(desk: Desked) -> None:
    at, connector = desk
    at.run()
    at.run(BREACH + 5 * HOUR)
    assert {c.key.rpartition(":")[2] for c in comments(connector)} == {"breach"}


def test_told_to_stop_it_finishes_the_ticket_in_hand(desk: Desked) -> None:
    at, connector = desk
    at.run()
    at.stop = lambda: len(comments(connector)) >= 1
    report = at.run_one(WARNING + 1)
    assert (report.written.tickets, report.left) == (1, 1)
    at.stop = lambda: False
    assert at.run_one(WARNING + 2).written.tickets == 1


def test_the_store_tells_what_is_open_and_next(desk: Desked) -> None:
    at, connector = desk
    connector.add_event("2", "status_category", "done", ADA, Instant(T0 + HOUR))
    at.run(T0 + 2 * HOUR)
    at.run(WARNING + 1)
    with at.store.read() as db:
        assert verdicts.tally(db, ["desk"]) == verdicts.Tally(open=1, at_risk=1)
        assert verdicts.next_due(db, at.now) == verdicts.NextDue("SUP-1", BREACH)
        assert verdicts.next_instant(db, "desk", at.now) == BREACH + 1
        assert keeping.count(db, "desk") == 1


def test_a_reply_while_we_write_is_seen_before_a_deed(desk: Desked) -> None:
    """The index lagged: the pull did not show that the ticket was resolved, the record does."""
    at, connector = desk
    at.run()
    at.run()
    resolved = connector.fetch([ticket(1).ref])[0]
    connector.add_event("1", "status_category", "done", ADA, Instant(WARNING - MINUTE))
    connector._revisions["1"] = 0  # the index does not show it
    at.run(WARNING + 1)
    assert [c.ref.key for c in comments(connector)] == ["SUP-2"]
    assert isinstance(resolved, Ticket)


def test_changes_go_out_in_one_call(desk: Desked) -> None:
    at, connector = desk
    at.run()
    connector.add_event("1", "comment", "public", CLEO, Instant(T0 + HOUR))
    at.run(BREACH + 1)
    kinds = [type(c) for c in connector.writes if c.ref.id == "1"][1:]
    assert kinds == [SetFields, AddComment, Assign]
