"""One clock at work: spans, counting, the breach, the pause cap, reopening, retargeting."""

from __future__ import annotations

import pytest

from sla_engine.model import Ticket, Verdict
from sla_engine.units import HOUR, MINUTE
from tests.engine.desk import (
    CUSTOMER,
    DONE,
    OPEN,
    STAFF,
    WAITING,
    at,
    only,
    policies,
    ticket,
    told,
)

PLAIN = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: {by: region, DESK: mon-fri 09:00-17:00 UTC, default: 24x7}
    pause: {while: {status: [Waiting for customer, Parked]}, max: 2h}
    targets: {resolution: {P1: {aim: 1h, limit: 2h}, P2: 4h, P3: none}, update: 1h}
    reopen: {within: 1d, then: resume, else: new}
""")


def spans(verdict: Verdict) -> list[tuple[object, ...]]:
    return [(s.start, s.end, s.phase, s.cause, s.reason, s.counted, s.limit) for s in verdict.spans]


def test_every_span_names_what_began_it_and_under_which_limit() -> None:
    history = ticket(
        "09:00",
        ("10:00", STAFF, WAITING),
        ("10:30", CUSTOMER, OPEN),
        ("11:00", STAFF, {"priority": "P1"}),
        ("11:15", STAFF, {"region": "DESK"}),
        ("11:30", STAFF, DONE),
    )
    verdict = only(PLAIN, history, "12:00", "resolution")
    assert spans(verdict) == [
        (at("09:00"), at("10:00"), "running", "created", "created", HOUR, 4 * HOUR),
        (at("10:00"), at("10:30"), "paused", "step 1", "Waiting for customer", 0, 4 * HOUR),
        (at("10:30"), at("11:00"), "running", "step 2", "resumed", HOUR // 2, 4 * HOUR),
        (at("11:00"), at("11:15"), "running", "step 3", "target changed", HOUR // 4, 2 * HOUR),
        (at("11:15"), at("11:30"), "running", "step 4", "calendar changed", HOUR // 4, 2 * HOUR),
    ]
    assert [s.calendar for s in verdict.spans][-2:] != ["24x7", "24x7"]
    assert (verdict.state, verdict.phase, verdict.elapsed) == ("tolerated", "stopped", 2 * HOUR)


def test_any_change_of_the_row_that_promises_is_told_as_one() -> None:
    for first, then in (("P1", "P2"), ("P2", "P3"), ("P3", "P1"), ("P3", "P9"), ("P9", "P2")):
        moved = ticket("09:00", ("09:10", STAFF, {"priority": then}), priority=first)
        assert only(PLAIN, moved, "09:20", "resolution").spans[-1].reason == "target changed"


def test_an_open_cycle_keeps_an_empty_last_span_and_a_finished_one_does_not() -> None:
    paused = ticket("09:00", ("10:00", STAFF, WAITING))
    assert [s.phase for s in only(PLAIN, paused, "10:00", "resolution").spans] == [
        "running", "paused",
    ]  # fmt: skip
    done = ticket("09:00", ("10:00", STAFF, WAITING), ("10:00", STAFF, DONE))
    assert [s.phase for s in only(PLAIN, done, "10:00", "resolution").spans] == ["running"]
    turned = ticket("09:00", ("10:00", STAFF, WAITING), ("10:00", STAFF, OPEN))
    assert [(s.phase, s.reason) for s in only(PLAIN, turned, "10:30", "resolution").spans] == [
        ("running", "created"), ("running", "resumed"),
    ]  # fmt: skip
    at_once = only(PLAIN, ticket("09:00", **DONE), "12:00", "resolution")
    assert spans(at_once) == [(at("09:00"), at("09:00"), "running", "created", "created", 0,
                               4 * HOUR)]  # fmt: skip
    assert (at_once.state, at_once.flags, at_once.stopped_at) == ("met", ("instant",), at("09:00"))


def test_created_paused_and_done_at_once_it_is_not_told_as_paused() -> None:
    parked = only(PLAIN, ticket("09:00", status="Parked", status_category="done"), "12:00",
                  "resolution")  # fmt: skip
    assert [s.phase for s in parked.spans] == ["running"]


@pytest.mark.parametrize(
    ("when", "state", "elapsed", "reason", "next_at"),
    [
        ("10:30", "paused", HOUR, "Waiting for customer", "12:00"),
        ("11:59", "paused", HOUR, "Waiting for customer", "12:00"),
        ("12:00", "running", HOUR, "pause cap reached", None),
        ("13:00", "running", 2 * HOUR, "pause cap reached", None),
    ],
)
def test_a_pause_is_cut_at_its_cap(
    when: str, state: str, elapsed: int, reason: str, next_at: str | None
) -> None:
    verdict = only(PLAIN, ticket("09:00", ("10:00", STAFF, WAITING)), when, "resolution")
    assert (verdict.state, verdict.elapsed) == (state, elapsed)
    assert verdict.spans[-1].reason == reason
    over_limit = at("15:00") + 1
    assert verdict.next_at == (at(next_at) if next_at else over_limit)
    assert (verdict.due_at is None) == (state == "paused")


def test_the_cap_is_one_for_all_pauses_of_a_cycle() -> None:
    history = ticket(
        "09:00",
        ("09:30", STAFF, WAITING),
        ("10:30", STAFF, OPEN),
        ("11:00", STAFF, {"status": "Parked"}),
        ("11:10", STAFF, {"priority": "P1"}),  # a span of its own, still paused
        ("12:30", STAFF, OPEN),
        ("12:40", STAFF, WAITING),  # nothing is left to pause
        ("12:50", STAFF, OPEN),
    )
    verdict = only(PLAIN, history, "12:55", "resolution")
    assert [(s.phase, s.reason, s.counted // MINUTE) for s in verdict.spans] == [
        ("running", "created", 30),
        ("paused", "Waiting for customer", 0),
        ("running", "resumed", 30),
        ("paused", "Parked", 0),
        ("paused", "Parked", 0),
        ("running", "pause cap reached", 30),
        ("running", "resumed", 25),
    ]
    early = only(PLAIN, history, "11:30", "resolution")
    assert (early.phase, early.next_at) == ("paused", at("12:00"))


def test_after_the_cap_whatever_else_changes_in_a_waiting_ticket_runs_on() -> None:
    history = ticket("09:00", ("10:00", STAFF, WAITING), ("13:00", STAFF, {"priority": "P1"}),
                     ("13:10", STAFF, {"status": "Parked"}))  # fmt: skip
    verdict = only(PLAIN, history, "13:30", "resolution")
    assert [(s.phase, s.reason) for s in verdict.spans] == [
        ("running", "created"),
        ("paused", "Waiting for customer"),
        ("running", "pause cap reached"),
        ("running", "pause cap reached"),
    ]
    assert verdict.spans[-1].limit == 2 * HOUR


def test_a_cap_that_comes_to_its_end_with_the_pause_leaves_nothing_to_pause() -> None:
    history = ticket("09:00", ("10:00", STAFF, WAITING), ("12:00", STAFF, OPEN),
                     ("12:30", STAFF, WAITING))  # fmt: skip
    verdict = only(PLAIN, history, "13:00", "resolution")
    assert (verdict.phase, verdict.elapsed) == ("running", 2 * HOUR)


def test_the_cap_is_whole_again_in_a_new_cycle_and_not_in_a_resumed_one() -> None:
    def after(reopened: str) -> Verdict:
        history = ticket("09:00", ("09:10", STAFF, WAITING), ("12:00", STAFF, DONE),
                         (reopened, STAFF, WAITING | {"status_category": "new"}))  # fmt: skip
        hour_later = reopened.replace("12:30", "13:00").replace("14:00", "14:30")
        return told(PLAIN, history, hour_later, "resolution")[-1]

    resumed, anew = after("12:30"), after("2026-11-18 14:00")
    assert (resumed.phase, resumed.cycle, resumed.spans[-1].reason) == ("running", 1, "reopened")
    assert (anew.phase, anew.cycle, anew.next_at) == ("paused", 2, at("2026-11-18 16:00"))


def test_the_cap_of_a_new_cycle_is_kept_as_well() -> None:
    history = ticket("09:00", ("09:10", STAFF, WAITING), ("12:00", STAFF, DONE),
                     ("2026-11-18 14:00", STAFF, WAITING | {"status_category": "new"}))  # fmt: skip
    _, anew = told(PLAIN, history, "2026-11-18 16:30", "resolution")
    assert (anew.phase, anew.elapsed) == ("running", HOUR // 2)


def test_a_pause_that_is_cut_by_its_cap_before_the_stop_counts_until_the_stop() -> None:
    history = ticket("09:00", ("09:10", STAFF, WAITING), ("12:10", STAFF, DONE))
    verdict = only(PLAIN, history, "13:00", "resolution")
    assert verdict.elapsed == HOUR + 10 * MINUTE
    assert [s.phase for s in verdict.spans] == ["running", "paused", "running"]


def reopened(days: str, extra: str = "") -> Ticket:
    return ticket("09:00", ("10:00", STAFF, DONE), (days, STAFF, OPEN), priority="P2")


def test_a_resumed_cycle_tells_what_lies_between() -> None:
    verdict = only(PLAIN, reopened("11:00"), "11:30", "resolution")
    assert spans(verdict) == [
        (at("09:00"), at("10:00"), "running", "created", "created", HOUR, 4 * HOUR),
        (at("10:00"), at("11:00"), "stopped", "step 2", "closed in between", 0, 4 * HOUR),
        (at("11:00"), at("11:30"), "running", "step 2", "reopened", HOUR // 2, 4 * HOUR),
    ]
    assert (verdict.state, verdict.stopped_at, verdict.phase) == ("running", None, "running")


def test_it_may_be_reopened_and_wait_at_once() -> None:
    waiting = ticket("09:00", ("10:00", STAFF, DONE),
                     ("11:00", STAFF, WAITING | {"status_category": "new"}))  # fmt: skip
    verdict = only(PLAIN, waiting, "11:30", "resolution")
    assert (verdict.state, verdict.spans[-1].reason) == ("paused", "Waiting for customer")


@pytest.mark.parametrize(
    ("when", "cycles"),
    [("2026-11-17 10:00", [1]), ("2026-11-17 10:01", [1, 2])],
    ids=["exactly within", "a minute late"],
)
def test_the_window_of_reopening_is_inclusive(when: str, cycles: list[int]) -> None:
    verdicts = told(PLAIN, reopened(when), "2026-11-17 12:00", "resolution")
    assert [v.cycle for v in verdicts] == cycles
    assert verdicts[-1].state == "running"


def test_a_target_that_is_held_on_to_is_no_span_of_its_own() -> None:
    sticky = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    on_target_change: sticky
    targets: {resolution: {P1: 1h, P2: 4h}}
""")
    whole = ticket("09:00", ("10:00", STAFF, {"priority": "P1"}), priority="P2")
    assert [(s.start, s.limit) for s in only(sticky, whole, "11:00").spans] == [
        (at("09:00"), 4 * HOUR)
    ]


@pytest.mark.parametrize(
    ("terms", "states"),
    [
        ("resume", [("running", 1, 2 * HOUR)]),
        ("new", [("met", 1, HOUR), ("running", 2, HOUR)]),
        ("ignore", [("met", 1, HOUR)]),
        ("count", [("running", 1, 3 * HOUR)]),
        ("{within: 2h, then: ignore, else: new}", [("met", 1, HOUR)]),
        ("{within: 30m, then: ignore, else: new}", [("met", 1, HOUR), ("running", 2, HOUR)]),
        ("{within: 30m, then: new, else: ignore}", [("met", 1, HOUR)]),
        ("{within: 2h, then: count, else: ignore}", [("running", 1, 3 * HOUR)]),
    ],
)
def test_what_reopening_does(terms: str, states: list[tuple[str, int, int]]) -> None:
    loaded = policies(f"""
policies:
  p: {{match: {{project: SUP}}, calendar: 24x7, reopen: {terms}, targets: {{resolution: 9h}}}}
""")
    verdicts = told(loaded, reopened("11:00"), "12:00")
    assert [(v.state, v.cycle, v.elapsed) for v in verdicts] == states


def test_what_was_ignored_once_may_be_closed_and_reopened_again() -> None:
    loaded = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    reopen: {within: 30m, then: resume, else: ignore}
    targets: {resolution: 9h}
""")
    history = ticket("09:00", ("10:00", STAFF, DONE), ("11:00", STAFF, OPEN),
                     ("12:00", STAFF, DONE), ("12:10", STAFF, OPEN))  # fmt: skip
    verdict = only(loaded, history, "13:00")
    assert (verdict.state, verdict.elapsed) == ("met", HOUR)


def test_what_goes_on_within_the_window_is_stopped_again() -> None:
    loaded = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    reopen: {within: 2h, then: resume, else: ignore}
    targets: {resolution: 9h}
""")
    history = ticket("09:00", ("10:00", STAFF, DONE), ("11:00", STAFF, OPEN),
                     ("12:30", STAFF, DONE))  # fmt: skip
    verdict = only(loaded, history, "14:00")
    assert (verdict.state, verdict.elapsed) == ("met", 5 * HOUR // 2)


def test_what_is_used_up_at_closing_is_over_at_the_opening_whatever_happens_at_night() -> None:
    waits = ticket("13:00", ("20:00", STAFF, WAITING), ("21:00", STAFF, OPEN),
                   ("2026-11-17 10:00", STAFF, WAITING), region="DESK")  # fmt: skip
    verdict = only(PLAIN, waits, "2026-11-17 12:00", "resolution")
    assert verdict.breached_at == at("2026-11-17 09:00")
    assert verdict.due_at == at("17:00")


def test_a_breach_stays_though_it_is_reopened_under_a_longer_target() -> None:
    history = ticket("09:00", ("11:30", STAFF, DONE),
                     ("12:00", STAFF, OPEN | {"priority": "P2"}), priority="P1")  # fmt: skip
    verdict = only(PLAIN, history, "12:30", "resolution")
    assert (verdict.state, verdict.breached_at) == ("breached", at("11:00"))
    assert verdict.limit == 4 * HOUR


def test_a_count_that_breaches_while_closed_is_dated_then() -> None:
    loaded = policies("""
policies:
  p: {match: {project: SUP}, calendar: 24x7, reopen: count, targets: {resolution: 2h}}
""")
    verdict = only(loaded, reopened("13:00"), "13:30")
    assert (verdict.state, verdict.breached_at) == ("breached", at("11:00"))


def test_a_reset_ends_one_cycle_as_done_and_begins_the_next() -> None:
    history = ticket("09:00", ("09:30", STAFF, {"comment": "public"}),
                     ("11:00", STAFF, {"comment": "public"}))  # fmt: skip
    verdicts = told(PLAIN, history, "11:10", "update")
    assert [(v.cycle, v.state, v.started_at, v.stopped_at, v.breached_at) for v in verdicts] == [
        (1, "met", at("09:00"), at("09:30"), None),
        (2, "breached", at("09:30"), at("11:00"), at("10:30")),
        (3, "running", at("11:00"), None, None),
    ]
    assert verdicts[2].spans[0].cause == "step 2"


def parked_twice(cycles: str, reopen: str) -> list[Verdict]:
    loaded = policies(f"""
policies:
  p:
    match: {{project: SUP}}
    calendar: 24x7
    reopen: {reopen}
    clocks: {{held: {{start: {{status: Parked}}, stop: {{not: {{status: Parked}}}}, {cycles}}}}}
    targets: {{held: 90m}}
""")
    parked = {"status": "Parked"}
    history = ticket("09:00", ("10:00", STAFF, parked), ("11:00", STAFF, OPEN),
                     ("12:00", STAFF, parked), ("13:00", STAFF, OPEN))  # fmt: skip
    return told(loaded, history, "14:00")


@pytest.mark.parametrize("reopen", ["new", "resume", "ignore", "count"])
def test_a_clock_of_every_time_starts_again_whatever_reopening_does(reopen: str) -> None:
    verdicts = parked_twice("cycles: every", reopen)
    assert [(v.cycle, v.elapsed) for v in verdicts] == [(1, HOUR), (2, HOUR)]


def test_a_clock_of_one_time_is_reopened_as_the_policy_says() -> None:
    assert [v.elapsed for v in parked_twice("cycles: once", "new")] == [HOUR, HOUR]
    assert [v.elapsed for v in parked_twice("cycles: once", "count")] == [3 * HOUR]
    assert [v.elapsed for v in parked_twice("cycles: once", "ignore")] == [HOUR]


@pytest.mark.parametrize("reopen", ["new", "resume", "ignore", "count"])
def test_a_sum_goes_on_and_what_lies_between_does_not_count(reopen: str) -> None:
    (verdict,) = parked_twice("cycles: sum", reopen)
    assert (verdict.cycle, verdict.elapsed, verdict.state) == (1, 2 * HOUR, "breached")
    assert (verdict.started_at, verdict.stopped_at) == (at("10:00"), at("13:00"))
    assert verdict.breached_at == at("12:30")
    assert [s.reason for s in verdict.spans] == ["started", "closed in between", "resumed"]


LATEST = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    on_target_change: latest
    targets: {resolution: {P1: 2h, P2: 10h, P3: none}}
    warn: 50%
    escalate: [{at: breach, do: [{comment: late}]}, {at: breach + 2h, do: [{assign: tier2}]}]
""")


def latest(when: str, first: str, *changes: tuple[str, str]) -> tuple[object, ...]:
    steps = [(moment, STAFF, {"priority": priority}) for moment, priority in changes]
    verdict = only(LATEST, ticket("09:00", *steps, priority=first), when)
    return (verdict.state, verdict.breached_at, verdict.due_at,
            [(step.name, step.at) for step in verdict.steps])  # fmt: skip


def test_under_latest_an_earlier_target_leaves_no_step_behind() -> None:
    assert latest("12:00", "P1", ("11:30", "P2")) == ("running", None, at("19:00"), [])
    assert latest("14:00", "P1", ("11:30", "P2")) == (
        "running", None, at("19:00"), [("50%", at("14:00"))],
    )  # fmt: skip
    assert latest("13:30", "P1", ("11:30", "P2"))[3] == []


def test_under_latest_steps_go_by_the_last_target_and_its_breach() -> None:
    history = ("P1", ("11:30", "P2"))
    assert latest("20:00", *history) == (
        "breached", at("19:00"), at("19:00"), [("50%", at("14:00")), ("breach", at("19:00"))],
    )  # fmt: skip
    assert latest("21:00", *history)[3] == [
        ("50%", at("14:00")), ("breach", at("19:00")), ("breach + 2h", at("21:00")),
    ]  # fmt: skip


def test_under_latest_a_shorter_target_finds_its_steps_at_the_change() -> None:
    assert latest("12:00", "P2", ("12:00", "P1")) == (
        "breached", at("11:00"), at("11:00"), [("50%", at("12:00")), ("breach", at("12:00"))],
    )  # fmt: skip
    assert latest("13:00", "P2", ("12:00", "P1"))[3][-1] == ("breach + 2h", at("13:00"))  # type: ignore[index]  # the steps


def test_under_latest_a_limit_that_is_used_to_the_dot_is_kept() -> None:
    assert latest("11:00", "P2", ("11:00", "P1"))[:3] == ("running", None, at("11:00"))


def test_under_latest_all_that_was_used_before_counts() -> None:
    history = ("P2", ("10:00", "P3"), ("10:30", "P2"), ("12:00", "P1"))
    assert latest("12:30", *history)[:2] == ("breached", at("11:00"))
    assert latest("12:30", *history, ("12:10", "P2"))[:2] == ("running", None)


def test_under_latest_no_target_is_no_step() -> None:
    assert latest("12:00", "P1", ("11:30", "P3")) == ("none", None, None, [])
    assert latest("11:00", "P3", ("10:30", "P1"))[3] == [("50%", at("10:30"))]


def test_under_latest_a_pause_leaves_steps_where_they_were() -> None:
    waited = ticket("09:00", ("10:30", STAFF, {"calm": "x"}), ("10:40", STAFF, {"priority": "P1"}),
                    ("10:50", STAFF, {"team": "waiting"}), priority="P1")  # fmt: skip
    paused = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    on_target_change: latest
    pause: {team: waiting}
    targets: {resolution: 2h}
    warn: 50%
""")
    (step,) = only(paused, waited, "12:00").steps
    assert step.at == at("10:00")


def test_under_latest_a_reopened_cycle_is_judged_by_its_new_target() -> None:
    history = ticket("09:00", ("11:30", STAFF, DONE),
                     ("12:00", STAFF, OPEN | {"priority": "P2"}), priority="P1")  # fmt: skip
    assert only(LATEST, history, "11:45").state == "breached"
    verdict = only(LATEST, history, "12:30")
    assert (verdict.state, verdict.breached_at, verdict.steps) == ("running", None, ())
