"""Compiled policies: values fall into classes, and nobody can tell by the answers."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_engine import slots, tables
from sla_engine.evaluate import compiled, evaluate
from sla_engine.model import Actor, Ticket, Value
from sla_engine.terms import Policies
from sla_engine.units import HOUR, Instant
from tests.engine.desk import (
    BOT,
    CUSTOMER,
    OTHER,
    RICH,
    STAFF,
    WAITING,
    at,
    histories,
    policies,
    ticket,
)


def fresh(used: Policies) -> Policies:
    """The same policies, with tables that have met nothing yet."""
    return msgspec.structs.replace(used)


@settings(max_examples=30)
@given(st.lists(histories, min_size=2, max_size=4), st.integers(0, 30 * 24 * HOUR))
def test_what_was_met_before_changes_no_answer(tickets: list[Ticket], gap: int) -> None:
    now = Instant(at("09:00") + gap)
    used = fresh(RICH)
    for met in tickets:
        evaluate(used, met, now)
    assert [evaluate(used, t, now) for t in tickets] == [
        evaluate(fresh(RICH), t, now) for t in tickets
    ]


PAUSED = """
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    pause: %s
    targets: {resolution: 4h}
"""


@pytest.mark.parametrize(
    ("pause", "field", "reasons"),
    [
        pytest.param(
            "{status: [Waiting for vendor, Waiting for customer]}",
            "status",
            {"Waiting for vendor": "Waiting for vendor",
             "Waiting for customer": "Waiting for customer"},
            id="values of one list",
        ),
        pytest.param(
            '{status: {matches: "Waiting*"}}',
            "status",
            {"Waiting for vendor": "Waiting for vendor", "Waiting": "Waiting"},
            id="values of one pattern",
        ),
        pytest.param(
            "{status: {not: [Open, In Progress]}}",
            "status",
            {"Parked": "Parked", "Pending": "Pending"},
            id="values that are not excluded",
        ),
        pytest.param(
            "{labels: [freeze, legal]}",
            "labels",
            {("freeze", "a"): "freeze", ("b", "legal"): "legal", ("legal", "freeze"):
             "legal, freeze"},
            id="of several values those that count",
        ),
        pytest.param(
            "{due: {set: true}}",
            "due",
            {"2026-12-01": "due", "2026-12-02": "due"},
            id="no value counts, only that there is one",
        ),
        pytest.param(
            "{due: {set: false}}", "due", {None: ""}, id="what is empty has no words"
        ),
        pytest.param(
            "{labels: {not: [muted]}}", "labels", {("x", "y"): "labels"}, id="several not excluded"
        ),
        pytest.param("{impact: {gte: 2}}", "impact", {"2": "impact", "3": "impact"}, id="numbers"),
        pytest.param(
            "{status: [Parked], labels: {not: [muted]}, tier: {not: gold}, type: {set: true}}",
            "status",
            {"Parked": "Parked"},
            id="what is merely not excluded is no reason beside others",
        ),
        pytest.param(
            "{any: [{status: Parked}, {labels: freeze}, {type: {matches: P*}}]}",
            "status",
            {"Parked": "Parked · freeze", "Open": "freeze"},
            id="several conditions",
        ),
    ],
)  # fmt: skip
def test_a_pause_is_told_by_its_own_value(
    pause: str, field: str, reasons: dict[Value, str]
) -> None:
    """Values that pause alike are of one class; they are not alike to whoever reads why."""
    for order in (list(reasons), list(reasons)[::-1]):
        terms = policies(PAUSED % pause)
        for value in order:
            waiting = ticket(
                "09:00", **{"labels": ("freeze",), "tier": "none", "type": "Task", field: value}
            )
            (verdict,) = evaluate(terms, waiting, at("10:00"))
            assert verdict.state == "paused"
            assert verdict.spans[0].reason == reasons[value]


def test_the_same_word_twice_is_said_once() -> None:
    terms = policies(PAUSED % "{any: [{status: Parked}, {type: Parked}]}")
    (verdict,) = evaluate(terms, ticket(status="Parked", type="Parked"), at("10:00"))
    assert verdict.spans[0].reason == "Parked"
    (verdict,) = evaluate(
        policies(PAUSED % "{all: [{status: Parked}, {type: Task}]}"),
        ticket(status="Parked", type="Task"),
        at("10:00"),
    )
    assert verdict.spans[0].reason == "Parked · Task"


EVENTS = """
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    clocks: {c: {start: %s, stop: {status: Done}, cycles: every}}
    targets: {c: 4h}
"""


@pytest.mark.parametrize(
    ("start", "starting", "not_starting"),
    [
        pytest.param(
            "{assigned: true}",
            [(STAFF, {"assignee": "bob"}), (BOT, {"assignee": "bob"})],
            [(STAFF, {"assignee": None}), (STAFF, {"team": "x"}), (STAFF, {"status": "Done"})],
            id="given to a person",
        ),
        pytest.param(
            "{assignee: {changed: true}}",
            [(STAFF, {"assignee": "bob"}), (STAFF, {"assignee": None})],
            [(STAFF, {"team": "x"}), (STAFF, {"comment": "public"})],
            id="the assignee changed",
        ),
        pytest.param(
            "{all: [{assigned: true}, {assignee: {changed: true}}]}",
            [(STAFF, {"assignee": "bob"})],
            [(STAFF, {"assignee": None})],
            id="both of these",
        ),
        pytest.param(
            "{team: {changed: true}}",
            [(STAFF, {"team": "x"}), (STAFF, {"team": None}), (BOT, {"status": "x", "team": "y"})],
            [(STAFF, {"status": "x"}), (STAFF, {"assignee": "bob"})],
            id="the team changed",
        ),
        pytest.param(
            "{requester: {changed: true}}", [(STAFF, {"requester": "x"})], [], id="the requester"
        ),
        pytest.param(
            "{comment: public, by: staff}",
            [(STAFF, {"comment": "public"}), (OTHER, {"comment": "public", "team": "x"})],
            [(STAFF, {"comment": "internal"}), (CUSTOMER, {"comment": "public"}),
             (BOT, {"comment": "public"})],
            id="a public word of staff",
        ),
        pytest.param(
            "{comment: any}",
            [(STAFF, {"comment": "internal"}), (CUSTOMER, {"comment": "public"}),
             *((Actor("x", kind=kind), {"comment": "public"}) for kind in ("customer", "vendor"))],
            [(BOT, {"comment": "public"}), (STAFF, {"status": "x"}),
             *((Actor("x", kind=kind), {"comment": "public"}) for kind in ("ai", "self"))],
            id="a word of any person",
        ),
        pytest.param(
            "{comment: any, by: bot}",
            [(BOT, {"comment": "internal"})],
            [(STAFF, {"comment": "internal"})],
            id="a word of a bot",
        ),
        pytest.param(
            "{comment: public, by: requester}",
            [(CUSTOMER, {"comment": "public"})],
            [(STAFF, {"comment": "public"})],
            id="a word of the requester",
        ),
        pytest.param(
            "{comment: public, by: customer}",
            [(CUSTOMER, {"comment": "public"})],
            [(STAFF, {"comment": "public"})],
            id="the requester is a customer",
        ),
        pytest.param(
            "{comment: internal, by: [ai, staff]}",
            [(OTHER, {"comment": "internal"})],
            [(OTHER, {"comment": "public"})],
            id="one of several",
        ),
    ],
)  # fmt: skip
def test_events_are_told_apart(
    start: str, starting: list[object], not_starting: list[object]
) -> None:
    terms = policies(EVENTS % start)
    for step in starting:
        told = evaluate(terms, ticket("09:00", ("10:00", *step)), at("12:00"))  # type: ignore[misc]  # pairs, as in the table
        assert [v.started_at for v in told] == [at("10:00")], step
    for step in not_starting:
        told = evaluate(terms, ticket("09:00", ("10:00", *step)), at("12:00"))  # type: ignore[misc]  # as above
        assert told == (), step


def test_what_is_forgotten_is_met_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that overflow are emptied, and nobody can tell but by the memory they take."""
    known = [ticket("09:00", ("10:00", STAFF, {"status": f"s{n % 5}", "tier": f"t{n}"}),
                    ("10:30", STAFF, WAITING), ("10:40", CUSTOMER, {"comment": "public"}),
                    priority=f"P{n % 4}", tier="gold") for n in range(12)]  # fmt: skip
    terms = policies(ACTORS)
    expected = [evaluate(fresh(terms), t, at("12:00")) for t in known]
    monkeypatch.setattr(tables, "MOST", 3)
    monkeypatch.setattr(slots, "MOST", 3)
    small = fresh(terms)
    compiled_tables, decisions = compiled(small)
    for _ in range(3):
        assert [evaluate(small, t, at("12:00")) for t in known] == expected
        assert len(compiled_tables._states) < 12
        assert len(compiled_tables._kinds) <= 4
        assert all(len(slot._classes) <= 4 for slot in compiled_tables.slots)
        assert len(decisions._nodes) < 12
    assert compiled_tables.generation > 1


TIED = """
policies:
  one: {match: {project: SUP}, calendar: 24x7, targets: {resolution: {P1: 1h, P2: 2h, P3: none}}}
  two:
    rank: 99
    match: {project: SUP}
    calendar: 24x7
    targets: {resolution: {P1: 2h, P2: 1h, P3: 9h, P4: none}}
"""


@pytest.mark.parametrize("backwards", [False, True])
def test_of_equal_ranks_the_stricter_has_the_clock_whatever_their_order(backwards: bool) -> None:
    loaded = policies(TIED)
    tied = tuple(msgspec.structs.replace(policy, rank=7) for policy in loaded.policies)
    terms = msgspec.structs.replace(loaded, policies=tied[::-1] if backwards else tied)
    owners = {
        priority: [v.policy for v in evaluate(terms, ticket(priority=priority), at("09:30"))]
        for priority in ("P1", "P2", "P3")
    }
    assert owners == {"P1": ["one"], "P2": ["two"], "P3": ["two"]}


ACTORS = """
actors: {staff: [ada], bots: ["svc-*"]}
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    pause: {while: {status: [Waiting for customer, s1, s2]}, until: requester_replies}
    targets: {resolution: {P1: 1h, P2: 2h, default: 4h}, first_response: 1h}
"""


def test_people_are_who_the_policies_say_each_time() -> None:
    terms = policies(ACTORS)
    for _ in range(2):
        for who, answers in ((STAFF, True), (OTHER, True), (BOT, False), (CUSTOMER, False)):
            said = ticket("09:00", ("09:10", who, {"comment": "public"}))
            first = evaluate(terms, said, at("09:30"))[-1]
            assert (first.clock, first.state == "met") == ("first_response", answers)
        named = msgspec.structs.replace(STAFF, id="svc-ada", name="")
        said = ticket("09:00", ("09:10", named, {"comment": "public"}))
        assert evaluate(terms, said, at("09:30"))[-1].state == "running"


def test_where_no_calendar_is_chosen_the_clock_runs_day_and_night() -> None:
    terms = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: {by: priority, P1: mon-fri 09:00-17:00 UTC}
    targets: {resolution: 99h}
""")
    elapsed = {
        priority: evaluate(terms, ticket(priority=priority), at("20:00"))[0].elapsed // HOUR
        for priority in ("P1", "P2")
    }
    assert elapsed == {"P1": 8, "P2": 11}
