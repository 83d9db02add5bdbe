"""Tests recorded from tickets: they pass at once, say the same, and name nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.evaluate import evaluate
from sla_engine.model import Actor, Event, Journal, Ref, Ticket, Value, Verdict
from sla_engine.policy_files import load_texts
from sla_engine.policy_test_recording import recorded
from sla_engine.policy_tests import run
from sla_engine.units import HOUR, MINUTE, Instant, parse_iso

Golden = Callable[[str, str], None]

POLICY = """\
schema: sla/v1
fields:
  organisation: {jira: Organisation}
policies:
  support:
    match: {project: SUP, organisation: {not: Internal}}
    calendar: {by: tier, gold: 24x7, default: "mon-fri 09:00-17:00 Europe/Berlin"}
    pause: {while: {status: Waiting for customer}, until: requester_replies, max: 8h}
    targets:
      first_response: 30m
      next_response: 2h
      resolution: {P1: 4h, default: 8h}
    reopen: {within: 1d, then: resume, else: new}
"""
POLICIES, PROBLEMS = load_texts({"support.yaml": POLICY})
ADA = Actor("u-1", "Ada Lovelake", "staff", ("desk",))
BEN = Actor("u-2", "Ben Ohm", "staff")
KETTLE = Actor("c-1", "Bess Kettle", "customer")
BOT = Actor("app-1", "Greeter", "bot")
PEOPLE = (ADA, BEN, KETTLE, BOT, Actor("c-2", "Carl Cup", "customer"), Actor("x", "Xeno"))
START = parse_iso("2026-10-24T08:00:00.250Z") or Instant(0)


def ticket(*acts: tuple[int, Actor, Mapping[str, Value]], created_by: Actor = KETTLE) -> Ticket:
    """Acts are (minutes after the creation, who, what)."""
    events = [
        Event(Instant(START + minutes * MINUTE + n), n, field, None, new, actor, f"history {n}")
        for n, (minutes, actor, fields) in enumerate(acts)
        for field, new in fields.items()
    ]
    return Ticket(
        ref=Ref("jira/acme", "SUP-7", "7"),
        system="jira",
        url="https://acme.example/SUP-7",
        title="A secret matter",
        created_at=START,
        created_by=created_by,
        initial={
            "project": "SUP",
            "priority": "P1",
            "tier": "gold",
            "organisation": "Umbrella",
            "requester": "c-1",
            "assignee": "u-2",
            "summary": "A secret matter",
            "status": "Open",
            "status_category": "new",
        },
        journal=Journal(events),
        updated_at=events[-1].at if events else START,
    )


def passes(text: str) -> bool:
    files = {"support.yaml": POLICY, "it.test.yaml": text}
    report = run(["it.test.yaml"], lambda name: files[name])
    assert not report.problems, [str(problem) for problem in report.problems]
    return report.passed and report.results[0].expectations > 0


def agree(real: Sequence[Verdict], there: Sequence[Verdict]) -> bool:
    """The same clocks in the same states; times were cut to the second where none decided."""
    pairs = zip(real, there, strict=True)
    return all(
        (a.policy, a.clock, a.cycle, a.state) == (b.policy, b.clock, b.cycle, b.state)
        and abs(a.elapsed - b.elapsed) < MINUTE
        for a, b in pairs
    )


STORY = ticket(
    (0, BOT, {"comment": "public"}),
    (10, BEN, {"comment": "internal"}),
    (20, ADA, {"comment": "public", "assignee": "u-1", "status": "In Progress"}),
    (60, ADA, {"status": "Waiting for customer", "status_category": "in_progress"}),
    (200, KETTLE, {"comment": "public"}),
    (230, KETTLE, {"organisation": "Umbrella Ltd", "summary": "Still a secret"}),
    (300, ADA, {"status": "Verified", "status_category": "done"}),
)


def test_the_test_reads_as_agreed(golden: Golden) -> None:
    assert not [problem for problem in PROBLEMS if problem.severity == "error"]
    text, _ = recorded(POLICIES, STORY, Instant(START + 6 * HOUR), ["support.yaml"])
    golden("policies/recorded.test.yaml", text)
    assert passes(text)


def test_it_names_nobody_and_tells_nothing_that_no_policy_asks_for() -> None:
    text, _ = recorded(POLICIES, STORY, Instant(START + 6 * HOUR), ["support.yaml"])
    secrets = ("u-1", "u-2", "c-1", "app-1", "Ada", "Ben", "Bess", "Greeter", "desk", "secret")
    assert [word for word in (*secrets, "Umbrella", "acme", "summary") if word in text] == []


def test_a_value_that_a_policy_asks_for_stays() -> None:
    ours = msgspec.structs.replace(STORY, initial={**STORY.initial, "organisation": "Internal"})
    back = (
        *ours.journal,
        Event(Instant(START + 90 * MINUTE), 90, "organisation", "Internal", "Umbrella", ADA, "h"),
    )
    text, verdicts = recorded(
        POLICIES,
        msgspec.structs.replace(ours, journal=Journal(back)),
        Instant(START + 6 * HOUR),
        ["support.yaml"],
    )
    assert "organisation: Internal" in text
    assert verdicts
    assert passes(text)


def test_what_comes_after_is_left_out() -> None:
    text, verdicts = recorded(POLICIES, STORY, Instant(START + HOUR), ["support.yaml"])
    assert "Verified" not in text
    assert {v.clock: v.state for v in verdicts}["resolution"] == "running"


def test_a_ticket_that_no_policy_takes_is_expected_to_have_no_clock() -> None:
    ours = msgspec.structs.replace(STORY, initial={**STORY.initial, "organisation": "Internal"})
    ours = msgspec.structs.replace(ours, journal=Journal(STORY.journal[:2]))
    text, verdicts = recorded(POLICIES, ours, Instant(START + 6 * HOUR), ["support.yaml"])
    assert verdicts == ()
    assert "{first_response: none, next_response: none, resolution: none}" in text
    assert passes(text)
    taken = text.replace("organisation: Internal", "organisation: Umbrella")
    files = {"support.yaml": POLICY, "it.test.yaml": taken}
    assert not run(["it.test.yaml"], lambda name: files[name]).passed


def test_milliseconds_are_told_only_where_they_decide() -> None:
    """The answer came a millisecond after its limit; cut to the second it would have been met."""
    story = [(0, ADA, {"comment": "public"}), (400, KETTLE, {"comment": "public"})]
    late = ticket(*story, (520, ADA, {"comment": "public"}))
    text, verdicts = recorded(POLICIES, late, Instant(START + 521 * MINUTE), ["support.yaml"])
    states = {(v.clock, v.state) for v in verdicts if v.clock == "next_response"}
    assert states == {("next_response", "breached")}
    assert '"2026-10-24 18:40:00.252": {comment: public}' in text
    assert "next_response: breached, elapsed: 2h0.001s" in text
    assert passes(text)
    early = ticket(*story, (519, ADA, {"comment": "public"}))
    text, _ = recorded(POLICIES, early, Instant(START + 521 * MINUTE), ["support.yaml"])
    assert "elapsed: 1h59m" in text
    assert ".25" not in text


@pytest.mark.parametrize("creator", [KETTLE, ADA, BOT], ids=lambda actor: actor.kind)
def test_who_opened_it_counts(creator: Actor) -> None:
    told = ticket(
        (5, ADA, {"comment": "public"}), (30, KETTLE, {"comment": "public"}), created_by=creator
    )
    now = Instant(START + 2 * HOUR)
    text, verdicts = recorded(POLICIES, told, now, ["support.yaml"])
    assert agree(evaluate(POLICIES, told, now), verdicts)
    assert passes(text)


fields = st.sampled_from(
    [
        {"comment": "public"},
        {"comment": "internal"},
        {"status": "Waiting for customer", "status_category": "in_progress"},
        {"status": "Open", "status_category": "new"},
        {"status": "Verified", "status_category": "done"},
        {"status": "Resolved", "status_category": "done", "comment": "public"},
        {"priority": "P1"},
        {"priority": "P3"},
        {"organisation": "Internal"},
        {"organisation": "Umbrella"},
        {"assignee": "u-1"},
        {"assignee": None},
        {"labels": ("a", "b")},
    ]
)
acts = st.lists(st.tuples(st.integers(0, 4000), st.sampled_from(PEOPLE), fields), max_size=12)


@given(acts, st.integers(0, 6000))
def test_whatever_happened_the_recorded_test_passes_and_says_the_same(
    happened: list[tuple[int, Actor, dict[str, Value]]], minutes: int
) -> None:
    """Over the night in which the clocks go back, too."""
    told = ticket(*sorted(happened, key=lambda act: act[0]))
    now = Instant(START + minutes * MINUTE)
    text, verdicts = recorded(POLICIES, told, now, ["support.yaml"])
    assert agree(evaluate(POLICIES, told, now), verdicts)
    assert passes(text)
