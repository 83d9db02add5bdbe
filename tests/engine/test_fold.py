"""A journal folded: atomic steps, settling, who speaks, and policies that come later."""

from __future__ import annotations

import msgspec
import pytest

from sla_engine.evaluate import compiled
from sla_engine.fold import by_staff_for_another, fields_at
from sla_engine.model import NOBODY, Actor, Event, Journal, Ticket, Value, Verdict
from sla_engine.units import HOUR, MINUTE, Instant
from tests.engine.desk import (
    BOT,
    CUSTOMER,
    DONE,
    OPEN,
    OTHER,
    STAFF,
    WAITING,
    at,
    only,
    policies,
    ticket,
    told,
)

SAID: dict[str, Value] = {"comment": "public"}
REPLY = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    pause: {while: {status: Waiting for customer}, until: {comment: public, by: customer}}
    targets: {resolution: 8h}
""")


def of(*events: tuple[str, str, Value, Actor, str]) -> Ticket:
    """A ticket whose events are (when, field, value, who, source), in this order."""
    journal = Journal(
        Event(at(when), number, field, None, value, who, source)
        for number, (when, field, value, who, source) in enumerate(events)
    )
    return msgspec.structs.replace(ticket("09:00"), journal=journal)


@pytest.mark.parametrize("reply_first", [True, False])
def test_a_comment_in_the_step_that_begins_a_pause_does_not_end_it(reply_first: bool) -> None:
    status = ("10:00", "status", "Waiting for customer", CUSTOMER, "history 1")
    reply = ("10:00", "comment", "public", CUSTOMER, "history 1")
    order = (reply, status) if reply_first else (status, reply)
    verdict = only(REPLY, of(*order), "12:00")
    assert (verdict.state, verdict.elapsed) == ("paused", HOUR)
    later = of(*order, ("11:00", "comment", "public", CUSTOMER, "comment 2"))
    assert only(REPLY, later, "12:00").elapsed == 2 * HOUR


def test_the_same_in_two_steps_ends_it() -> None:
    two = of(
        ("10:00", "status", "Waiting for customer", STAFF, "history 1"),
        ("10:00", "comment", "public", CUSTOMER, "comment 1"),
    )
    verdict = only(REPLY, two, "12:00")
    assert (verdict.state, verdict.elapsed) == ("running", 3 * HOUR)
    assert verdict.spans[-1].reason == "customer replied"


def test_fields_of_one_step_are_seen_together_only() -> None:
    """Project and status change together: nobody sees the new status in the old project."""
    loaded = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    targets: {resolution: 8h}
""")
    together = of(
        ("10:00", "status_category", "done", STAFF, "history 1"),
        ("10:00", "project", "ELSEWHERE", STAFF, "history 1"),
    )
    assert only(loaded, together, "12:00").state == "cancelled"
    apart = of(
        ("10:00", "status_category", "done", STAFF, "history 1"),
        ("10:00", "project", "ELSEWHERE", STAFF, "history 2"),
    )
    assert only(loaded, apart, "12:00").state == "met"


def test_a_step_that_ends_where_it_began_is_nothing() -> None:
    there_and_back = of(
        ("10:00", "status", "Waiting for customer", STAFF, "history 1"),
        ("10:00", "status", "Open", STAFF, "history 1"),
    )
    assert len(only(REPLY, there_and_back, "12:00").spans) == 1


def test_an_event_is_news_for_one_step_only() -> None:
    loaded = policies("""
policies:
  p: {match: {project: SUP}, calendar: 24x7, targets: {update: 8h}}
""")
    history = of(
        ("10:00", "comment", "public", STAFF, "comment 1"),
        ("11:00", "status", "In Progress", STAFF, "history 1"),
        ("12:00", "comment", "internal", STAFF, "comment 2"),
        ("13:00", "comment", "public", STAFF, "comment 3"),
        ("14:00", "comment", "public", OTHER, "comment 4"),
    )
    assert [v.started_at for v in told(loaded, history, "15:00")] == [
        at("09:00"), at("10:00"), at("13:00"), at("14:00"),
    ]  # fmt: skip


def test_two_words_in_one_step_are_both_heard() -> None:
    loaded = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    clocks: {c: {start: created, stop: {all: [{assigned: true}, {comment: public, by: staff}]}}}
    targets: {c: 8h}
""")
    step: dict[str, Value] = {"assignee": "ada", "comment": "public"}
    assert only(loaded, ticket("09:00", ("10:00", STAFF, step)), "12:00").state == "met"
    apart = ticket("09:00", ("10:00", STAFF, SAID), ("10:00", STAFF, {"assignee": "ada"}))
    assert only(loaded, apart, "12:00").state == "running"
    other = ticket("09:00", ("10:00", CUSTOMER, step))
    assert only(loaded, other, "12:00").state == "running"


def test_assigned_from_the_creation_is_acknowledged_at_once() -> None:
    loaded = policies("""
policies:
  p: {match: {project: SUP}, calendar: 24x7, targets: {acknowledge: 1h}}
""")
    verdict = only(loaded, ticket("09:00", assignee="ada"), "12:00")
    assert (verdict.state, verdict.elapsed, verdict.flags) == ("met", 0, ("instant",))
    assert only(loaded, ticket("09:00", assignee=None), "12:00").state == "breached"


# who speaks

ANSWERS = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    targets: {first_response: 8h, next_response: 8h}
""")


def test_whoever_is_the_requester_then_speaks_for_the_customer() -> None:
    history = ticket(
        "09:00",
        ("10:00", OTHER, SAID),  # the requester, staff as well
        ("11:00", STAFF, {"requester": "ada"}),
        ("12:00", STAFF, SAID),  # the requester now
        ("13:00", OTHER, SAID),  # not any more
        requester="bob",
    )
    verdict = only(ANSWERS, history, "14:00", "first_response")
    assert (verdict.state, verdict.stopped_at) == ("met", at("13:00"))


@pytest.mark.parametrize("kind", ["bot", "ai", "self"])
def test_machines_are_nobody_even_as_the_requester(kind: str) -> None:
    machine = msgspec.structs.replace(BOT, kind=kind)
    history = ticket("09:00", ("09:10", STAFF, SAID), ("09:20", machine, SAID),
                     requester=machine.id)  # fmt: skip
    assert told(ANSWERS, history, "12:00", "next_response") == []


@pytest.mark.parametrize("kind", ["unknown", "customer", "vendor", "staff"])
def test_people_are_the_requester_whatever_else_they_are(kind: str) -> None:
    person = Actor("eve", kind=kind)  # type: ignore[arg-type]  # all four are kinds
    history = ticket("09:00", ("09:10", OTHER, SAID), ("09:20", person, SAID), requester="eve")
    assert len(told(ANSWERS, history, "12:00", "next_response")) == 1


def test_nobody_is_not_the_requester_of_a_ticket_without_one() -> None:
    history = ticket("09:00", ("09:10", STAFF, SAID), ("09:20", NOBODY, SAID), requester="")
    assert told(ANSWERS, history, "12:00", "next_response") == []


def test_staff_opened_it_for_another() -> None:
    tables = compiled(ANSWERS)[0]

    def opened(creator: Actor, requester: str | None) -> bool:
        whole = ticket("09:00", requester=requester)
        return by_staff_for_another(tables, msgspec.structs.replace(whole, created_by=creator))

    assert opened(STAFF, "cleo")
    assert opened(STAFF, None)
    assert not opened(STAFF, "ada")
    assert not opened(CUSTOMER, "bob")
    assert not opened(NOBODY, "cleo")
    assert not opened(BOT, "cleo")


def test_only_a_first_response_waits_for_the_customers_word() -> None:
    loaded = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    clocks: {answer: {preset: first_response, start: created}}
    targets: {first_response: 8h, answer: 8h, resolution: 8h}
""")
    opened = msgspec.structs.replace(
        ticket("09:00", ("09:30", CUSTOMER, {"comment": "internal"})), created_by=STAFF
    )
    assert [v.clock for v in told(loaded, opened, "10:00")] == ["answer", "resolution"]


# settling

SETTLING = policies("""
policies:
  quick:
    match: {project: SUP, tier: gold}
    calendar: 24x7
    settle: 5m
    targets: {resolution: {P1: 1h, default: 8h}}
  slow:
    rank: 200
    match: {project: SUP}
    calendar: {by: region, DESK: mon-fri 10:00-18:00 UTC, default: 24x7}
    settle: 30m
    targets: {resolution: 8h}
""")


def settled(*steps: tuple[str, dict[str, Value]], now: str = "10:00") -> list[Verdict]:
    history = ticket("09:00", *[(when, STAFF, change) for when, change in steps], tier="gold",
                     priority="P2")  # fmt: skip
    return told(msgspec.structs.replace(SETTLING), history, now)  # whose tables know nothing yet


@pytest.mark.parametrize(
    ("when", "limits"),
    [
        ("09:00", [HOUR]),
        ("09:04", [HOUR]),
        ("09:05", [HOUR]),
        ("09:06", [8 * HOUR, HOUR]),
    ],
)
def test_what_settles_counts_from_the_start_and_nothing_later_does(
    when: str, limits: list[int]
) -> None:
    (verdict,) = settled((when, {"priority": "P1"}), now="09:30")
    assert [span.limit for span in verdict.spans] == limits


def test_the_last_word_of_the_settling_time_counts() -> None:
    (verdict,) = settled(("09:01", {"priority": "P1"}), ("09:02", {"priority": "P3"}))
    assert [span.limit for span in verdict.spans] == [8 * HOUR]
    (verdict,) = settled(("09:02", {"priority": "P3"}), ("09:03", {"priority": "P1"}))
    assert [span.limit for span in verdict.spans] == [HOUR]


def test_each_policy_settles_in_its_own_time() -> None:
    """The tier is settled for the quick policy after 5 min, the region for the slow after 30."""
    verdicts = settled(("09:04", {"tier": "silver"}), ("09:20", {"region": "DESK"}), now="11:00")
    assert [(v.policy, v.elapsed, len(v.spans)) for v in verdicts] == [("slow", HOUR, 1)]
    verdicts = settled(("09:20", {"tier": "silver"}), ("09:31", {"region": "DESK"}), now="11:00")
    assert [(v.policy, v.state, v.elapsed, len(v.spans)) for v in verdicts] == [
        ("quick", "cancelled", 20 * MINUTE, 1),
        ("slow", "running", 91 * MINUTE, 2),
    ]


def test_before_it_is_known_it_does_not_count() -> None:
    early = settled(("09:04", {"priority": "P1"}), now="09:03")
    assert [v.limit for v in early] == [8 * HOUR]
    assert early[0].next_at == at("09:04")


def test_what_stops_or_pauses_never_settles() -> None:
    loaded = policies("""
policies:
  p:
    match: {project: SUP, status: {not: Spam}}
    calendar: 24x7
    settle: 5m
    pause: {status: Waiting for customer}
    targets: {resolution: {by: status_category, new: 1h, default: 8h}}
""")
    waited = ticket("09:00", ("09:03", STAFF, WAITING), ("09:04", STAFF, OPEN))
    assert only(loaded, waited, "10:00").elapsed == 59 * MINUTE
    done = ticket("09:00", ("09:03", STAFF, DONE))
    verdict = only(loaded, done, "10:00")
    assert (verdict.elapsed, verdict.stopped_at) == (3 * MINUTE, at("09:03"))
    assert verdict.limit == HOUR


def test_a_comment_while_settling_happens_in_its_own_time() -> None:
    loaded = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    settle: 5m
    targets: {first_response: {P1: 1h, default: 8h}, acknowledge: {P1: 1h, default: 8h}}
""")
    history = ticket("09:00", ("09:02", STAFF, {"priority": "P1", "comment": "public"}),
                     ("09:03", STAFF, {"assignee": "ada"}))  # fmt: skip
    verdicts = told(loaded, history, "12:00")
    assert [(v.stopped_at, v.limit) for v in verdicts] == [(at("09:02"), HOUR)] * 2


def test_a_change_while_settling_is_news_in_its_own_time() -> None:
    loaded = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    settle: 5m
    clocks: {c: {start: {priority: {changed: true}}, stop: {status_category: done}}}
    targets: {c: {P1: 1h, default: 8h}}
""")
    verdict = only(loaded, ticket("09:00", ("09:02", STAFF, {"priority": "P1"})), "09:30")
    assert (verdict.started_at, verdict.limit) == (at("09:02"), HOUR)


def test_events_dated_before_the_creation_count_as_of_it() -> None:
    for loaded in (SETTLING, REPLY, SETTLING, REPLY):  # met for the first time, and known
        history = ticket("09:00", ("08:00", STAFF, {"tier": "gold"}), ("08:30", STAFF, DONE))
        (verdict,) = told(loaded, history, "12:00")
        assert (verdict.started_at, verdict.stopped_at) == (at("09:00"), at("09:00"))
        assert (verdict.elapsed, verdict.state) == (0, "met")
        assert "before_start" in verdict.flags
    assert told(SETTLING, history, "12:00")[0].policy == "quick"


# policies that come later

TIERS = policies("""
policies:
  gold:
    rank: 10
    match: {project: SUP, tier: gold}
    calendar: 24x7
    targets: {resolution: 2h, update: 1h, first_response: 1h}
  everybody:
    match: {project: SUP}
    calendar: 24x7
    reopen: new
    targets: {resolution: 8h, update: 8h, first_response: 4h}
""")


def history_of(*steps: tuple[str, dict[str, Value]], tier: str = "silver") -> Ticket:
    return ticket("09:00", *[(when, STAFF, change) for when, change in steps], tier=tier)


def lives(whole: Ticket, when: str, clock: str) -> list[tuple[object, ...]]:
    return [(v.policy, v.cycle, v.state, v.started_at, v.elapsed)
            for v in told(TIERS, whole, when, clock)]  # fmt: skip


def test_a_policy_that_comes_later_counts_from_the_creation_with_all_that_was() -> None:
    moved = history_of(("10:00", {"tier": "gold"}))
    assert lives(moved, "10:30", "resolution") == [
        ("gold", 1, "running", at("09:00"), 3 * HOUR // 2),
        ("everybody", 1, "cancelled", at("09:00"), HOUR),
    ]
    (gold, _) = told(TIERS, moved, "10:30", "resolution")
    assert [span.limit for span in gold.spans] == [2 * HOUR]


def test_all_its_clocks_come_with_it() -> None:
    moved = history_of(("10:00", {"tier": "gold"}))
    assert {(v.policy, v.clock, v.state) for v in told(TIERS, moved, "10:30")} == {
        ("gold", "resolution", "running"),
        ("gold", "update", "breached"),
        ("gold", "first_response", "breached"),
        ("everybody", "resolution", "cancelled"),
        ("everybody", "update", "cancelled"),
        ("everybody", "first_response", "cancelled"),
    }


def test_what_was_finished_under_another_policy_stays_there() -> None:
    moved = history_of(("09:20", SAID), ("09:40", SAID), ("10:00", {"tier": "gold"}))
    assert lives(moved, "10:30", "update") == [
        ("gold", 3, "running", at("09:40"), 50 * MINUTE),
        ("everybody", 1, "met", at("09:00"), 20 * MINUTE),
        ("everybody", 2, "met", at("09:20"), 20 * MINUTE),
        ("everybody", 3, "cancelled", at("09:40"), 20 * MINUTE),
    ]
    assert lives(moved, "10:30", "first_response") == [
        ("everybody", 1, "met", at("09:00"), 20 * MINUTE)
    ]


def test_a_solution_under_another_policy_is_not_judged_again() -> None:
    moved = history_of(("12:00", DONE), ("13:00", {"tier": "gold"}))
    assert lives(moved, "14:00", "resolution") == [("everybody", 1, "met", at("09:00"), 3 * HOUR)]
    again = history_of(("12:00", DONE), ("13:00", OPEN), ("14:00", {"tier": "gold"}))
    assert [life[:3] for life in lives(again, "14:30", "resolution")] == [
        ("gold", 1, "breached"),
        ("everybody", 1, "met"),
        ("everybody", 2, "cancelled"),
    ]


def test_reopened_under_the_new_policy_it_goes_on_there() -> None:
    moved = history_of(("10:00", DONE), ("11:00", {"tier": "gold"}), ("12:00", OPEN))
    assert lives(moved, "12:30", "resolution") == [
        ("gold", 1, "running", at("09:00"), 3 * HOUR // 2),
        ("everybody", 1, "met", at("09:00"), HOUR),
    ]


def test_what_nobody_promised_then_is_judged_when_somebody_does() -> None:
    moved = msgspec.structs.replace(
        history_of(("10:00", DONE), ("11:00", {"project": "SUP"})),
    )
    moved = msgspec.structs.replace(moved, initial={**moved.initial, "project": "ELSEWHERE"})
    assert lives(moved, "12:00", "resolution") == [("everybody", 1, "met", at("09:00"), HOUR)]


def test_another_promise_of_another_policy_takes_nothing_away() -> None:
    loaded = policies("""
policies:
  gold: {match: {project: SUP, tier: gold}, calendar: 24x7, targets: {resolution: 2h}}
  news: {match: {project: SUP}, calendar: 24x7, targets: {update: 8h}}
""")
    moved = history_of(("10:00", DONE), ("11:00", {"tier": "gold"}))
    assert [(v.policy, v.clock, v.state) for v in told(loaded, moved, "12:00")] == [
        ("gold", "resolution", "met"),
        ("news", "update", "met"),
    ]


def test_leaving_and_coming_back_is_one_life_from_the_creation() -> None:
    moved = history_of(("10:00", {"tier": "gold"}), ("11:30", {"tier": "silver"}))
    assert lives(moved, "12:00", "resolution") == [
        ("gold", 1, "cancelled", at("09:00"), 5 * HOUR // 2),
        ("everybody", 1, "running", at("09:00"), 3 * HOUR),
    ]
    (gold, _) = told(TIERS, moved, "12:00", "resolution")
    assert gold.breached_at == at("11:00")
    thrice = history_of(("10:00", {"tier": "gold"}), ("10:30", {"tier": "silver"}),
                        ("10:40", {"tier": "gold"}))  # fmt: skip
    assert lives(thrice, "10:50", "resolution") == [
        ("gold", 1, "running", at("09:00"), 110 * MINUTE),
        ("everybody", 1, "cancelled", at("09:00"), 100 * MINUTE),
    ]


@pytest.mark.parametrize("moves", [1, 3, 49])
def test_what_is_finished_after_the_entry_stays_whatever_happens_then(moves: int) -> None:
    tiers: list[tuple[str, dict[str, Value]]] = [
        (f"10:{minute:02}", {"tier": ("gold", "silver")[minute % 2]}) for minute in range(moves)
    ]
    moved = history_of(*tiers, ("10:50", DONE), ("11:00", SAID), ("11:10", {"tier": "gold"}))
    for when in ("10:50", "11:00", "12:00"):
        assert lives(moved, when, "resolution")[0] == (
            "gold", 1, "met", at("09:00"), 110 * MINUTE
        )  # fmt: skip


def test_who_waits_for_the_customer_waits_under_the_new_policy_too() -> None:
    moved = ticket("09:00", ("10:00", STAFF, {"tier": "gold"}), ("11:00", CUSTOMER, SAID),
                   tier="silver")  # fmt: skip
    opened = msgspec.structs.replace(moved, created_by=STAFF)
    assert lives(opened, "10:30", "first_response") == []
    assert lives(opened, "11:10", "first_response") == [
        ("gold", 1, "running", at("11:00"), 10 * MINUTE)
    ]


def test_an_effective_date_is_compared_with_the_start_of_the_clock() -> None:
    loaded = policies("""
policies:
  new:
    rank: 10
    effective: 2026-11-17
    match: {project: SUP}
    calendar: 24x7
    clocks: {parked: {start: {status: Parked}, stop: {status: Open}, cycles: every}}
    targets: {resolution: 1h, parked: 1h}
  old:
    match: {project: SUP}
    calendar: 24x7
    clocks: {parked: {start: {status: Parked}, stop: {status: Open}, cycles: every}}
    targets: {resolution: 99h, parked: 99h}
""")
    parked: dict[str, Value] = {"status": "Parked"}
    history = ticket(
        "09:00",
        ("10:00", STAFF, parked),
        ("2026-11-17 10:00", STAFF, {"labels": ("x",)}),
        ("2026-11-17 11:00", STAFF, OPEN),
        ("2026-11-17 12:00", STAFF, parked),
    )
    assert [
        (v.policy, v.clock, v.started_at) for v in told(loaded, history, "2026-11-17 12:30")
    ] == [
        ("new", "parked", at("2026-11-17 12:00")),
        ("old", "resolution", at("09:00")),
        ("old", "parked", at("10:00")),
    ]
    on_the_day = ticket("2026-11-17 00:00")
    assert {v.policy for v in told(loaded, on_the_day, "2026-11-17 01:00")} == {"new"}
    day_before = msgspec.structs.replace(on_the_day, created_at=Instant(on_the_day.created_at - 1))
    assert {v.policy for v in told(loaded, day_before, "2026-11-17 01:00")} == {"old"}


# the fields as of an instant

FIELDS = policies("""
fields: {status: {values: {On hold: [Parked, Pending]}}, labels: {values: {hot: [Hot]}}}
policies:
  p: {match: {project: SUP, priority: P1}, calendar: 24x7, targets: {resolution: 1h}}
""")


def test_fields_are_told_as_of_an_instant_in_the_words_of_the_policies() -> None:
    history = ticket(
        "09:00",
        ("10:00", STAFF, {"status": "Parked", "comment": "public"}),
        ("11:00", STAFF, {"status": "Odd", "labels": ("Hot", "x"), "priority": None}),
        priority="Highest",
    )
    tables = compiled(FIELDS)[0]
    before, then, after = (fields_at(tables, history, at(t)) for t in ("09:59", "10:00", "11:00"))
    assert (before["status"], before["priority"]) == ("Open", "P1")
    assert then["status"] == "On hold"
    assert (after["status"], after["labels"], after["priority"]) == ("Odd", ("hot", "x"), None)
    assert "comment" not in after
