"""Tickets that fail are left alone for longer and longer; whatever ails one, the others go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from connectors.memory import Fault, MemoryConnector
from service.delivery import deeds
from service.delivery.channels import Channel, Channels
from service.delivery.items import Done, Item
from service.delivery.telling import Teller
from service.passes import passes
from service.record import verdicts
from service.state import keeping, purging, quarantine
from service.state.failure import Failure, Stage
from service.state.quarantine import WAITS
from service.state.standing import standing
from service.state.store import Store, open_store
from sla_engine.changes import AddComment, Change, Notify, Why
from sla_engine.model import Ref, Verdict
from sla_engine.units import DAY, HOUR, MINUTE, Instant
from tests.service.desks import (
    ADA,
    CLEO,
    T0,
    Desk,
    breaking_for,
    desk_over,
    policies,
    renamed,
    state_at,
    ticket,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

REF = ticket(1).ref
WARNING, BREACH = Instant(T0 + 3 * HOUR), Instant(T0 + 4 * HOUR)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(state_at(tmp_path), writer=True) as made:
        with made.write() as db:
            keeping.keep(db, [ticket(1), ticket(2)], T0)
            keeping.settle(db, [(ticket(1).ref, None), (ticket(2).ref, None)])
        yield made


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Desk, MemoryConnector]]:
    with desk_over(tmp_path, [ticket(1), ticket(2)]) as made:
        yield made


def fail(store: Store, now: int = T0, stage: Stage = "judge", ref: Ref = REF) -> None:
    with store.write() as db:
        quarantine.fail(db, ref, Failure(ref.key, "torn", stage=stage), Instant(now))


def due(store: Store, now: int) -> list[str]:
    with store.read() as db:
        return keeping.due(db, "desk", Instant(now))


def failing(at: Desk) -> list[tuple[str, str, int]]:
    with at.store.read() as db:
        return [(one.key, one.stage, one.failures) for one in quarantine.listed(db, ["desk"])]


def test_it_waits_longer_each_time_and_in_the_end_a_day(store: Store) -> None:
    now, waits = int(T0), []
    for _ in range(8):
        fail(store, now)
        wait = next(w for w in (*WAITS, DAY) if due(store, now + w))
        assert due(store, now + wait - 1) == []
        waits.append(wait // MINUTE)
        now += wait
    assert waits == [1, 5, 30, 120, 720, 1440, 1440, 1440]
    with store.read() as db:
        (one,) = quarantine.listed(db, ["desk"])
        assert quarantine.count(db, "desk") == (1, 1)
    assert (one.since, one.failures, one.quarantined) == (T0, 8, True)


def test_only_after_the_last_wait_it_is_in_quarantine(store: Store) -> None:
    for _ in WAITS:
        fail(store)
    with store.read() as db:
        assert quarantine.count(db, "desk") == (1, 0)
    fail(store)
    with store.read() as db:
        assert quarantine.count(db, "desk") == (1, 1)
        assert quarantine.count(db, "other") == (0, 0)


def test_one_that_cannot_be_read_is_never_judged_on_what_is_old(store: Store) -> None:
    with store.write() as db:
        keeping.wake(db, [(REF, keeping.AT_ONCE)])
    fail(store, stage="read")
    assert due(store, T0 + DAY) == []
    with store.write() as db:
        assert quarantine.to_read(db, "desk", Instant(T0 + MINUTE - 1)) == []
        assert quarantine.to_read(db, "desk", Instant(T0 + MINUTE)) == [(REF, "torn")]
        keeping.keep(db, [ticket(1)], T0)
        assert quarantine.listed(db, ["desk"]) == []
    assert due(store, T0) == ["1"], "as it was due before"


def test_a_ticket_known_by_its_key_alone_is_the_one_kept(store: Store) -> None:
    fail(store, stage="read", ref=Ref("desk", "SUP-1", "SUP-1"))
    fail(store, stage="read", ref=Ref("desk", "SUP-9", "SUP-9"))
    fail(store, stage="read", ref=Ref("desk", "", ""))
    with store.write() as db:
        assert [one.id for one in quarantine.listed(db, ["desk"])] == ["1", "SUP-9"]
        keeping.keep(db, [ticket(1), ticket(9)], T0)
        assert quarantine.listed(db, ["desk"]) == []


def test_a_newer_version_is_tried_at_once_and_still_counted(store: Store) -> None:
    for _ in range(3):
        fail(store)
    newer = msgspec.structs.replace(ticket(1), title="new", updated_at=Instant(T0 + 1))
    with store.write() as db:
        keeping.keep(db, [newer], T0)
    assert due(store, T0) == ["1"]
    fail(store)
    with store.read() as db:
        assert quarantine.listed(db, ["desk"])[0].failures == 4


def test_what_goes_well_is_over_and_only_that(store: Store) -> None:
    fail(store)
    fail(store, ref=ticket(2).ref)
    fail(store, ref=renamed(ticket(1), "other").ref)
    with store.write() as db:
        keeping.settle(db, [(REF, None)])
        left = [(one.connection, one.id) for one in quarantine.listed(db, ["desk", "other"])]
    assert left == [("desk", "2"), ("other", "1")]


@pytest.mark.parametrize(
    ("word", "keys"),
    [("sup-1", ["SUP-1"]), ("2", ["SUP-2"]), ("", ["SUP-1", "SUP-2"]), ("SUP-3", [])],
)
def test_a_word_brings_them_back(store: Store, word: str, keys: list[str]) -> None:
    fail(store)
    fail(store, ref=ticket(2).ref)
    with store.write() as db:
        assert quarantine.retry(db, word) == keys
    assert due(store, T0) == [key.removeprefix("SUP-") for key in keys]


def test_purged_tickets_fail_no_more(store: Store) -> None:
    lost = Ref("desk", "SUP-9", "SUP-9")
    fail(store, stage="read", ref=lost)
    with store.write() as db:
        (found,) = purging.named(db, ["sup-9"]).values()
        purging.purge(db, found)
        assert quarantine.listed(db, ["desk"]) == []


def test_another_scope_forgets_what_failed(store: Store) -> None:
    fail(store)
    with store.write() as db:
        keeping.move_cursor(db, "desk", "one", "", "7")
        keeping.begin_anew(db, "desk", "two", T0)
        assert quarantine.listed(db, ["desk"]) == []


# In passes


def test_what_was_unreadable_is_read_again_without_having_changed(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, connector = desk
    connector.spoil("2", "its history is torn")
    tries = [m for m in range(40) if at.run_one(T0 + m * MINUTE).failures]
    assert tries == [0, 1, 6, 36]
    assert failing(at) == [("SUP-2", "read", 4)]
    connector._spoilt.clear()
    assert at.run_one(T0 + 3 * HOUR).written.tickets == 2, "it, and the warning of the other"
    assert failing(at) == []


@pytest.mark.parametrize("met_before", [False, True])
def test_what_could_not_be_read_and_is_gone_fails_no_more(
    desk: tuple[Desk, MemoryConnector], *, met_before: bool
) -> None:
    at, connector = desk
    if met_before:
        at.run()
    connector.spoil("2", "its history is torn")
    at.run(T0 + HOUR)
    assert failing(at) == [("SUP-2", "read", 1)]
    connector.remove("2")
    assert at.run_one(T0 + 2 * HOUR).failures == ()
    assert failing(at) == []
    at.run(BREACH + 1)
    assert {c.ref.id for c in connector.writes if isinstance(c, AddComment)} == {"1"}


def test_what_cannot_be_read_any_more_is_not_said_to_be_breached(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, connector = desk
    at.run()
    connector.spoil("2", "its history is torn")
    at.run(T0 + HOUR)
    at.run(BREACH + 1)
    assert {c.ref.id for c in connector.writes if isinstance(c, AddComment)} == {"1"}


def test_a_refused_field_delays_no_escalation(desk: tuple[Desk, MemoryConnector]) -> None:
    at, connector = desk
    for minute in (0, 1, 6, 36, 156):
        connector.faults.extend([Fault("rejected", "not on the screen")] * 2)
        at.run(T0 + minute * MINUTE)
    assert failing(at) == [("SUP-1", "write", 5), ("SUP-2", "write", 5)]
    connector.faults.clear()
    connector.faults.append(Fault("rejected", "not on the screen"))
    assert at.run_one(WARNING + 1).written.comments == 2


def test_with_a_refused_field_what_must_be_sent_again_is_sent_again(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, connector = desk
    connector.remove("2")
    at.run()
    connector.faults.extend([Fault("rejected"), Fault("retryable")])
    assert at.run_one(WARNING + 1).written.comments == 0
    connector.faults.append(Fault("rejected"))
    assert at.run_one(WARNING + 2).written.comments == 1


def test_a_write_over_which_a_system_breaks_down_again_and_again_is_tried_ever_less(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, connector = desk
    connector.remove("2")
    connector.faults.extend([Fault("doubtful", "Jira answered 500")] * 200)
    tried = []
    for minute in range(120):
        before = len(connector.faults)
        at.run(T0 + minute * MINUTE)
        tried += [minute] * (before - len(connector.faults))
    assert tried == [0, 1, 2, 7, 37, 67, 97]
    with at.store.read() as db:
        assert quarantine.count(db, "desk") == (1, 0)
    connector.faults.clear()
    assert at.run_one(T0 + 127 * MINUTE).written.fields > 0
    assert failing(at) == []


def test_once_one_gets_through_all_that_broke_down_are_tried(
    desk: tuple[Desk, MemoryConnector],
) -> None:
    at, connector = desk
    connector.faults.extend([Fault("doubtful", "Jira answered 500")] * 6)
    for minute in range(3):
        at.run(T0 + minute * MINUTE)
    assert failing(at) == [("SUP-1", "write", 3), ("SUP-2", "write", 3)]
    assert not connector.faults
    assert at.run_one(T0 + 3 * MINUTE).written.tickets == 0
    connector.add_event("1", "assignee", "ada", ADA, Instant(T0 + 4 * MINUTE))
    assert at.run_one(T0 + 4 * MINUTE).written.tickets == 1
    assert at.run_one(T0 + 5 * MINUTE).written.tickets == 1
    assert failing(at) == []


def test_other_policies_bring_everything_back(desk: tuple[Desk, MemoryConnector]) -> None:
    at, connector = desk
    odd = dict(ticket(3).initial) | {"priority": "P9"}
    connector.put(msgspec.structs.replace(ticket(3), initial=odd))
    at.policies = breaking_for("P9")
    at.run()
    assert failing(at) == [("SUP-3", "judge", 1)]
    assert at.run_one(T0 + MINUTE - 1).failures == ()
    at.policies = msgspec.structs.replace(policies(), version="mended")
    assert at.run_one(T0 + MINUTE - 1).written.tickets == 1
    assert failing(at) == []


def test_poison_among_many_slows_no_other(tmp_path: Path) -> None:
    many = [ticket(number) for number in range(1, 201)]
    with desk_over(tmp_path, many) as (at, connector):
        for number in range(1, 201, 100):
            connector.spoil(str(number), "poison")
        for number in range(2, 201, 100):
            connector.add_event(str(number), "priority", "P9", CLEO, T0)
        at.policies = breaking_for("P9")
        report = at.run_one()
        assert (len(report.failures), report.written.tickets) == (4, 196)
        assert at.run_one(T0 + MINUTE - 1).judged == 0


# Whatever goes wrong


def test_verdicts_that_cannot_be_kept_are_found_among_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a value does not fit the database, which is seen when all are written at once."""
    replace = verdicts.replace

    def picky(
        db: Connection,
        connection: str,
        judged: Mapping[Ref, Sequence[Verdict]],
        seal: verdicts.Seal,
    ) -> object:
        if any(ref.key == "SUP-7" for ref in judged):
            raise OverflowError("too large")
        return replace(db, connection, judged, seal)

    monkeypatch.setattr(verdicts, "replace", picky)
    with desk_over(tmp_path, [ticket(number) for number in range(1, 21)]) as (at, _):
        report = at.run_one()
        assert [one.what for one in report.failures] == ["OverflowError: too large"]
        assert (report.judged, report.written.tickets) == (20, 19)
        assert failing(at) == [("SUP-7", "judge", 1)]


def test_a_write_that_cannot_be_prepared_stops_no_other(
    desk: tuple[Desk, MemoryConnector], monkeypatch: pytest.MonkeyPatch
) -> None:
    at, connector = desk
    at.run()
    intend = deeds.intend

    def torn(db: Connection, changes: Sequence[Change], sent_at: Instant) -> object:
        if any(change.ref.id == "1" for change in changes):
            raise ZeroDivisionError("torn")
        return intend(db, changes, sent_at)

    monkeypatch.setattr(deeds, "intend", torn)
    report = at.run_one(WARNING + 1)
    assert report.written.comments == 1
    assert [(one.key, one.code) for one in report.failures] == [("SUP-1", "SLA900")]
    monkeypatch.undo()
    assert at.run_one(WARNING + 1 + MINUTE).written.comments == 1
    assert failing(at) == []
    assert {c.ref.id for c in connector.writes if isinstance(c, AddComment)} == {"1", "2"}


@pytest.mark.parametrize("place", ["judge", "carry_out", "_note_cases"])
def test_a_mistake_of_ours_stops_its_own_connection_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    other = MemoryConnector("other", [renamed(ticket(1), "other")])
    with desk_over(tmp_path, [ticket(1)]) as (at, connector):
        at.connectors = (other, connector)
        real = getattr(passes, place)

        def torn(*given: object, **more: object) -> object:
            if any(getattr(one, "name", "") == "other" for one in given):
                raise ZeroDivisionError("torn")
            return real(*given, **more)

        monkeypatch.setattr(passes, place, torn)
        monkeypatch.setattr(passes, "kinships", lambda _: place == "_note_cases")
        bad, good = at.run().sources
        assert bad.error is not None
        assert (bad.error.code, bad.written.tickets) == ("SLA900", 0)
        assert (good.error, good.written.tickets) == (None, 1)
        with at.store.read() as db:
            assert "ZeroDivisionError" in standing(db, "other").error


def test_a_channel_that_raises_stops_nothing(tmp_path: Path) -> None:
    def send(*_: str) -> bool:
        raise ZeroDivisionError("torn")

    notice = Notify(REF, "k", "duty", "told", Why("w"))
    with open_store(state_at(tmp_path), writer=True) as store:
        channels = Channels({"duty": Channel(lambda: "json://duty")}, send)
        teller = Teller(store, channels, lambda: T0, "v1", "r")
        item = Item(ticket(1), (notice,), None)
        told = teller.tell([(item, Done(ticket(1), ()))], T0)
    ((_, outcome),) = told[REF]
    assert (outcome.kind, outcome.code) == ("doubtful", "SLA900")
