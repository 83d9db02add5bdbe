"""What verdicts obey, whatever happened to a ticket."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.calendars import elapsed
from sla_engine.evaluate import evaluate, next_change
from sla_engine.model import Event, Journal, Ticket, Verdict
from sla_engine.units import HOUR, Instant, Millis
from tests.engine.desk import CUSTOMER, RICH, STAFF, at, histories, policies, ticket

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
