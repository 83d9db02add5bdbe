"""What verdicts obey, whatever happened to a ticket."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.calendars import elapsed
from sla_engine.evaluate import evaluate, next_change
from sla_engine.model import Event, Journal, Ticket, Verdict
from sla_engine.units import HOUR, MINUTE, Instant, Millis
from tests.engine.desk import (
    CUSTOMER,
    DONE,
    OPEN,
    RICH,
    STAFF,
    WAITING,
    at,
    histories,
    only,
    policies,
    ticket,
    told,
)

moments = st.integers(0, 40 * 24 * HOUR).map(lambda gap: Instant(at("09:00") + gap))


def standing(verdict: Verdict) -> tuple[object, ...]:
    """All that must stand still while nothing happens."""
    return (verdict.policy, verdict.clock, verdict.cycle, verdict.state, verdict.phase,
            verdict.started_at, verdict.stopped_at, verdict.due_at, verdict.breached_at,
            verdict.steps)  # fmt: skip


def cut(whole: Ticket, now: Instant) -> Ticket:
    """The ticket as it was known at `now`."""
    return msgspec.structs.replace(
        whole, journal=Journal(event for event in whole.journal if event.at <= now)
    )


def shuffled(whole: Ticket, order: list[int]) -> Ticket:
    events = list(whole.journal)
    return msgspec.structs.replace(
        whole, journal=Journal(events[i % len(events)] for i in order) if events else Journal()
    )


@given(histories, moments)
def test_what_comes_later_changes_nothing_of_now(whole: Ticket, now: Instant) -> None:
    known_then = evaluate(RICH, cut(whole, now), now)
    known_since = evaluate(RICH, whole, now)
    assert [standing(v) for v in known_then] == [standing(v) for v in known_since]
    assert [v.spans for v in known_then] == [v.spans for v in known_since]


@given(histories, st.randoms(use_true_random=False), moments)
def test_the_order_of_arrival_is_nothing(whole: Ticket, random: object, now: Instant) -> None:
    events = list(whole.journal)
    mixed = events.copy()
    random.shuffle(mixed)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random
    again = msgspec.structs.replace(whole, journal=Journal(mixed))
    assert evaluate(RICH, again, now) == evaluate(RICH, whole, now)


@given(histories, moments)
def test_nothing_changes_by_itself_before_next_change(whole: Ticket, now: Instant) -> None:
    verdicts = evaluate(RICH, whole, now)
    change = next_change(verdicts)
    until = now + 400 * 24 * HOUR if change is None else change - 1
    for later in (now, now + 1, (now + until) // 2, until):
        if now <= later <= until:
            assert [standing(v) for v in evaluate(RICH, whole, Instant(later))] == [
                standing(v) for v in verdicts
            ]


@given(histories, moments)
def test_something_does_change_at_next_change(whole: Ticket, now: Instant) -> None:
    verdicts = evaluate(RICH, whole, now)
    change = next_change(verdicts)
    if change is None or any(event.at == change for event in whole.journal):
        return
    after = evaluate(RICH, whole, change)
    assert [(*standing(v), len(v.spans)) for v in after] != [
        (*standing(v), len(v.spans)) for v in verdicts
    ]


@given(histories, moments, moments)
def test_elapsed_never_falls_while_a_cycle_lives(whole: Ticket, one: Instant, two: Instant) -> None:
    early, late = sorted((one, two))
    now = {(v.policy, v.clock, v.cycle, v.started_at): v for v in evaluate(RICH, whole, late)}
    for before in evaluate(RICH, whole, early):
        after = now.get((before.policy, before.clock, before.cycle, before.started_at))
        if after is not None and before.state != "cancelled":
            assert after.elapsed >= before.elapsed


@given(histories, moments)
def test_a_breach_is_dated_when_it_happened_whenever_we_look(whole: Ticket, now: Instant) -> None:
    for verdict in evaluate(RICH, whole, now):
        if verdict.breached_at is None or verdict.policy == "latest":
            continue
        just_before = evaluate(RICH, whole, verdict.breached_at)
        then = [v for v in just_before if standing(v)[:3] == standing(verdict)[:3]]
        assert all(v.breached_at in (None, verdict.breached_at) for v in then)


@given(histories, moments)
def test_spans_tell_every_minute_that_is_counted(whole: Ticket, now: Instant) -> None:
    calendars = {"desk": RICH.calendars["desk"]}
    for verdict in evaluate(RICH, whole, now):
        assert sum(span.counted for span in verdict.spans) == verdict.elapsed
        for span in verdict.spans:
            assert span.cause
            counts = span.phase == "running" and span.calendar in calendars
            if counts:
                assert span.counted == elapsed(calendars[span.calendar], span.start, span.end)
        for left, right in zip(verdict.spans, verdict.spans[1:], strict=False):
            assert left.end == right.start


@given(histories, moments)
def test_pausing_never_raises_elapsed(whole: Ticket, now: Instant) -> None:
    with_pause, without = (
        policies(f"""
policies:
  p:
    match: {{project: SUP}}
    calendar: mon-fri 09:00-17:00 Europe/Berlin
    {pause}
    targets: {{resolution: 8h}}
""")
        for pause in ("pause: {status: Waiting for customer}", "describe: no pause")
    )
    paused = evaluate(with_pause, whole, now)
    running = evaluate(without, whole, now)
    assert [v.started_at for v in paused] == [v.started_at for v in running]
    assert all(a.elapsed <= b.elapsed for a, b in zip(paused, running, strict=True))


@given(histories, moments)
def test_met_is_within_the_limit_and_breached_is_over_it(whole: Ticket, now: Instant) -> None:
    for verdict in evaluate(RICH, whole, now):
        if verdict.state in ("met", "tolerated", "running", "paused"):
            assert verdict.limit is not None
            assert verdict.breached_at is None
            assert verdict.elapsed <= verdict.limit
        if verdict.state == "breached" and len({span.limit for span in verdict.spans}) == 1:
            assert verdict.limit is not None
            assert verdict.elapsed > verdict.limit


@given(histories, moments)
def test_holes_in_the_history_give_unknown_never_met_or_breached(
    whole: Ticket, now: Instant
) -> None:
    holed = msgspec.structs.replace(whole, incomplete="40 of 52 changes are readable")
    verdicts = evaluate(RICH, holed, now)
    assert {v.state for v in verdicts} == {"unknown"}
    assert {v.reason for v in verdicts} == {"40 of 52 changes are readable"}


@given(histories, moments)
def test_the_order_of_policies_is_nothing(whole: Ticket, now: Instant) -> None:
    backwards = msgspec.structs.replace(RICH, policies=RICH.policies[::-1])
    told = {(*standing(v), v.elapsed) for v in evaluate(RICH, whole, now)}
    assert {(*standing(v), v.elapsed) for v in evaluate(backwards, whole, now)} == told


def test_a_step_of_several_fields_is_one_moment() -> None:
    """Priority and status change together: nobody sees the new status at the old priority."""
    both = ticket("09:00", ("10:00", STAFF, {"priority": "P1", "status": "Waiting for customer"}))
    (resolution,) = [
        v
        for v in evaluate(
            RICH,
            msgspec.structs.replace(both, initial={**both.initial, "tier": "gold"}),
            at("12:00"),
        )
        if v.clock == "resolution"
    ]
    assert [(s.phase, s.limit) for s in resolution.spans] == [
        ("running", 8 * HOUR),
        ("paused", 4 * HOUR),
    ]


def test_a_pause_ends_at_its_cap() -> None:
    """2bd of 8h on the desk from Monday 10:00 Berlin: Wednesday 10:00 the clock runs on."""
    waiting = ticket("08:00", ("09:00", STAFF, {"status": "Waiting for customer"}), tier="gold")
    (early,) = [v for v in evaluate(RICH, waiting, at("10:00")) if v.clock == "resolution"]
    assert early.state == "paused"
    assert early.next_at == at("2026-11-18 09:00")
    (late,) = [
        v for v in evaluate(RICH, waiting, at("2026-11-18 10:00")) if v.clock == "resolution"
    ]
    assert (late.state, late.elapsed) == ("running", 2 * HOUR)
    assert late.spans[-1].reason == "pause cap reached"


def test_leaving_a_policy_cancels_and_entering_counts_from_the_creation() -> None:
    moved = ticket("09:00", ("11:00", STAFF, {"tier": "silver"}), tier="gold")
    told = {
        (v.policy, v.clock): (v.state, v.started_at, v.elapsed)
        for v in evaluate(RICH, moved, at("12:00"))
        if v.clock == "resolution"
    }
    assert told == {
        ("gold", "resolution"): ("cancelled", at("09:00"), 2 * HOUR),
        ("everybody", "resolution"): ("running", at("09:00"), 3 * HOUR),
    }


def test_what_was_done_under_one_policy_stays_with_it() -> None:
    done = {"status": "Done", "status_category": "done"}
    moved = ticket(
        "09:00", ("10:00", STAFF, done), ("11:00", STAFF, {"tier": "silver"}), tier="gold"
    )
    told = [v.policy for v in evaluate(RICH, moved, at("12:00")) if v.clock == "resolution"]
    assert told == ["gold"]


def test_due_at_closing_breaches_at_the_next_opening() -> None:
    """Eight hours from Monday 09:00 Berlin end at 17:00; the first minute over is Tuesday's."""
    plain = ticket("08:00", tier="gold", priority="P2")
    resolution = next(v for v in evaluate(RICH, plain, at("20:00")) if v.clock == "resolution")
    assert (resolution.state, resolution.due_at) == ("running", at("16:00"))
    later = next(
        v for v in evaluate(RICH, plain, at("2026-11-17 09:00")) if v.clock == "resolution"
    )
    assert (later.state, later.breached_at) == ("breached", at("2026-11-17 08:00"))
    assert later.due_at == at("16:00")


def test_an_unknown_priority_takes_the_default_row_and_none_has_no_target() -> None:
    terms = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    targets: {resolution: {P1: 1h, P2: none}}
""")
    states = {
        priority: [v.state for v in evaluate(terms, ticket(priority=priority), at("12:00"))]
        for priority in ("P1", "P2", "P9", None)
    }
    assert states == {"P1": ["breached"], "P2": ["none"], "P9": ["no_target"], None: ["no_target"]}


def test_thanks_after_the_solution_open_no_cycle_unless_the_ticket_reopens() -> None:
    terms = policies("""
policies:
  p: {match: {project: SUP}, calendar: 24x7, targets: {next_response: 4h}}
""")
    done = {"status": "Done", "status_category": "done"}
    answered = [
        ("09:10", STAFF, {"comment": "public"}),
        ("09:20", STAFF, done),
        ("09:30", CUSTOMER, {"comment": "public"}),
    ]
    thanks = ticket("09:00", *answered)
    assert evaluate(terms, thanks, at("12:00")) == ()
    reopened = ticket(
        "09:00", *answered, ("09:31", STAFF, {"status": "Open", "status_category": "new"})
    )
    (cycle,) = evaluate(terms, reopened, at("12:00"))
    assert (cycle.state, cycle.started_at) == ("running", at("09:30"))
    assert cycle.spans[0].reason == "started"


def test_staff_who_open_a_ticket_for_a_customer_wait_for_their_first_word() -> None:
    terms = policies("""
policies:
  p: {match: {project: SUP}, calendar: 24x7, targets: {first_response: 1h}}
""")
    opened = msgspec.structs.replace(
        ticket(
            "09:00",
            ("09:05", STAFF, {"comment": "public"}),
            ("10:00", CUSTOMER, {"comment": "public"}),
            ("10:30", STAFF, {"comment": "public"}),
        ),
        created_by=STAFF,
    )
    assert evaluate(terms, opened, at("09:30")) == ()
    (cycle,) = evaluate(terms, opened, at("12:00"))
    assert (cycle.state, cycle.started_at, cycle.elapsed) == ("met", at("10:00"), HOUR // 2)


def test_events_of_one_instant_go_by_their_sequence() -> None:
    terms = policies("""
policies:
  p: {match: {project: SUP}, calendar: 24x7, targets: {resolution: 1h}, reopen: ignore}
""")
    when = at("10:00")
    events = [
        Event(when, 2, "status_category", "done", "new", STAFF, "history 2"),
        Event(when, 1, "status_category", "new", "done", STAFF, "history 1"),
    ]
    flipped = msgspec.structs.replace(ticket("09:00"), journal=Journal(events))
    (verdict,) = evaluate(terms, flipped, at("12:00"))
    assert (verdict.state, verdict.stopped_at, verdict.elapsed) == ("met", when, Millis(HOUR))


PROMISE = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: {by: region, DESK: mon-fri 09:00-17:00 UTC, default: 24x7}
    pause: {while: {status: Waiting for customer}, max: 3h}
    targets: {resolution: {P1: {aim: 1h, limit: 2h}, P2: 4h, P3: none}}
    warn: 50%
""")


@pytest.mark.parametrize(
    ("minutes", "state"),
    [
        pytest.param(0, "met", id="at once"),
        pytest.param(60, "met", id="the aim to the dot"),
        pytest.param(61, "tolerated", id="over the aim"),
        pytest.param(120, "tolerated", id="the limit to the dot"),
        pytest.param(121, "breached", id="over the limit"),
    ],
)
def test_a_finished_cycle_is_judged_inclusively(minutes: int, state: str) -> None:
    stopped = Instant(at("09:00") + minutes * MINUTE)
    done = ticket("09:00", (stopped, STAFF, DONE), priority="P1")
    verdict = only(PROMISE, done, "20:00")
    assert (verdict.state, verdict.phase, verdict.due_at, verdict.next_at) == (
        state, "stopped", None, None,
    )  # fmt: skip
    assert (verdict.aim, verdict.limit) == (HOUR, 2 * HOUR)
    assert (verdict.elapsed, verdict.left) == (minutes * MINUTE, (120 - minutes) * MINUTE)
    assert verdict.breached_at == (at("11:00") if state == "breached" else None)


@pytest.mark.parametrize(
    ("when", "state", "next_at"),
    [
        pytest.param("09:00", "running", "10:00", id="the warning comes next"),
        pytest.param("10:00", "running", "11:00", id="then the breach"),
        pytest.param("11:00", "running", "11:00", id="to the dot it is not over"),
        pytest.param("11:01", "breached", None, id="then nothing"),
    ],
)
def test_the_next_change_is_a_step_or_the_first_moment_over(
    when: str, state: str, next_at: str | None
) -> None:
    verdict = only(PROMISE, ticket(priority="P1"), when)
    over = 0 if next_at == "10:00" else 1
    assert verdict.state == state
    assert verdict.next_at == (None if next_at is None else at(next_at) + over)
    assert verdict.due_at == at("11:00")


def test_what_is_not_promised_has_no_due_and_no_next_change() -> None:
    for priority, state, reason in (("P3", "none", None), ("P9", "no_target", None)):
        verdict = only(PROMISE, ticket(priority=priority), "10:00")
        assert (verdict.state, verdict.due_at, verdict.left, verdict.next_at) == (
            state, None, None, reason,
        )  # fmt: skip
        done = only(PROMISE, ticket("09:00", ("10:00", STAFF, DONE), priority=priority), "12:00")
        assert (done.state, done.elapsed) == (state, HOUR)


def test_an_event_to_come_is_the_next_change_where_it_comes_first() -> None:
    later = ticket("09:00", ("10:30", STAFF, WAITING), ("12:00", STAFF, DONE), priority="P1")
    assert [only(PROMISE, later, when).next_at for when in ("09:30", "10:00", "11:00")] == [
        at("10:00"), at("10:30"), at("12:00"),
    ]  # fmt: skip
    stopped = ticket("09:00", ("09:30", STAFF, DONE), ("12:00", STAFF, OPEN))
    assert only(PROMISE, stopped, "10:00").next_at == at("12:00")
    assert next_change(told(PROMISE, stopped, "10:00")) == at("12:00")
    assert next_change(()) is None


def test_a_paused_clock_has_no_due_until_its_cap() -> None:
    waiting = ticket("09:00", ("10:00", STAFF, WAITING))
    verdict = only(PROMISE, waiting, "11:00")
    assert (verdict.state, verdict.due_at, verdict.next_at) == ("paused", None, at("13:00"))


def test_what_is_over_keeps_its_due_also_while_paused() -> None:
    late = ticket("09:00", ("14:00", STAFF, WAITING))
    verdict = only(PROMISE, late, "15:00")
    assert (verdict.state, verdict.phase) == ("breached", "paused")
    assert (verdict.due_at, verdict.breached_at, verdict.left) == (
        at("13:00"), at("13:00"), -HOUR,
    )  # fmt: skip


def test_a_breach_by_a_new_target_was_due_at_the_change() -> None:
    """Three hours are used when two are allowed: it could not have been met any more."""
    upgraded = ticket("09:00", ("12:00", STAFF, {"priority": "P1"}))
    verdict = only(PROMISE, upgraded, "12:30")
    assert (verdict.breached_at, verdict.due_at) == (at("12:00"), at("12:00"))
    assert only(PROMISE, upgraded, "12:00").state == "breached"
    assert only(PROMISE, upgraded, "11:59").state == "running"
    to_the_dot = ticket("09:00", ("11:00", STAFF, {"priority": "P1"}))
    verdict = only(PROMISE, to_the_dot, "12:00")
    assert (verdict.breached_at, verdict.due_at) == (at("11:00"), at("11:00"))


def test_a_downgrade_after_the_breach_keeps_the_due_that_was_missed() -> None:
    downgraded = ticket("09:00", ("12:00", STAFF, {"priority": "P2"}), priority="P1")
    for when in ("12:30", "20:00"):
        verdict = only(PROMISE, downgraded, when)
        assert (verdict.state, verdict.breached_at, verdict.due_at) == (
            "breached", at("11:00"), at("11:00"),
        )  # fmt: skip
    assert only(PROMISE, downgraded, "12:30").left == HOUR // 2


def test_a_limit_that_no_calendar_reaches_leaves_the_due_that_was_missed() -> None:
    ever = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: mon-fri 09:00-17:00 UTC
    targets: {resolution: {P1: 2h, P4: 400000h}}
""")
    lowered = ticket("09:00", ("12:00", STAFF, {"priority": "P4"}), priority="P1")
    verdict = only(ever, lowered, "13:00")
    assert (verdict.state, verdict.due_at) == ("breached", at("11:00"))
    assert only(ever, ticket(priority="P4"), "13:00").due_at is None


def test_due_goes_by_the_calendar_now_in_force() -> None:
    moved = ticket("16:00", ("16:30", STAFF, {"region": "DESK"}), priority="P2")
    assert only(PROMISE, moved, "16:45").due_at == at("2026-11-17 12:00")
    assert only(PROMISE, moved, "18:00").due_at == at("2026-11-17 12:00")
    assert only(PROMISE, moved, "18:00").next_at == at("2026-11-17 10:00")


def test_a_cancelled_cycle_tells_why_and_nothing_to_come() -> None:
    left = ticket("09:00", ("10:00", STAFF, {"project": "ELSEWHERE"}))
    verdict = only(PROMISE, left, "23:00")
    assert (verdict.state, verdict.phase, verdict.stopped_at) == (
        "cancelled", "stopped", at("10:00"),
    )  # fmt: skip
    assert verdict.reason == "no longer under this policy"
    assert (verdict.due_at, verdict.next_at, verdict.breached_at) == (None, None, None)


def test_a_verdict_names_its_ticket_its_policy_and_the_version_of_all_policies() -> None:
    whole = ticket()
    verdict = only(PROMISE, whole, "10:00")
    assert (verdict.ref, verdict.policy, verdict.clock) == (whole.ref, "p", "resolution")
    assert verdict.reason == ""
    assert verdict.version == PROMISE.version != ""


def test_holes_are_told_for_the_clocks_that_the_ticket_has_now() -> None:
    holed = msgspec.structs.replace(ticket("09:00", tier="gold"), incomplete="no permission")
    assert {(v.policy, v.clock) for v in told(RICH, holed, "10:00")} == {
        ("gold", "first_response"), ("gold", "next_response"), ("gold", "resolution"),
        ("everybody", "acknowledge"), ("everybody", "update"), ("latest", "close"),
    }  # fmt: skip
    for verdict in told(RICH, holed, "10:00"):
        assert (verdict.cycle, verdict.phase, verdict.version) == (1, "stopped", RICH.version)
    moved = ticket("09:00", ("10:00", STAFF, {"project": "ELSEWHERE"}), tier="gold")
    holed = msgspec.structs.replace(moved, incomplete="no permission")
    for _ in range(2):  # the tables know the way when they go it again
        assert told(RICH, holed, "10:00") == []
    assert len(told(RICH, holed, "09:59")) == 6


def test_flags_mark_what_deserves_a_second_look() -> None:
    answers = policies("""
policies:
  p: {match: {project: SUP}, calendar: 24x7, targets: {first_response: 1h, resolution: 1h}}
""")
    silent = ticket("09:00", ("09:30", STAFF, DONE))
    assert {v.clock: v.flags for v in told(answers, silent, "10:00")} == {
        "first_response": ("by_resolution",), "resolution": (),
    }  # fmt: skip
    answered = ticket("09:00", ("09:10", STAFF, {"comment": "public"}), ("09:30", STAFF, DONE))
    assert {v.flags for v in told(answers, answered, "10:00")} == {()}
    asked = ("09:20", CUSTOMER, {"comment": "public"})
    dropped = ticket(
        "09:00", ("09:10", STAFF, {"comment": "public"}), asked, ("09:30", STAFF, DONE)
    )
    again = policies("""
policies:
  p: {match: {project: SUP}, calendar: 24x7, targets: {next_response: 1h}}
""")
    assert only(again, dropped, "10:00").flags == ("by_resolution",)
    early = ticket("09:00", ("08:59", STAFF, {"labels": ("x",)}))
    assert {v.flags for v in told(answers, early, "10:00")} == {("before_start",)}
    at_once = ticket("09:00", ("09:00", STAFF, {"labels": ("x",)}), **DONE)
    assert {v.clock: v.flags for v in told(answers, at_once, "10:00")} == {
        "first_response": ("instant", "by_resolution"), "resolution": ("instant",),
    }  # fmt: skip


def test_verdicts_come_by_policies_then_clocks_then_cycles() -> None:
    update = ticket("09:00", ("10:00", STAFF, {"comment": "public"}), tier="silver")
    assert [(v.policy, v.clock, v.cycle) for v in told(RICH, update, "11:00")] == [
        ("everybody", "acknowledge", 1), ("everybody", "resolution", 1), ("everybody", "update", 1),
        ("everybody", "update", 2), ("latest", "close", 1),
    ]  # fmt: skip


def test_of_equal_ranks_the_stricter_promise_wins_whatever_the_order() -> None:
    even = tuple(msgspec.structs.replace(policy, rank=100) for policy in RICH.policies)
    plain = ticket("09:00", tier="gold", priority="P2")
    for order in (even, even[::-1]):
        terms = msgspec.structs.replace(RICH, policies=order)
        owners = {v.policy for v in evaluate(terms, plain, at("12:00")) if v.clock == "resolution"}
        assert owners == {"gold"}
