"""What no pull tells of: tickets that are gone, that were missed, that are of another time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select, update

from connectors.base import Fate
from connectors.memory import Fault, MemoryConnector
from service.delivery import absences
from service.delivery.deeds import counts
from service.passes import rereading
from service.passes.rereading import BlindError, WentBackError
from service.record.auditing import audited
from service.record.evidence import records
from service.state import keeping
from service.state.rhythm import CLOSED, LATELY, OPEN, again, looked_for, most
from service.state.schema import DEEDS, TICKETS, VERDICTS
from service.state.standing import standing
from sla_engine.changes import AddComment
from sla_engine.model import Actor, Journal, Ref, Ticket
from sla_engine.units import DAY, HOUR, MINUTE, Instant, Millis
from tests.service.desks import ADA, T0, Desk, desk_over, ticket

BREACH = Instant(T0 + 4 * HOUR)
GRETA = Actor("greta", kind="staff")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Desk, MemoryConnector]]:
    with desk_over(tmp_path, [ticket(1), ticket(2)]) as made:
        yield made


Desked = tuple[Desk, MemoryConnector]


def states(desk: Desk) -> dict[str, str]:
    """Each ticket's verdict in a word."""
    with desk.store.read() as db:
        rows = db.execute(select(VERDICTS.c.key, VERDICTS.c.state))
        return {row.key: row.state for row in rows}


def kept(desk: Desk, number: int) -> Ticket:
    with desk.store.read() as db:
        (found,), _ = keeping.load(db, "desk", [str(number)])
        return found


def is_absent(desk: Desk, number: int) -> bool:
    with desk.store.read() as db:
        return bool(absences.among(db, "desk", [str(number)]))


# Gone


def test_a_ticket_that_is_gone_is_found_within_a_day_and_is_unknown(desk: Desked) -> None:
    at, connector = desk
    at.run()
    connector.remove("1")
    assert at.run_one(T0 + 23 * HOUR).absent == ()
    found = at.run_one(T0 + DAY)
    assert (found.absent, found.failures) == (("SUP-1",), ())
    assert states(at) == {"SUP-1": "unknown", "SUP-2": "breached"}
    assert "deleted, moved or hidden from us" in kept(at, 1).incomplete


def test_nothing_is_planned_or_sent_to_what_is_gone(desk: Desked) -> None:
    at, connector = desk
    at.run()
    connector.faults.extend([Fault("retryable"), Fault("retryable")])  # fields, and the warning
    at.run(T0 + 3 * HOUR + 1)
    with at.store.read() as db:
        (waits,) = db.execute(select(DEEDS.c.key).where(DEEDS.c.state == "planned")).scalars()
    connector.remove(waits[-1])
    sent = len(connector.writes)
    at.run(T0 + 3 * HOUR + MINUTE)  # it is read once more before anything is sent: gone
    assert is_absent(at, int(waits[-1]))
    assert at.run_one(T0 + 3 * HOUR + 2 * MINUTE).absent == (waits,)
    at.run(T0 + DAY)
    assert all(change.ref.key != waits for change in connector.writes[sent:])
    with at.store.read() as db:
        assert counts(db, "desk").get("planned") is None
        assert counts(db, "desk")["cancelled"] == 1


def test_what_is_gone_is_not_asked_for_in_every_pass(desk: Desked) -> None:
    at, connector = desk
    at.run()
    connector.remove("1")
    asked: list[Instant] = []
    fetch = connector.fetch

    def counted(refs: list[Ref]) -> tuple[Ticket, ...]:
        asked.extend(at.now for ref in refs if ref.id == "1")
        return fetch(refs)

    connector.fetch = counted  # type: ignore[assignment,method-assign]  # to see what is asked
    for hours in range(24, 24 * 11):
        at.run(T0 + hours * HOUR)
    waits = [b - a for a, b in pairwise(asked)]
    assert waits == sorted(waits)
    assert waits[-1] == DAY
    assert len(asked) <= 13
    assert max(asked) <= T0 + 8 * DAY + HOUR


@pytest.mark.parametrize("code", ["SLA404"])
def test_a_write_that_does_not_find_its_ticket_looks_for_it(desk: Desked, code: str) -> None:
    at, connector = desk
    at.run()
    connector.remove("2")
    report = at.run_one(T0 + 3 * HOUR)
    assert [f.code for f in report.failures] in ([], [code])
    assert at.run_one(T0 + 3 * HOUR + MINUTE).absent == ("SUP-2",)
    assert at.run_one(T0 + 3 * HOUR + 2 * MINUTE).failures == ()


def test_who_comes_back_goes_on_as_before(desk: Desked) -> None:
    at, connector = desk
    at.run()
    (was,) = connector.fetch([ticket(1).ref])
    history = kept(at, 1).journal
    connector.remove("1")
    at.run(T0 + DAY)
    connector.put(was)
    back = at.run_one(T0 + DAY + HOUR)
    assert back.absent == ()
    assert back.restated == 0
    assert states(at)["SUP-1"] == "breached"
    assert kept(at, 1).journal == history
    with at.store.read() as db:
        assert keeping.count(db, "desk") == 2


def test_who_comes_back_unchanged_is_found_though_no_pull_tells_of_it(desk: Desked) -> None:
    at, connector = desk
    at.run()
    (was,) = connector.fetch([ticket(1).ref])
    connector.remove("1")
    at.run(T0 + DAY)
    connector._tickets["1"] = was  # a permission is given back: the ticket itself did not change
    at.run(T0 + DAY + 5 * MINUTE)
    assert is_absent(at, 1)
    at.run(T0 + DAY + 10 * MINUTE)
    assert not is_absent(at, 1)
    assert states(at)["SUP-1"] == "breached"


def test_who_is_not_found_for_a_week_is_given_up_from_when_it_was_missed(desk: Desked) -> None:
    at, connector = desk
    at.run()
    connector.remove("1")
    for days in range(1, 8):
        at.run(T0 + days * DAY)
        assert states(at)["SUP-1"] == "unknown"
    at.run(T0 + 8 * DAY)
    assert states(at)["SUP-1"] == "cancelled"
    last = list(kept(at, 1).journal)[-1]
    assert (last.field, last.new, last.at) == ("deleted", absences.GIVEN_UP, T0 + DAY)
    assert kept(at, 1).incomplete == ""
    with at.store.read() as db:
        assert absences.searched(db, "desk") == []
        assert (
            audited(records(db, at.policies)).doubts == []
        )  # judged again from the audit: the same
    sent = len(connector.writes)
    at.run(T0 + 30 * DAY)
    assert all(change.ref.id != "1" for change in connector.writes[sent:])


def test_who_was_given_up_and_comes_back_is_restated(desk: Desked) -> None:
    at, connector = desk
    at.run()
    (was,) = connector.fetch([ticket(1).ref])
    connector.remove("1")
    for days in range(1, 9):
        at.run(T0 + days * DAY)
    connector.put(was)
    back = at.run_one(T0 + 9 * DAY)
    assert back.restated == 1
    assert states(at)["SUP-1"] == "breached"
    assert not is_absent(at, 1)


def test_a_deletion_that_the_system_tells_of_ends_the_promise_at_once(desk: Desked) -> None:
    at, connector = desk
    at.run()
    when = Instant(T0 + 2 * HOUR)
    connector.remove("1", Fate("deleted", when, Actor("greta")))
    report = at.run_one(T0 + DAY)
    assert states(at)["SUP-1"] == "cancelled"
    assert report.absent == ()
    last = list(kept(at, 1).journal)[-1]
    assert (last.field, last.at, last.actor) == ("deleted", when, GRETA)
    sent = len(connector.writes)
    at.run(T0 + 3 * DAY)
    assert all(change.ref.id != "1" for change in connector.writes[sent:])


def test_what_is_there_and_makes_no_sense_is_not_gone(desk: Desked) -> None:
    at, connector = desk
    at.mode = "observe"  # else our own writes make it change
    at.run(T0 + MINUTE)
    connector._spoilt["1"] = "its history is of another planet"
    report = at.run_one(T0 + DAY + MINUTE)
    assert report.absent == ()
    assert [f.key for f in report.failures] == ["SUP-1"]
    assert not is_absent(at, 1)
    assert at.run_one(T0 + DAY + MINUTE + 1).failures == ()  # it is left alone, as all that fails


# Missed


def test_a_ticket_that_no_pull_told_of_is_found_by_counting(desk: Desked) -> None:
    at, connector = desk
    at.run()
    at.run(T0 + HOUR)
    connector._tickets["3"] = ticket(3)  # the index of the system lost it
    assert at.run_one(T0 + 2 * HOUR).missed == 0
    report = at.run_one(T0 + DAY)
    assert report.missed == 1
    assert "SUP-3" in states(at)
    with at.store.read() as db:
        assert (standing(db, "desk").counted_at, standing(db, "desk").counted) == (T0 + DAY, 3)


def test_a_change_that_no_pull_told_of_is_read_within_a_day(desk: Desked) -> None:
    at, connector = desk
    at.run()
    at.run(T0 + MINUTE)
    revision = connector._revisions["1"]
    connector.now = Instant(T0 + HOUR)
    connector.add_event("1", "status_category", "done", ADA)
    connector._revisions["1"] = revision
    assert at.run_one(T0 + HOUR + MINUTE).moved == 0
    at.run(T0 + DAY + MINUTE)
    assert states(at)["SUP-1"] == "met"


def test_what_was_closed_lately_is_read_again_weekly_and_then_let_be() -> None:
    read, updated = Instant(T0), Instant(T0 - DAY)
    assert again(read, updated, is_open=True) == T0 + OPEN
    assert again(read, updated, is_open=False) == T0 + CLOSED
    assert again(read, Instant(T0 - LATELY), is_open=False) is None


@pytest.mark.parametrize(
    ("absent_for", "waits"),
    [(0, 10 * MINUTE), (10 * MINUTE, 10 * MINUTE), (HOUR, HOUR), (5 * DAY, DAY)],
)
def test_what_is_missing_is_looked_for_less_and_less_often(absent_for: int, waits: int) -> None:
    now = Instant(T0 + absent_for)
    assert looked_for(T0, now) == now + waits


@pytest.mark.parametrize(
    ("tickets", "gap"), [(10, MINUTE), (50_000, MINUTE), (50_000, HOUR), (1_000_000, MINUTE)]
)
def test_reading_again_keeps_up_and_never_bursts(tickets: int, gap: int) -> None:
    share = most(tickets, Millis(gap))
    assert 100 <= share <= 5000
    assert share * (DAY // gap) >= tickets


def test_a_pass_reads_no_more_again_than_its_share(tmp_path: Path) -> None:
    with desk_over(tmp_path, [ticket(number) for number in range(300)]) as (at, _):
        at.mode = "observe"
        at.run()
        with at.store.read() as db:
            at.run_one(T0 + 23 * HOUR)
        with at.store.read() as db:
            assert rereading.backlog(db, "desk", Instant(T0 + DAY)) == 300
        at.run_one(T0 + DAY - MINUTE)
        at.run_one(T0 + DAY)
        with at.store.read() as db:
            assert rereading.backlog(db, "desk", at.now) == 200


# Blind, and of another time


def test_no_ticket_where_there_were_some_is_a_failure(desk: Desked) -> None:
    at, connector = desk
    at.run()
    connector.remove("1")
    connector.remove("2")
    report = at.run_one(T0 + DAY)
    assert isinstance(report.error, BlindError)
    assert states(at) == {"SUP-1": "running", "SUP-2": "running"}  # as they were
    assert not is_absent(at, 1)


def test_a_system_that_went_back_in_time_is_read_anew_before_anything_is_written(
    tmp_path: Path,
) -> None:
    with desk_over(tmp_path, [ticket(1), ticket(2)]) as (at, connector):
        for minutes in (0, 239, 241):
            at.run(T0 + minutes * MINUTE)
        spoke = [c.key for c in connector.writes if isinstance(c, AddComment)]
        assert spoke
        for number in (1, 2):  # brought back as they were when it opened, without our comments
            connector.put(ticket(number))
        connector.lost = True
        found = at.run_one(T0 + 8 * HOUR)
        assert isinstance(found.error, WentBackError)
        sent = len(connector.writes)
        connector.lost = False
        held = at.run_one(T0 + 8 * HOUR + MINUTE)
        assert (held.mode, held.changed, held.behind) == ("observe", 2, T0 + 8 * HOUR)
        assert len(connector.writes) == sent
        after = at.run_one(T0 + 8 * HOUR + 2 * MINUTE)
        assert (after.mode, after.error) == ("write", None)
        assert after.written.fields
        assert [c.key for c in connector.writes if isinstance(c, AddComment)] == spoke


def test_so_is_one_from_before_all_that_changed_last(tmp_path: Path) -> None:
    old = [ticket(number, Instant(T0 - DAY)) for number in range(5)]
    new = [ticket(number, T0) for number in range(5, 26)]
    with desk_over(tmp_path, [*old, *new]) as (at, connector):
        at.mode = "observe"
        at.run()
        for one in new:
            connector.remove(one.ref.id)
        connector.lost = True
        assert isinstance(at.run_one(T0 + MINUTE).error, WentBackError)


def test_a_project_that_is_hidden_from_us_is_no_restore_though_it_changed_last(
    tmp_path: Path,
) -> None:
    """What is still there is younger than some of what is gone: no time before them knows it."""
    hidden = [ticket(number, Instant(T0 - DAY)) for number in range(21)]
    hidden = [msgspec.structs.replace(one, updated_at=T0) for one in hidden]
    seen = ticket(30, Instant(T0 - HOUR))
    with desk_over(tmp_path, [*hidden, seen]) as (at, connector):
        at.run()
        for one in hidden:
            connector.remove(one.ref.id)
        connector.lost = True
        report = at.run_one(T0 + MINUTE)
        assert (report.error, len(report.absent)) == (None, 21)
        connector.lost = False
        assert at.run_one(BREACH + 1).written.comments == 1


def test_a_newest_ticket_that_was_deleted_is_found_at_once_and_is_no_restore(
    tmp_path: Path,
) -> None:
    with desk_over(tmp_path, [ticket(number) for number in range(1, 9)]) as (at, connector):
        at.run()
        connector.remove("8")
        connector.lost = True
        report = at.run_one(T0 + MINUTE)
        assert (report.error, report.absent) == (None, ("SUP-8",))


def test_a_record_that_is_a_little_old_is_a_replica_and_no_restore(desk: Desked) -> None:
    at, connector = desk
    at.run()
    with at.store.write() as db:
        db.execute(update(TICKETS).values(updated_at=T0 + 59 * MINUTE))
    assert at.run_one(T0 + DAY).error is None
    with at.store.write() as db:
        db.execute(update(TICKETS).values(updated_at=T0 + 2 * DAY - HOUR))
    connector._tickets["1"] = msgspec.structs.replace(ticket(1), updated_at=Instant(T0 + DAY))
    assert isinstance(at.run_one(T0 + 2 * DAY).error, WentBackError)


def test_a_change_of_just_now_that_a_reading_does_not_show_yet_is_no_restore(desk: Desked) -> None:
    at, connector = desk
    at.run()
    for since, error in ((15 * MINUTE, None), (15 * MINUTE + 1, WentBackError)):
        with at.store.write() as db:
            db.execute(update(TICKETS).values(updated_at=T0 + 2 * DAY - since))
        connector._tickets["1"] = ticket(1)
        report = at.run_one(T0 + 2 * DAY)
        assert (report.error and type(report.error)) is error


# Rewritten


def test_a_history_that_was_rewritten_is_told_once_and_nothing_is_said_again(desk: Desked) -> None:
    at, connector = desk
    connector.now = T0
    at.run()
    connector.now = Instant(T0 + HOUR)
    connector.add_event("1", "team", "network", ADA)
    assert at.run_one(T0 + HOUR).rewritten == ()
    for minutes in (181, 241):
        at.run(T0 + minutes * MINUTE)
    spoke = [c.key for c in connector.writes if isinstance(c, AddComment)]
    (was,) = connector.fetch([ticket(1).ref])
    other = [e for e in was.journal if e.field != "team"]
    connector.put(msgspec.structs.replace(was, journal=Journal(other)))
    assert at.run_one(T0 + 6 * HOUR).rewritten == ("SUP-1",)
    assert at.run_one(T0 + 7 * HOUR).rewritten == ()
    assert [c.key for c in connector.writes if isinstance(c, AddComment)] == spoke


def test_a_hole_that_is_filled_is_no_rewriting(desk: Desked) -> None:
    at, connector = desk
    at.run()
    at.run(T0 + MINUTE)
    (was,) = connector.fetch([ticket(1).ref])
    for hole in ("rows are late", ""):
        connector.put(msgspec.structs.replace(was, incomplete=hole))
        report = at.run_one(at.now + HOUR)
        assert (report.rewritten, report.standing) == ((), 0)
