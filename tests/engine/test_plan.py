"""Plans: what is written makes the next plan empty; deeds are done once, and not too many."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_engine.changes import (
    AddComment,
    AddLabels,
    Assign,
    Change,
    Deed,
    Notify,
    SetFields,
    SetTicketFields,
    Transition,
    Why,
)
from sla_engine.evaluate import evaluate
from sla_engine.model import At, FieldValue, Ticket, Value
from sla_engine.plan import THE_BEGINNING, Limits, plan, refusal, same, zone_of
from sla_engine.terms import Policies
from sla_engine.units import HOUR, Instant
from tests.engine.desk import (
    CUSTOMER,
    DONE,
    OPEN,
    RICH,
    STAFF,
    WAITING,
    at,
    histories,
    policies,
    ticket,
)

CHANNELS = {"team_lead", "slack:#duty"}
LADDER = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: mon-sun 00:00-24:00 Europe/Berlin
    pause: {status: Waiting for customer}
    targets: {resolution: {P1: 2h, P2: 10h}, update: 240h}
    reopen: new
    warn: 50%
    escalate:
      - {at: 75%, do: [{notify: [assignee, slack:#duty]}, {comment: "{left} left"}]}
      - at: breach
        do: [{comment: late}, {notify: slack:#duty}, {set: {labels: +late, impact: High}}]
      - {at: breach + 1h, unless: {labels: muted}, do: [{transition: Escalated}]}
      - {at: breach + 2h, if: {team: first}, do: [{assign: tier2}], repeat: 4h, max: 3}
""")


def planned(
    whole: Ticket, when: str | Instant, terms: Policies = LADDER, since: Instant = THE_BEGINNING,
    done: frozenset[str] = frozenset(),
) -> tuple[Change, ...]:  # fmt: skip
    now = at(when) if isinstance(when, str) else when
    verdicts = evaluate(terms, whole, now)
    return plan(terms, whole, verdicts, now, done=done, since=since, channels=CHANNELS)


def deeds(changes: tuple[Change, ...]) -> list[Deed]:
    return [change for change in changes if not isinstance(change, SetFields)]


def keys(whole: Ticket, when: str, since: Instant = THE_BEGINNING) -> list[str]:
    return [deed.key for deed in deeds(planned(whole, when, since=since))]


def written(changes: tuple[Change, ...]) -> dict[str, FieldValue]:
    return {name: value for c in changes if isinstance(c, SetFields) for name, value in c.fields}


def applied(whole: Ticket, changes: tuple[Change, ...]) -> Ticket:
    """The ticket as it is read back after the service has written all of it."""
    said = {change.key for change in changes if isinstance(change, AddComment)}
    return msgspec.structs.replace(
        whole,
        written={**whole.written, **written(changes)},
        marks=whole.marks | said,
    )


P1: dict[str, Value] = {"priority": "P1", "team": "first"}
FRESH = ticket("09:00", **P1)


# fields


def test_fields_are_written_where_they_differ() -> None:
    (change,) = planned(FRESH, "09:30")
    assert isinstance(change, SetFields)
    resolution = "Resolution due Mon 16 Nov 12:00 CET · target 2 h"
    update = "Update due Thu 26 Nov 10:00 CET · target 240 h"
    assert change.fields == (
        ("SLA status", "On track"),
        ("SLA due", At(at("11:00"))),
        ("SLA summary", f"{resolution} · {update}"),
    )
    stale = msgspec.structs.replace(
        FRESH, written={**dict(change.fields), "SLA status": "Met", "SLA missed": ("resolution",)}
    )
    assert written(planned(stale, "09:30")) == {"SLA status": "On track", "SLA missed": None}


def test_a_quiet_ticket_has_an_empty_plan_until_something_changes() -> None:
    quiet = applied(FRESH, planned(FRESH, "09:30"))
    assert planned(quiet, "09:31") == ()
    assert planned(quiet, "09:59") == ()
    assert planned(quiet, "10:00") != ()


def test_what_nobody_promises_any_more_is_cleared() -> None:
    gone = applied(FRESH, planned(FRESH, "09:30"))
    gone = msgspec.structs.replace(gone, initial={**gone.initial, "project": "ELSEWHERE"})
    (change,) = planned(gone, "10:00")
    assert isinstance(change, SetFields)
    assert set(dict(change.fields).values()) == {None}
    assert change.why == Why("no policy promises this ticket anything any more")


def test_a_change_of_fields_says_which_promise_and_event_it_is_about() -> None:
    waiting = ticket("09:00", ("09:30", STAFF, WAITING), **P1)
    (change,) = planned(waiting, "09:40")
    assert change.why.text == "p: resolution"
    assert change.why.source_id == "step 1"
    late = [c for c in planned(FRESH, "11:30") if isinstance(c, SetFields)]
    assert [c.why.text for c in late] == ["p: resolution"]  # the update is not late
    assert change.why.policy == LADDER.policies[0].where
    unknown = msgspec.structs.replace(FRESH, incomplete="no permission")
    (change,) = planned(unknown, "09:40")
    assert (change.why.source_id, change.why.text[:3]) == ("", "p: ")


@pytest.mark.parametrize(
    ("ours", "theirs", "alike"),
    [
        (None, None, True),
        (None, "", True),
        ((), None, True),
        ("a", "a", True),
        ("a", "b", False),
        ("a", None, False),
        (("a",), ("a",), True),
        (("a",), ("a", "b"), False),
        (("a",), "a", False),
        (At(Instant(5_000)), At(Instant(5_000)), True),
        (At(Instant(5_999)), At(Instant(5_000)), True),
        (At(Instant(5_000)), At(Instant(5_999)), True),
        (At(Instant(5_000)), At(Instant(6_000)), False),
        (At(Instant(5_999)), At(Instant(6_000)), False),
        (At(Instant(0)), None, False),
        (At(Instant(0)), "1970-01-01T00:00:00Z", False),
    ],
)
def test_values_are_the_same_if_they_mean_the_same(
    ours: FieldValue, theirs: FieldValue, alike: bool
) -> None:
    assert same(ours, theirs) is alike
    assert same(theirs, ours) is alike


def test_a_system_that_shows_nothing_gets_nothing() -> None:
    assert planned(msgspec.structs.replace(FRESH, system="elsewhere"), "20:00") == ()
    silent = msgspec.structs.replace(FRESH, system="event_log")
    assert [type(deed) for deed in planned(silent, "12:30")] == [
        Notify, AddLabels, SetTicketFields, Transition,
    ]  # fmt: skip


def test_times_are_told_in_the_zone_of_the_most_urgent_clock() -> None:
    zones = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: {by: priority, P1: 24x7, default: mon-sun 00:00-24:00 Asia/Kathmandu}
    clocks: {ny: {preset: resolution, calendar: mon-sun 00:00-24:00 America/New_York}}
    targets: {resolution: 1h, ny: 99h}
  q: {match: {project: OPS}, calendar: 24x7, targets: {resolution: 1h}}
""")

    def zone(whole: Ticket) -> ZoneInfo:
        return zone_of(zones, evaluate(zones, whole, at("09:30")))

    assert zone(FRESH) == ZoneInfo("Asia/Kathmandu")
    assert zone(ticket("09:00", ("09:10", STAFF, DONE), project="OPS")) == ZoneInfo("UTC")
    assert zone_of(zones, ()) == ZoneInfo("UTC")
    (resolution, ny) = evaluate(zones, FRESH, at("09:30"))
    late = msgspec.structs.replace(ny, state="breached", stopped_at=None)
    assert zone_of(zones, (resolution, late)) == ZoneInfo("America/New_York")


# deeds


def test_a_step_says_one_comment_whoever_else_is_told() -> None:
    warned = planned(FRESH, "10:40")
    said, told = deeds(warned)
    assert isinstance(said, AddComment)
    assert said.key == "p.resolution#1:75%"
    assert said.lines[1] == "20 min left"
    assert said.lines[2:4] == ("Told: #duty.", "For the attention of: assignee.")
    assert isinstance(told, Notify)
    assert (told.key, told.channel) == ("p.resolution#1:75%:notify:slack:#duty", "slack:#duty")
    assert told.text == f"SUP-1: {said.lines[0]}"
    assert said.why.text == "75% of resolution reached"
    assert said.why.source_id == "created"
    assert said.why.policy is not None
    assert said.why.policy.line == LADDER.policies[0].steps[1].where.line  # type: ignore[union-attr]  # it has one


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        pytest.param("09:59", [], id="nothing yet"),
        pytest.param("10:00", ["50%"], id="the first warning"),
        pytest.param("10:45", ["75%", "75%:notify:slack:#duty"], id="only the last warning"),
        pytest.param("11:00", ["75%", "75%:notify:slack:#duty"], id="due is not over"),
        pytest.param(
            "11:01",
            ["breach", "breach:notify:slack:#duty", "breach:labels", "breach:set"],
            id="no warning of what is over",
        ),
        pytest.param(
            "14:00",
            ["breach", "breach:notify:slack:#duty", "breach:labels", "breach:set",
             "breach+1h:transition:Escalated", "breach+2h:assign:tier2"],
            id="every later step",
        ),
        pytest.param(
            "23:00",
            ["breach", "breach:notify:slack:#duty", "breach:labels", "breach:set",
             "breach+1h:transition:Escalated", "breach+2h:3:assign:tier2"],
            id="of repetitions the last",
        ),
    ],
)  # fmt: skip
def test_of_the_steps_reached_only_those_with_something_to_say_act(
    when: str, expected: list[str]
) -> None:
    assert keys(FRESH, when) == [f"p.resolution#1:{key}" for key in expected]


def test_conditions_are_asked_of_the_ticket_as_it_is_now() -> None:
    def fired(**initial: Value) -> set[str]:
        told = keys(msgspec.structs.replace(FRESH, initial={**FRESH.initial, **initial}), "14:00")
        return {key.rpartition(":")[2] for key in told}

    assert {"Escalated", "tier2"} <= fired()
    assert "Escalated" not in fired(labels=("muted", "x"))
    assert "tier2" not in fired(team="second")
    assert "Escalated" not in fired(status="Escalated")
    moved = ticket("09:00", ("13:30", STAFF, {"team": "second"}), **P1)
    assert not [key for key in keys(moved, "14:00") if key.endswith("tier2")]
    muted = ticket("09:00", ("13:30", STAFF, {"labels": ("muted",)}), **P1)
    assert not [key for key in keys(muted, "14:00") if key.endswith("Escalated")]


def test_what_was_reached_before_we_came_fires_nothing() -> None:
    assert keys(FRESH, "12:30", since=Instant(at("11:00") + 1)) == [
        "p.resolution#1:breach+1h:transition:Escalated"
    ]
    assert len(keys(FRESH, "12:30", since=at("11:00"))) == 5
    assert keys(FRESH, "10:29", since=Instant(at("10:00") + 1)) == []
    assert keys(FRESH, "10:29", since=at("10:00")) == ["p.resolution#1:50%"]


def test_what_is_done_or_borne_by_the_ticket_is_not_planned_again() -> None:
    whole = keys(FRESH, "12:30")
    for done in whole:
        left = [d.key for d in deeds(planned(FRESH, "12:30", done=frozenset({done})))]
        assert left == [key for key in whole if key != done]
        marked = msgspec.structs.replace(FRESH, marks=frozenset({done}))
        assert keys(marked, "12:30") == left


def test_a_paused_clock_still_says_what_it_reached_and_a_solved_one_nothing() -> None:
    waiting = ticket("09:00", ("10:45", STAFF, WAITING), **P1)
    assert keys(waiting, "20:00") == ["p.resolution#1:75%", "p.resolution#1:75%:notify:slack:#duty"]
    late = ticket("09:00", ("11:30", STAFF, WAITING), **P1)
    assert "p.resolution#1:breach" in keys(late, "20:00")
    solved = ticket("09:00", ("12:30", STAFF, DONE), **P1)
    assert keys(solved, "12:30") == []
    assert written(planned(solved, "12:30"))["SLA missed"] == ("resolution",)


def test_a_new_cycle_has_deeds_of_its_own() -> None:
    again = ticket("09:00", ("12:30", STAFF, DONE), ("13:00", STAFF, OPEN), **P1)
    assert keys(again, "14:00") == ["p.resolution#2:50%"]


def test_steps_of_several_clocks_and_policies_are_kept_apart() -> None:
    late = ticket("09:00", tier="gold", priority="P1")
    told = [deed.key for deed in deeds(planned(late, "2026-11-20 20:00", RICH))]
    assert "gold.first_response#1:breach" in told
    assert "gold.resolution#1:breach" in told
    assert len(set(told)) == len(told)


def test_teams_with_a_clock_each_have_deeds_of_their_own() -> None:
    """A key must be one word, for ServiceNow finds it in a comment's text."""
    verdict = evaluate(LADDER, ticket("09:00", **P1), at("10:30"))[0]
    of = [msgspec.structs.replace(verdict, of=team) for team in ("Service Desk", "Network [2]")]
    planned_for = plan(LADDER, ticket("09:00", **P1), of, at("10:30"))
    told = [deed.key for deed in deeds(planned_for)]
    assert told == [
        f"p.{verdict.clock}-service-desk#1:75%",
        f"p.{verdict.clock}-network-2-#1:75%",
    ]


def test_a_comment_without_words_is_told_by_its_head_alone() -> None:
    said = next(deed for deed in deeds(planned(FRESH, "10:10")) if isinstance(deed, AddComment))
    assert said.lines[0].startswith("[At risk] Resolution: 50 min left")
    assert "" not in said.lines
    assert said.internal


def test_recipients_are_told_once() -> None:
    twice = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    targets: {resolution: 2h}
    escalate: [{at: breach, do: [{notify: [team_lead, slack:#duty]}, {notify: slack:#duty}]}]
""")
    told = [d for d in deeds(planned(FRESH, "12:00", twice)) if isinstance(d, Notify)]
    assert [notice.channel for notice in told] == ["team_lead", "slack:#duty"]


def test_of_the_warnings_only_the_last_acts_in_whatever_order_they_are_written() -> None:
    warning = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    targets: {resolution: 2h}
    escalate: [{at: 75%, do: [{assign: lead}]}, {at: 50%, do: [{assign: tier2}]}]
""")
    for when, told in (("10:10", ["tier2"]), ("10:40", ["lead"]), ("11:10", [])):
        assert [d.to for d in deeds(planned(FRESH, when, warning)) if isinstance(d, Assign)] == told


def test_of_warnings_that_a_new_target_finds_at_once_the_highest_speaks() -> None:
    upgraded = ticket("09:00", ("10:40", STAFF, {"priority": "P1"}), priority="P2")
    assert keys(upgraded, "10:41") == [
        "p.resolution#1:75%",
        "p.resolution#1:75%:notify:slack:#duty",
    ]


def test_an_escalation_without_words_makes_no_comment() -> None:
    mute = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    targets: {resolution: 2h}
    escalate: [{at: breach, do: [{assign: tier2}, {set: {labels: +late}}]}]
""")
    assert [type(deed) for deed in deeds(planned(FRESH, "12:00", mute))] == [Assign, AddLabels]


CHATTY = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    targets: {resolution: {P1: 2h, P2: 10h}}
    escalate:
      - {at: breach, do: [{comment: late}, {notify: slack:#duty}, {set: {labels: +late}}]}
      - {at: breach + 1h, do: [{comment: later}, {assign: tier2}], repeat: 1h, max: 2}
      - {at: breach + 4h, unless: {labels: muted}, do: [{notify: [team_lead]}, {transition: X}]}
      - {at: breach + 6h, do: [{assign: tier3}]}
""")


@pytest.mark.parametrize(
    ("when", "done", "expected"),
    [
        pytest.param("11:30", (), ["breach", "breach:notify:slack:#duty", "breach:labels"],
                     id="alone"),
        pytest.param("12:30", (), ["breach:labels", "breach+1h", "breach+1h:assign:tier2"],
                     id="the higher speaks for both"),
        pytest.param("12:30", ("breach", "breach:notify:slack:#duty", "breach:labels"),
                     ["breach+1h", "breach+1h:assign:tier2"], id="each at its own time"),
        pytest.param("12:30", ("breach+1h", "breach+1h:assign:tier2"), ["breach:labels"],
                     id="what was overtaken stays unsaid"),
        pytest.param("13:30", (), ["breach:labels", "breach+1h:2", "breach+1h:2:assign:tier2"],
                     id="of repetitions the last"),
        pytest.param(
            "18:00", (),
            ["breach:labels", "breach+1h:2:assign:tier2", "breach+4h",
             "breach+4h:notify:team_lead", "breach+4h:transition:X", "breach+6h:assign:tier3"],
            id="a step without words silences nobody",
        ),
    ],
)  # fmt: skip
def test_of_steps_found_reached_at_once_the_highest_speaks(
    when: str, done: tuple[str, ...], expected: list[str]
) -> None:
    def key(step: str) -> str:
        return f"p.resolution#1:{step}"

    told = deeds(planned(FRESH, when, CHATTY, done=frozenset(map(key, done))))
    assert [deed.key for deed in told] == [key(step) for step in expected]


def test_a_step_that_is_excused_silences_nobody() -> None:
    muted = ticket("09:00", labels=("muted",), **P1)
    said = [d.key for d in deeds(planned(muted, "18:00", CHATTY)) if isinstance(d, AddComment)]
    assert said == ["p.resolution#1:breach+1h:2"]


# laws

gaps = st.integers(0, 20 * 24 * HOUR)


@settings(max_examples=60)
@given(histories, gaps)
def test_a_second_plan_at_the_same_instant_is_empty(whole: Ticket, gap: int) -> None:
    now = Instant(at("09:00") + gap)
    first = planned(whole, now, RICH)
    done = frozenset(deed.key for deed in deeds(first))
    assert planned(applied(whole, first), now, RICH, done=done) == ()


@settings(max_examples=60)
@given(histories, gaps)
def test_keys_are_unique_and_a_comment_is_said_once_a_step(whole: Ticket, gap: int) -> None:
    told = deeds(planned(whole, Instant(at("09:00") + gap), RICH))
    assert len({deed.key for deed in told}) == len(told)
    for said in (deed for deed in told if isinstance(deed, AddComment)):
        policy_clock, _, step = said.key.partition("#")
        cycle, _, name = step.partition(":")
        assert policy_clock.count(".") == 1
        assert cycle.isdigit()
        assert name


@settings(max_examples=60)
@given(histories, st.lists(gaps, min_size=2, max_size=5))
def test_whenever_we_look_nothing_is_said_twice(whole: Ticket, moments: list[int]) -> None:
    """Deeds are recorded by key alone: passes at any instants say each step at most once, and
    all of them together say nothing that steps reached do not account for."""
    said: list[str] = []
    steps: set[str] = set()
    for gap in sorted(moments):
        now = Instant(at("09:00") + gap)
        changes = planned(whole, now, RICH, done=frozenset(said))
        said += [deed.key for deed in deeds(changes)]
        for verdict in evaluate(RICH, whole, now):
            cycle = f"{verdict.policy}.{verdict.clock}#{verdict.cycle}"
            for step in verdict.steps:
                again = f":{step.occurrence}" if step.occurrence > 1 else ""
                steps.add(f"{cycle}:{step.name.replace(' ', '')}{again}")
        whole = applied(whole, changes)
    assert len(set(said)) == len(said)
    assert all(any(key == step or key.startswith(f"{step}:") for step in steps) for key in said)


@settings(max_examples=60)
@given(histories, gaps, gaps)
def test_no_deed_for_what_was_reached_before_we_came(whole: Ticket, gap: int, before: int) -> None:
    now, since = Instant(at("09:00") + gap), Instant(at("09:00") + before)
    verdicts = evaluate(RICH, whole, now)
    old = {
        f"{v.policy}.{v.clock}#{v.cycle}:{step.name.replace(' ', '')}"
        + (f":{step.occurrence}" if step.occurrence > 1 else "")
        for v in verdicts
        for step in v.steps
        if step.at < since
    }
    told = {deed.key for deed in deeds(planned(whole, now, RICH, since=since))}
    assert not told & old
    assert told <= {deed.key for deed in deeds(planned(whole, now, RICH))}


@settings(max_examples=60)
@given(histories, gaps)
def test_nothing_is_said_of_what_is_solved(whole: Ticket, gap: int) -> None:
    now = Instant(at("09:00") + gap)
    open_cycles = {
        f"{v.policy}.{v.clock}#{v.cycle}:"
        for v in evaluate(RICH, whole, now)
        if v.stopped_at is None and v.state in ("running", "paused", "breached")
    }
    for deed in deeds(planned(whole, now, RICH)):
        assert any(deed.key.startswith(cycle) for cycle in open_cycles)


@settings(max_examples=60)
@given(histories, gaps)
def test_a_step_is_never_told_once_a_later_one_that_speaks_is_reached(
    whole: Ticket, gap: int
) -> None:
    now = Instant(at("09:00") + gap)
    heights = ["breach", "breach+1h", "breach+1h:2", "breach+4h"]
    for verdict in evaluate(CHATTY, whole, now):
        reached = {
            step.name.replace(" ", "") + (f":{step.occurrence}" if step.occurrence > 1 else "")
            for step in verdict.steps
        }
        highest = max((heights.index(name) for name in reached & {*heights}), default=-1)
        cycle = f"{verdict.policy}.{verdict.clock}#{verdict.cycle}:"
        told = deeds(planned(whole, now, CHATTY))
        spoken = [d.key for d in told if isinstance(d, AddComment | Notify)]
        for key in (key.removeprefix(cycle) for key in spoken if key.startswith(cycle)):
            if key.partition(":notify")[0] in heights:
                assert heights.index(key.partition(":notify")[0]) == highest


# limits


def of(
    comments: int = 0, escalations: int = 0, levels: int = 0
) -> list[tuple[Ticket, list[Change]]]:
    """So many comments and escalations on a ticket each, and tickets whose fields change."""
    why, ref = Why(""), FRESH.ref
    changes: list[Change] = [AddComment(ref, "c", ("",), why)] * comments
    changes += [Assign(ref, "a", "x", why)] * escalations
    changes += [SetFields(ref, (), why)] * levels
    return [(FRESH, [change]) for change in changes]


@pytest.mark.parametrize(
    ("planned_changes", "tickets", "said"),
    [
        pytest.param(of(levels=10_000), 10, "", id="fields are free"),
        pytest.param(of(comments=5), 1_000, "", id="so many comments"),
        pytest.param(
            of(comments=6),
            1_000,
            "6 comments would be written at once; the limit is 5 a pass (limits.comments_per_run)",
            id="one more",
        ),
        pytest.param(of(escalations=3), 1_000, "", id="so many escalations"),
        pytest.param(
            of(escalations=4),
            1_000,
            "4 escalations would fire at once; the limit is 3 a pass (limits.escalations_per_run)",
            id="one more of them",
        ),
        pytest.param(of(comments=5, escalations=3), 1_000, "", id="both to the dot"),
        pytest.param(of(comments=2), 1, "", id="never fewer than at_least"),
        pytest.param(
            of(comments=3),
            29,
            "3 of 29 open tickets would be commented or escalated; the limit is 2 "
            "(limits.share_of_tickets)",
            id="too large a share",
        ),
        pytest.param(of(comments=3), 30, "", id="a tenth of thirty"),
        pytest.param(of(comments=2, levels=50), 1, "", id="fields touch nobody"),
    ],
)
def test_too_much_is_refused_with_the_numbers(
    planned_changes: list[tuple[Ticket, list[Change]]], tickets: int, said: str
) -> None:
    limits = Limits(comments=5, escalations=3, share=0.1, at_least=2)
    assert refusal(planned_changes, tickets, limits) == said


def test_many_deeds_on_one_ticket_touch_one_ticket() -> None:
    why = Why("")
    changes: list[Change] = [SetFields(FRESH.ref, (), why)]
    changes += [AddComment(FRESH.ref, str(n), ("",), why) for n in range(5)]
    assert refusal([(FRESH, changes)], 1, Limits(comments=5, at_least=1, share=0.0)) == ""
    assert refusal([(FRESH, changes)], 1, Limits(comments=5, at_least=0, share=0.0)) != ""


def test_the_limits_are_sober_by_themselves() -> None:
    assert Limits() == Limits(comments=50, escalations=20, share=0.2, at_least=25)
    assert refusal([], 0, Limits()) == ""


def test_a_reply_of_the_customer_is_no_deed_of_ours() -> None:
    replied = ticket("09:00", ("09:10", CUSTOMER, {"comment": "public"}), **P1)
    assert keys(replied, "09:30") == []


# hours, what changed lately, and channels that act


HELD = policies("""
calendars:
  office: {tz: Europe/Berlin, hours: mon-fri 09:00-17:00}
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    targets: {resolution: 8h}
    escalate:
      - {at: breach, hours: office, do: [{comment: late}, {page: "pagerduty:sup"}]}
      - {at: breach + 1h, do: [{assign: tier2}]}
""")
BREACH = at("09:00") + 8 * HOUR
MORNING = at("2026-11-17 08:00")  # nine in Berlin
PAGED = {"pagerduty:sup"}


def acted(now: Instant) -> list[str]:
    verdicts = evaluate(HELD, FRESH, now)
    changes = plan(HELD, FRESH, verdicts, now, channels=PAGED)
    return [type(deed).__name__ for deed in deeds(changes)]


def test_a_step_reached_at_night_acts_when_its_hours_come() -> None:
    night = Instant(BREACH + 5 * HOUR)
    assert acted(night) == ["Assign"]
    assert acted(Instant(MORNING - 1)) == ["Assign"]
    assert acted(MORNING) == ["AddComment", "Notify", "Assign"]
    assert [v.next_at for v in evaluate(HELD, FRESH, night)] == [MORNING]
    assert evaluate(HELD, FRESH, MORNING)[0].next_at is None
    (sooner,) = evaluate(HELD, FRESH, Instant(BREACH + HOUR // 2))
    assert sooner.next_at == BREACH + HOUR, "the next step does not wait for hours"


def test_a_step_reached_within_its_hours_does_not_wait() -> None:
    early = msgspec.structs.replace(FRESH, created_at=at("01:00"))
    now = at("09:01")
    verdicts = evaluate(HELD, early, now)
    changes = plan(HELD, early, verdicts, now, channels=PAGED)
    assert [type(deed).__name__ for deed in deeds(changes)] == ["AddComment", "Notify"]


def test_what_held_steps_wait_for_never_comes_on_a_ticket_that_is_done() -> None:
    done = ticket("09:00", ("18:00", STAFF, DONE))
    assert deeds(plan(HELD, done, evaluate(HELD, done, MORNING), MORNING, channels=PAGED)) == []


@pytest.mark.parametrize(
    ("terms", "when", "acts"),
    [
        pytest.param("if: {priority: {changed: true, within: 30m}}", "11:10", True, id="just now"),
        pytest.param("if: {priority: {changed: true, within: 30m}}", "11:30", True, id="half open"),
        pytest.param("if: {priority: {changed: true, within: 30m}}", "11:31", False, id="long ago"),
        pytest.param("if: {team: {changed: true, within: 30m}}", "11:10", False, id="another"),
        pytest.param("unless: {priority: {changed: true, within: 30m}}", "11:10", False, id="not"),
        pytest.param("unless: {priority: {changed: true, within: 30m}}", "11:31", True, id="then"),
        pytest.param("if: {priority: {changed: false, within: 30m}}", "11:10", False, id="turned"),
    ],
)
def test_a_step_can_ask_what_changed_lately(terms: str, when: str, acts: bool) -> None:
    lately = policies(f"""
policies:
  p:
    match: {{project: SUP}}
    calendar: 24x7
    targets: {{resolution: 2h}}
    escalate: [{{at: breach, {terms}, do: [{{assign: tier2}}]}}]
""")
    whole = ticket("09:00", ("11:00", STAFF, {"priority": "P1"}), ("12:00", STAFF, {"team": "x"}))
    assert bool(deeds(planned(whole, when, lately))) is acts


CAPPED = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: mon-sun 00:00-24:00 Europe/Berlin
    pause: {while: {status: Waiting for customer}, max: 2h}
    targets: {resolution: 4h}
    warn: 50%
publish: {jira: {fields: {customfield_1: due}}}
""")
WAITS = ticket("09:00", ("10:00", STAFF, {"status": "Waiting for customer"}))


def said(now: str, *, done: set[str] | None = None, since: Instant = THE_BEGINNING) -> list[Deed]:
    """The deeds at `now` for a ticket that waits from 10:00 on, at most until 12:00."""
    verdicts = evaluate(CAPPED, WAITS, at(now))
    changes = plan(
        CAPPED, WAITS, verdicts, at(now), done=done or (), since=since, channels={"assignee"}
    )
    return [change for change in changes if not isinstance(change, SetFields)]


def test_a_pause_that_is_used_up_is_told_once() -> None:
    assert said("11:59") == []
    comment, message = said("12:00")
    assert isinstance(comment, AddComment)
    assert isinstance(message, Notify)
    assert (comment.key, message.channel) == ("p.resolution#1:pausecap", "assignee")
    assert comment.lines[:2] == (
        (
            "[Pause over] Resolution: 3 h left, due Mon 16 Nov 16:00 CET (25 % of 4 h used). "
            "The longest agreed pause is used up, the clock runs again."
        ),
        "Told: assignee.",
    )
    assert said("12:30", done={comment.key, message.key}) == []
    assert said("12:30", since=at("12:01")) == []


def test_a_warning_and_a_breach_say_more_than_a_pause_that_was_used_up() -> None:
    assert [deed.key for deed in said("14:00")][:1] == ["p.resolution#1:50%"]
    assert said("16:01") == []
