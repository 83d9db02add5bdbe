"""What of a plan still holds: case by case."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import pytest

from service.delivery.deeds import DeedState
from service.errands.plan_file import PlannedTicket, judged_on
from service.errands.staleness import joined, look
from sla_engine.changes import AddComment, Assign, Change, SetFields, Why
from sla_engine.model import Actor, At, Event, FieldValue, Journal, Ticket
from sla_engine.units import Instant
from tests.service.desks import ADA, T0, ticket

WHY = Why("promise: resolution")
WAS = msgspec.structs.replace(ticket(1), written={"SLA status": "At risk", "SLA due": At(T0)})
REF = WAS.ref
STATUS = SetFields(REF, (("SLA status", "Breached"),), WHY)
SUMMARY = SetFields(REF, (("SLA summary", "late"),), WHY)
BOTH = SetFields(REF, STATUS.fields + SUMMARY.fields, WHY)
COMMENT = AddComment(REF, "p.resolution#1:breach", ("late",), WHY)
ASSIGN = Assign(REF, "p.resolution#1:breach:assign:tier2", "tier2", WHY)
ALL: tuple[Change, ...] = (BOTH, COMMENT, ASSIGN)
UNTIL = Instant(T0 + 60_000)
PLANNED = PlannedTicket(
    REF, judged_on(WAS), {"SLA status": "At risk", "SLA summary": None}, ALL, UNTIL
)


def now_says(**fields: FieldValue) -> Ticket:
    shown = {name.replace("_", " "): value for name, value in fields.items()}
    return msgspec.structs.replace(WAS, written={**WAS.written, **shown})


def after(field: str, new: str, actor: Actor = ADA) -> Ticket:
    event = Event(Instant(T0 + 1), 1, field, None, new, actor, "history 1")
    return msgspec.structs.replace(WAS, journal=Journal([event]))


class Case(NamedTuple):
    ticket: Ticket | None
    deeds: dict[str, DeedState]
    going: tuple[Change, ...]
    left: set[tuple[str, str]]  # fate, why
    now: int = T0 + 1


CASES = {
    "nothing happened": Case(WAS, {}, ALL, set()),
    "gone": Case(None, {}, (), {("stale", "the ticket is gone or hidden from us")}),
    "people moved it": Case(
        after("status", "Done"), {}, (), {("stale", "Ada Lovelake set status to Done since")}
    ),
    "people commented": Case(
        after("comment", "public"), {}, (), {("stale", "Ada Lovelake commented since")}
    ),
    "somebody without a name": Case(
        after("team", "x", Actor("")), {}, (), {("stale", "somebody set team to x since")}
    ),
    "changed without a trace": Case(
        msgspec.structs.replace(WAS, initial={"priority": "P1"}),
        {},
        (),
        {("stale", "the ticket changed since")},
    ),
    "we ourselves did something": Case(
        after("labels", "sla", Actor("sla", "", "self")), {}, ALL, set()
    ),
    "only its stamp moved": Case(
        msgspec.structs.replace(WAS, updated_at=Instant(T0 + 9), title="new"), {}, ALL, set()
    ),
    "made for tomorrow": Case(
        WAS, {}, (), {("stale", "the plan is of a time that has not come")}, T0 - 1
    ),
    "one instant before the next step": Case(WAS, {}, ALL, set(), UNTIL - 1),
    "the next step is reached": Case(
        WAS, {}, (), {("stale", "a clock reached its next step since")}, UNTIL
    ),
    "people changed a field": Case(
        now_says(SLA_status="Met"),
        {},
        (SUMMARY, COMMENT, ASSIGN),
        {("stale", "the field says something else by now")},
    ),
    "people cleared a field": Case(
        now_says(SLA_status=None),
        {},
        (SUMMARY, COMMENT, ASSIGN),
        {("stale", "the field says something else by now")},
    ),
    "an empty text is an empty field": Case(now_says(SLA_summary=""), {}, ALL, set()),
    "a field of ours that is not planned": Case(now_says(SLA_due=None), {}, ALL, set()),
    "one field stands already": Case(
        now_says(SLA_status="Breached"),
        {},
        (SUMMARY, COMMENT, ASSIGN),
        {("done", "stands there already")},
    ),
    "the comment is there": Case(
        msgspec.structs.replace(WAS, marks=frozenset({COMMENT.key})),
        {},
        (BOTH, ASSIGN),
        {("done", "done already")},
    ),
    "the deed is known to be done": Case(
        WAS, {ASSIGN.key: "done"}, (BOTH, COMMENT), {("done", "done already")}
    ),
    "left out before": Case(
        WAS, {ASSIGN.key: "skipped"}, (BOTH, COMMENT), {("done", "left out on purpose")}
    ),
    "refused before": Case(
        WAS, {ASSIGN.key: "dead"}, (BOTH, COMMENT), {("stale", "the system refused it before")}
    ),
    "in doubt": Case(
        WAS,
        {COMMENT.key: "sending"},
        (BOTH, ASSIGN),
        {("doubt", "begun before, and not seen yet: the next pass or apply reads it back")},
    ),
    "a deed of another ticket's step": Case(WAS, {"p.resolution#2:breach": "done"}, ALL, set()),
    "all of it stands, though people went on": Case(
        msgspec.structs.replace(
            after("status", "Done"),
            written={"SLA status": "Breached", "SLA summary": "late"},
            marks=frozenset({COMMENT.key}),
        ),
        {ASSIGN.key: "done"},
        (),
        {("done", "stands there already"), ("done", "done already")},
        UNTIL,
    ),
    "half of it stands and people went on": Case(
        msgspec.structs.replace(after("status", "Done"), written={"SLA status": "Breached"}),
        {},
        (),
        {
            ("done", "stands there already"),
            ("stale", "Ada Lovelake set status to Done since"),
        },
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_still_holds(case: Case) -> None:
    found = look(PLANNED, case.ticket, case.deeds, T0, Instant(case.now))
    assert found.going == case.going
    assert {(one.fate, one.why) for one in found.left} == case.left
    parts = {str(part) for change in (*found.going, *(x.change for x in found.left))
             for part in _singles(change)}  # fmt: skip
    assert parts == {str(part) for change in ALL for part in _singles(change)}, (
        "all is accounted for"
    )


def _singles(change: Change) -> list[object]:
    return list(change.fields) if isinstance(change, SetFields) else [change]


def test_fields_are_joined_to_one_request() -> None:
    assert joined([COMMENT, STATUS, ASSIGN, SUMMARY]) == (BOTH, COMMENT, ASSIGN)
    assert joined([]) == ()
