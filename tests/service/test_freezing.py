"""What was said of finished cycles stays said, or is taken back on record and with its cause."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import pytest
from sqlalchemy import select

from connectors.memory import MemoryConnector
from service.record import restatements, zone_data
from service.record.basis import inputs_here
from service.state.schema import BASES, VERDICTS
from sla_engine.inputs import inputs_hash
from sla_engine.model import Event, Gap, Journal, Ticket, Value
from sla_engine.resolving.files import resolve
from sla_engine.terms import Policies
from sla_engine.units import HOUR, Instant
from tests.service.desks import ADA, CLEO, T0, Desk, desk_over, ticket

if TYPE_CHECKING:
    from pathlib import Path

    from service.delivery.outcome import SourceReport

pytestmark = pytest.mark.usefixtures("each_backend")

# T0 is Mon 21 Sep 2026 14:13 UTC.
RULES = """
schema: sla/v1
calendars:
  desk: {tz: UTC, hours: mon-fri 00:00-24:00, day: 24h, holidays: {add: {2026-12-25: Christmas}}}
policies:
  promise: {match: {priority: P2}, calendar: desk, targets: {resolution: 4h}}
publish:
  memory: {fields: {SLA status: state, SLA missed: missed}}
"""
EXCLUSION = """exclusions:
  patch:
    kind: maintenance
    effect: pause
    announced: 0h
    when: {from: 2026-09-21T15:00Z, to: 2026-09-21T16:00Z}
    approved_by: Ada
    reason: patch
"""
DONE, NEXT_DAY = Instant(T0 + 2 * HOUR), Instant(T0 + 24 * HOUR)
JUDGED = Instant(DONE + 60_000)


def rules(*edits: tuple[str, str]) -> Policies:
    text = RULES
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    policies, problems = resolve({"policies.yaml": text})
    assert problems == []
    return policies


def happened(one: Ticket, at: int, field: str, new: Value, actor: object = ADA) -> Ticket:
    """The ticket with one event more, wherever in its history, told of now."""
    event = Event(Instant(at), at, field, None, new, ADA if actor is ADA else CLEO, f"history {at}")
    journal = Journal([*one.journal, event])
    return msgspec.structs.replace(one, journal=journal, updated_at=Instant(one.updated_at + 1))


class Closed(NamedTuple):
    """A desk whose one ticket was resolved within two hours, and judged so."""

    desk: Desk
    connector: MemoryConnector

    def tell(self, change: Callable[[Ticket], Ticket]) -> None:
        self.connector.put(change(self.connector.fetch([ticket(1).ref])[0]))

    def run(self, at: int = NEXT_DAY) -> SourceReport:
        report = self.desk.run_one(at)
        assert report.failures == ()
        assert self.desk.run_one(at).judged == 0
        return report

    @property
    def said(self) -> list[tuple[str, int | None]]:
        """(state, hours) of each verdict, as kept."""
        with self.desk.store.read() as db:
            rows = db.execute(select(VERDICTS).order_by(VERDICTS.c.clock, VERDICTS.c.cycle))
            return [(r.state, r.elapsed if r.elapsed is None else r.elapsed // HOUR) for r in rows]

    @property
    def record(self) -> list[restatements.Restatement]:
        with self.desk.store.read() as db:
            return restatements.of_ticket(db, ticket(1).ref)

    @property
    def field(self) -> object:
        return self.connector.fetch([ticket(1).ref])[0].written.get("SLA status")


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Closed]:
    with desk_over(tmp_path, [ticket(1)]) as (desk, connector):
        desk.policies = rules()
        desk.run(T0)
        connector.now = DONE
        connector.add_event("1", "status_category", "done", ADA)
        one = Closed(desk, connector)
        one.run(JUDGED)
        assert (one.said, one.field, one.record) == ([("met", 2)], "Met", [])
        yield one


def test_a_gap_that_shows_later_takes_nothing_back_and_is_no_rewriting(closed: Closed) -> None:
    gap = Gap("priority", "P2", "Urgent")
    closed.tell(
        lambda one: msgspec.structs.replace(one, gaps=(gap,), updated_at=one.updated_at + 1)
    )
    closed.desk.policies = rules(("policies:\n", f"{EXCLUSION}policies:\n"))
    closed.run()  # a cause to restate it, were it known what to
    assert (closed.said, closed.field, closed.record) == ([("met", 2)], "Met", [])


@pytest.mark.parametrize(
    "edits",
    [
        [("resolution: 4h", "resolution: 1h")],
        [("resolution: 4h", "resolution: {P2: {aim: 30m, limit: 4h}}")],
        [("{priority: P2}", "{priority: P1}")],
        [("  promise:", "  other:")],
        [("mon-fri 00:00-24:00", "mon-fri 15:00-24:00")],
        [("tz: UTC", "tz: Asia/Tokyo"), ("00:00-24:00", "09:00-24:00")],
        [("calendar: desk", "calendar: 24x7"), ("resolution: 4h", "resolution: 1h")],
    ],
    ids=["limit", "aim", "match", "name", "hours", "zone and hours", "calendar"],
)
def test_an_edit_of_the_policies_leaves_what_was_said(
    closed: Closed, edits: list[tuple[str, str]]
) -> None:
    closed.desk.policies = rules(*edits)
    report = closed.run()
    assert (report.restated, report.standing) == (0, 1)
    assert ([one for one in closed.said if one[0] == "met"], closed.record) == ([("met", 2)], [])
    assert closed.field == "Met"


def test_open_clocks_follow_an_edit(closed: Closed) -> None:
    closed.connector.put(ticket(2, Instant(NEXT_DAY - 2 * HOUR)))
    closed.run()
    closed.desk.policies = rules(("resolution: 4h", "resolution: 1h"))
    closed.run()
    assert [state for state, _ in closed.said] == ["met", "breached"]


@pytest.mark.parametrize(
    ("edits", "said", "cause"),
    [
        ([("{2026-12-25", "{2026-09-21: Strike, 2026-12-25")], 0, "calendar desk corrected"),
        (
            [("holidays", "special: {2026-09-21: 15:13-24:00}, holidays")],
            1,
            "calendar desk corrected",
        ),
        (
            [
                ("resolution: 4h", "resolution: 1h"),
                ("{2026-12-25", "{2026-09-21: Strike, 2026-12-25"),
            ],
            0,
            "calendar desk",
        ),
    ],
    ids=["a holiday", "special hours", "a holiday, and an edited limit"],
)
def test_a_dated_correction_restates_it_under_the_promise_of_its_time(
    closed: Closed, edits: list[tuple[str, str]], said: int, cause: str
) -> None:
    closed.desk.policies = rules(*edits)
    report = closed.run()
    assert (report.restated, report.standing) == (1, 0)
    (one,) = closed.record
    assert one.new is not None
    assert (one.at, one.old.elapsed // HOUR, one.new.elapsed // HOUR) == (NEXT_DAY, 2, said)
    assert (one.old.limit, one.new.limit) == (4 * HOUR, 4 * HOUR)
    assert [cause in why.what for why in one.causes] == [True]
    assert closed.said == [("met", said)]


@pytest.mark.parametrize(
    ("section", "cause"),
    [
        (
            "exceptions:\n  - {ticket: SUP-1, extend: 8h, approved_by: Ada, reason: agreed}\n",
            "exception SUP-1 added",
        ),
        (
            EXCLUSION,
            "exclusion patch added",
        ),
    ],
    ids=["exception", "exclusion"],
)
def test_what_is_granted_afterwards_restates_it(closed: Closed, section: str, cause: str) -> None:
    closed.desk.policies = rules(
        ("publish:", f"{section}publish:"), ("resolution: 4h", "resolution: 1h")
    )
    assert closed.run().restated == 1
    (one,) = closed.record
    assert ([why.what for why in one.causes], one.new and one.new.state) == ([cause], "met")


def test_a_calendar_that_the_clock_does_not_use_is_no_cause(closed: Closed) -> None:
    edit = ("policies:", "  spare: mon-fri 09:00-17:00 UTC\npolicies:")
    closed.desk.policies = rules(edit, ("resolution: 4h", "resolution: 1h"))
    assert (closed.run().restated, closed.said) == (0, [("met", 2)])


@pytest.mark.parametrize("edited", [False, True], ids=["", "edited"])
def test_history_that_comes_late_restates_it(closed: Closed, edited: bool) -> None:
    closed.desk.policies = (
        rules(("resolution: 4h", "resolution: 100h")) if edited else closed.desk.policies
    )
    closed.run()
    closed.tell(lambda one: happened(one, T0 + HOUR, "status_category", "done"))
    report = closed.run(NEXT_DAY + HOUR)
    (one,) = closed.record
    assert (report.restated, closed.said) == (1, [("met", 1)])
    (why,) = one.causes
    what, later = f"history {T0 + HOUR}: status_category", Instant(NEXT_DAY + HOUR)
    assert why == restatements.Cause("history", what, Instant(T0 + HOUR), later)
    assert (one.old.limit, one.new and one.new.limit) == (4 * HOUR, 4 * HOUR)


def test_history_that_is_rewritten_restates_it(closed: Closed) -> None:
    later = Event(Instant(DONE + HOUR * 3), 1, "status_category", None, "done", ADA, "history 9")
    closed.tell(
        lambda one: msgspec.structs.replace(
            one, journal=Journal([later]), updated_at=Instant(one.updated_at + 1)
        )
    )
    closed.run()
    (one,) = closed.record
    assert (one.new and one.new.state, [why.kind for why in one.causes]) == ("running", ["history"])
    assert (closed.said, closed.field) == ([("breached", 5)], "Missed")


def test_an_answer_that_is_deleted_is_taken_back_on_record(closed: Closed) -> None:
    closed.desk.policies = rules(("{resolution: 4h}", "{first_response: 4h}"))
    closed.tell(lambda one: happened(one, T0 + HOUR, "comment", "public"))
    closed.run(JUDGED + HOUR)
    assert ("met", 1) in closed.said
    closed.tell(
        lambda one: msgspec.structs.replace(
            one,
            journal=Journal([event for event in one.journal if event.field != "comment"]),
            updated_at=Instant(one.updated_at + 1),
        )
    )
    closed.run()
    (one,) = (one for one in closed.record if one.clock == "first_response")
    assert one.new is not None
    assert (one.old.elapsed, one.new.elapsed) == (HOUR, 2 * HOUR)  # the resolution ended it
    assert [why.kind for why in one.causes] == ["history"]


def test_what_happens_afterwards_is_no_restatement(closed: Closed) -> None:
    closed.tell(lambda one: happened(one, JUDGED + HOUR, "status_category", "new"))
    closed.run()
    assert (closed.said, closed.record) == ([("breached", None)], [])
    closed.tell(lambda one: happened(one, NEXT_DAY + HOUR, "status_category", "done"))
    closed.run(NEXT_DAY + 2 * HOUR)
    assert ([state for state, _ in closed.said], closed.record) == (["breached"], [])


def test_late_history_that_changes_no_figure_is_no_restatement(closed: Closed) -> None:
    closed.tell(lambda one: happened(one, T0 + HOUR, "comment", "internal"))
    report = closed.run()
    assert (report.judged, report.restated, closed.record) == (1, 0, [])


def test_a_history_that_can_no_longer_be_read_whole_changes_nothing(closed: Closed) -> None:
    closed.tell(
        lambda one: msgspec.structs.replace(
            one, incomplete="no permission", updated_at=Instant(one.updated_at + 1)
        )
    )
    closed.run()
    assert (closed.said, closed.record, closed.field) == ([("met", 2)], [], "Met")


def test_other_time_zone_data_are_a_cause(closed: Closed, monkeypatch: pytest.MonkeyPatch) -> None:
    closed.desk.policies = rules()
    newer = msgspec.structs.replace(inputs_here(closed.desk.policies).data, tzdata="2099z")
    found = msgspec.structs.replace(inputs_here(closed.desk.policies), data=newer)
    closed.desk.policies.__dict__["inputs"] = found
    with closed.desk.store.write() as db:  # as if the old data had made it three hours
        db.execute(VERDICTS.update().values(elapsed=3 * HOUR))
    closed.tell(
        lambda one: msgspec.structs.replace(one, title="x", updated_at=Instant(one.updated_at + 1))
    )
    closed.run()
    (one,) = closed.record
    assert one.causes == (
        restatements.Cause("tzdata", f"time zone data {zone_data.tzdata_version()} → 2099z"),
    )
    assert (one.old.elapsed, closed.said) == (3 * HOUR, [("met", 2)])


def test_another_scope_keeps_what_was_said(closed: Closed) -> None:
    closed.desk.scope = "other fields"
    renamed = {"category": "done", **ticket(1).initial}
    closed.tell(
        lambda one: msgspec.structs.replace(
            one, initial=renamed, journal=Journal(), updated_at=Instant(one.updated_at + 1)
        )
    )
    report = closed.run()
    assert (report.restated, report.standing, closed.said) == (0, 1, [("met", 2)])


def test_a_restated_verdict_is_frozen_anew(closed: Closed) -> None:
    closed.desk.policies = rules(
        ("resolution: 4h", "resolution: 1h"), ("{2026-12-25", "{2026-09-21: Strike, 2026-12-25")
    )
    closed.run()
    closed.desk.policies = rules(
        ("resolution: 4h", "resolution: 2h"), ("{2026-12-25", "{2026-09-21: Strike, 2026-12-25")
    )
    report = closed.run(NEXT_DAY + HOUR)
    assert (report.restated, report.standing, len(closed.record)) == (0, 1, 1)
    closed.desk.policies = rules()
    closed.run(NEXT_DAY + 2 * HOUR)
    assert [one.new and one.new.elapsed for one in closed.record] == [0, 2 * HOUR]
    assert (closed.said, closed.record[-1].old.limit) == ([("met", 2)], 4 * HOUR)


def test_the_texts_of_policies_are_kept_once(closed: Closed) -> None:
    for edit in (
        ("resolution: 4h", "resolution: 3h"),
        ("resolution: 4h", "resolution: 3h"),
        ("resolution: 4h", "resolution: 5h"),
    ):
        closed.desk.policies = rules(edit)
        closed.run()
    with closed.desk.store.read() as db:
        assert len(db.execute(select(BASES)).all()) == 3


def test_the_same_inputs_have_the_same_hash_on_any_machine() -> None:
    one = ticket(1)
    for at, word in ((T0 + 5, "P1"), (T0 + 7, "P2")):
        one = happened(one, at, "priority", word)
    turned = msgspec.structs.replace(
        one, initial=dict(reversed([*one.initial.items()])), journal=Journal(reversed(one.journal))
    )
    assert inputs_hash(one, Instant(T0 + 9), "a") == inputs_hash(turned, Instant(T0 + 9), "a")
    text = "\n\n# other words, the same meaning\n".join(RULES.split("\n", 2))
    there = resolve({"elsewhere.yaml": text})[0]
    assert inputs_here(there).hash == inputs_here(rules()).hash
    program = (
        "from service.record.basis import inputs_here;"
        "from tests.service.test_freezing import rules;"
        "print(inputs_here(rules()).hash)"
    )
    told = {
        subprocess.run(  # our own words
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert told == {f"{inputs_here(rules()).hash}\n".encode()}


@pytest.mark.parametrize(
    "other",
    [
        happened(ticket(1), T0 + 5, "priority", "P1"),
        msgspec.structs.replace(ticket(1), initial={"priority": "P1"}),
        msgspec.structs.replace(ticket(1), created_at=Instant(T0 - 1)),
        msgspec.structs.replace(ticket(1), incomplete="cut"),
    ],
    ids=["an event", "a first value", "the creation", "holes"],
)
def test_any_other_history_has_another_hash(other: Ticket) -> None:
    assert inputs_hash(other, NEXT_DAY, "a") != inputs_hash(ticket(1), NEXT_DAY, "a")
    assert inputs_hash(ticket(1), NEXT_DAY, "a") != inputs_hash(ticket(1), NEXT_DAY, "b")


def test_what_has_not_happened_yet_is_no_input() -> None:
    later = happened(ticket(1), T0 + 5, "priority", "P1")
    assert inputs_hash(later, Instant(T0 + 4), "a") == inputs_hash(ticket(1), T0, "a")
