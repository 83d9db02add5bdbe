"""Tickets of different fates, explained: each whole screen is read aloud before it is agreed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from reports import screen
from reports.explain import explain
from reports.explain_json import explain_json
from reports.explanation import Explanation, InForce, Known
from sla_engine.evaluate import evaluate
from sla_engine.model import Actor, Event, Journal, Ticket
from sla_engine.outlook import MOST, outlook
from sla_engine.policy_files import load_texts
from sla_engine.terms import Policies
from sla_engine.units import Instant
from tests.reports.desk import ADA, BOT, KETTLE, RESOLVED, WAITING, at, ticket

Golden = Callable[[str, str], None]

TEXT = """\
schema: sla/v1
calendars:
  de-office: {tz: Europe/Berlin, hours: mon-fri 09:00-17:00}
policies:
  gold:
    describe: Promises to gold customers.
    match: {project: SUP, tier: gold}
    calendar: de-office
    pause: {while: {status: Waiting for customer}, until: requester_replies}
    targets:
      first_response: {aim: 15m, limit: 30m}
      next_response: 2h
      resolution: {P1: 4h, P2: 8h, default: none}
    reopen: ignore
    warn: 75%
    escalate:
      - at: breach
        do: [{notify: "slack:#gold"}, {set: {labels: +late}}]
      - at: breach + 1h
        do: [{assign: "team:Duty"}]
        repeat: 8h
        max: 2
  internal:
    match: {project: INT}
    calendar: de-office
    targets: {resolution: {P1: 8h}}
"""
FILE = "policies/gold.yaml"


def policies(text: str = TEXT) -> Policies:
    loaded, problems = load_texts({FILE: text})
    assert not [problem for problem in problems if problem.severity == "error"]
    return msgspec.structs.replace(loaded, version="a1f3c9e")


GOLD = policies()
DRAFT = policies(TEXT.replace("P1: 4h", "P1: 1h").replace("30m}", "5m}").replace("15m", "3m"))
DONE = {"status": "Resolved", "status_category": "done"}
OPEN = {"status": "Open", "status_category": "new"}


def moved(found: Ticket, **fields: str) -> Ticket:
    return msgspec.structs.replace(found, initial={**found.initial, **fields})


MET = ticket(
    "SUP-1",
    "Where is my invoice?",
    "16T09:00:00",
    (
        ("16T09:10:00", ADA, "comment 1", {"comment": "public"}),
        ("16T11:30:00", ADA, "history 2", RESOLVED),
    ),
)
ANSWERED_LATE = ticket(
    "SUP-2",
    "Cannot log in",
    "16T09:00:00",
    (
        ("16T09:00:03", BOT, "comment 1", {"comment": "public"}),
        ("16T09:20:00", Actor("u-7", "Ivo Unruh"), "comment 2", {"comment": "public"}),
        ("16T09:45:00", ADA, "comment 3", {"comment": "public"}),
    ),
    priority="P2",
)
REOPENED_IN_VAIN = ticket(
    "SUP-3",
    "Export is empty",
    "16T09:00:00",
    (
        ("16T09:05:00", ADA, "comment 1", {"comment": "public"}),
        ("16T10:00:00", ADA, "history 2", DONE),
        ("17T09:00:00", KETTLE, "history 3", OPEN),
        ("17T10:00:00", ADA, "history 4", DONE),
    ),
)
RETARGETED = ticket(
    "SUP-4",
    "Report is slow",
    "16T09:00:00",
    (
        ("16T09:05:00", ADA, "comment 1", {"comment": "public"}),
        ("16T12:00:00", ADA, "history 2", {"priority": "P1"}),
    ),
    priority="P2",
)
UNPROMISED = ticket(
    "SUP-5",
    "A wish",
    "16T09:00:00",
    (("16T09:05:00", ADA, "comment 1", {"comment": "public"}),),
    priority="P4",
)
CONVERSATION = ticket(
    "SUP-6",
    "Several questions",
    "16T09:00:00",
    (
        ("16T09:05:00", ADA, "comment 1", {"comment": "public"}),
        ("16T10:00:00", KETTLE, "comment 2", {"comment": "public"}),
        ("16T11:00:00", ADA, "comment 3", {"comment": "public"}),
        ("16T12:00:00", KETTLE, "comment 4", {"comment": "public"}),
        ("16T15:00:00", ADA, "comment 5", {"comment": "public"}),
        ("16T16:00:00", KETTLE, "comment 6", {"comment": "public"}),
        ("16T16:10:00", ADA, "comment 7", {"comment": "internal"}),
    ),
)
CALLED_IN = msgspec.structs.replace(
    ticket(
        "SUP-7",
        "Called in by telephone",
        "16T09:00:00",
        (
            ("16T09:01:00", ADA, "comment 1", {"comment": "public"}),
            ("16T09:30:00", KETTLE, "comment 2", {"comment": "public"}),
            ("16T09:40:00", ADA, "comment 3", {"comment": "public"}),
        ),
    ),
    created_by=ADA,
)
CANCELLED = moved(
    ticket(
        "INT-8",
        "Printer",
        "16T09:00:00",
        (("16T10:00:00", ADA, "history 1", {"project": "SALES"}),),
    ),
    project="INT",
)
NO_ROW = moved(ticket("INT-9", "Keyboard", "16T09:00:00", priority="P3"), project="INT")
WAITS = ticket(
    "SUP-10",
    "Which browser?",
    "16T09:00:00",
    (
        ("16T09:05:00", ADA, "comment 1", {"comment": "public"}),
        ("16T10:00:00", ADA, "history 2", WAITING),
    ),
)
FATES: Mapping[str, tuple[Ticket, Instant]] = {
    "met": (MET, at("16T12:00:00")),
    "answered_late": (ANSWERED_LATE, at("16T10:00:00")),
    "reopened_in_vain": (REOPENED_IN_VAIN, at("17T11:00:00")),
    "retargeted": (RETARGETED, at("16T12:30:00")),
    "unpromised": (UNPROMISED, at("16T12:00:00")),
    "conversation": (CONVERSATION, at("16T16:30:00")),
    "called_in": (CALLED_IN, at("16T10:00:00")),
    "cancelled": (CANCELLED, at("16T12:00:00")),
    "no_row": (NO_ROW, at("16T12:00:00")),
    "waits": (WAITS, at("16T12:00:00")),
}


PAGE = Path(__file__).resolve().parents[2] / "docs" / "explain.md"


def told(name: str) -> str:
    found, now = FATES[name]
    coming = outlook(GOLD, found, now, {"slack:#gold"})
    verdicts = evaluate(GOLD, found, now)
    return screen.text(explain(Explanation(found, verdicts, GOLD, now, coming=coming)))


@pytest.mark.parametrize("name", FATES)
def test_the_fate_reads_as_agreed(name: str, golden: Golden) -> None:
    golden(f"reports/fate_{name}.txt", told(name))


def test_a_draft_is_shown_beside_what_is_in_force(golden: Golden) -> None:
    found, now = FATES["answered_late"]
    before = InForce("draft/gold.yaml", "a1f3c9e", evaluate(GOLD, found, now))
    draft = msgspec.structs.replace(DRAFT, version="b2e4d0f")
    text = screen.text(
        explain(Explanation(found, evaluate(draft, found, now), draft, now, in_force=before))
    )
    golden("reports/fate_draft.txt", text)
    told = explain_json(
        Explanation(found, evaluate(draft, found, now), draft, now, in_force=before)
    )
    assert told["in_force"]["clocks"][0]["limit"] == 1_800_000  # type: ignore[index, call-overload]  # JSON


def test_a_draft_that_changes_nothing_says_so() -> None:
    found, now = FATES["met"]
    verdicts = evaluate(GOLD, found, now)
    text = screen.text(
        explain(Explanation(found, verdicts, GOLD, now, in_force=InForce("d", "a1f3c9e", verdicts)))
    )
    assert "Nothing changes for this ticket." in text


@pytest.mark.parametrize(
    ("mode", "line"), [("carry", "priority = P1"), ("sticky", "priority = P2")]
)
def test_the_line_that_is_named_is_the_one_that_judged(mode: str, line: str) -> None:
    terms = policies(
        TEXT.replace("    reopen: ignore", f"    on_target_change: {mode}\n    reopen: ignore")
    )
    found, now = FATES["retargeted"]
    text = screen.text(explain(Explanation(found, evaluate(terms, found, now), terms, now)))
    assert f"because {line}" in text


def test_what_comes_next_is_what_comes() -> None:
    """Each entry of the outlook is a change of the verdicts at that instant, not before it."""
    found, now = FATES["called_in"]
    coming = outlook(GOLD, found, now)
    assert [one.what for one in coming[:2]] == [("75%",), ("breach",)]
    for one in coming[:2]:
        before, after = (evaluate(GOLD, found, Instant(one.at + by)) for by in (-1, 1))
        assert [v.steps for v in before] != [v.steps for v in after]


def test_a_breach_is_told_at_the_deadline_not_at_the_opening_after_it() -> None:
    found, now = FATES["answered_late"]
    (due,) = (v.due_at for v in evaluate(GOLD, found, now) if v.due_at)
    breach = next(one for one in outlook(GOLD, found, now) if "breach" in one.what)
    assert breach.at == due == at("16T17:00:00")


def test_every_deed_is_told_once_though_steps_repeat() -> None:
    found, now = FATES["retargeted"]
    coming = outlook(GOLD, found, now, {"slack:#gold"})
    keys = [deed.key for one in coming for deed in one.deeds]
    assert len(keys) == len(set(keys)) >= 4
    assert len(coming) <= MOST


def test_the_outlook_of_the_past_knows_nothing_of_what_followed() -> None:
    found = FATES["met"][0]
    then = at("16T09:05:00")
    (first, *_) = outlook(GOLD, found, then)
    assert (first.verdict.clock, first.what) == ("first_response", ("75%",))
    marked = msgspec.structs.replace(found, marks=frozenset({first.deeds[0].key}))
    assert outlook(GOLD, marked, then) == outlook(GOLD, found, then)


def test_nothing_is_ahead_of_what_is_over() -> None:
    assert outlook(GOLD, *FATES["met"]) == ()
    assert "If nothing" not in told("met")


def test_json_tells_what_is_ahead_and_what_did_not_count() -> None:
    found, now = FATES["reopened_in_vain"]
    told = explain_json(Explanation(found, evaluate(GOLD, found, now), GOLD, now))
    by_clock = {clock["clock"]: clock for clock in told["clocks"]}  # type: ignore[union-attr, index, call-overload]  # JSON
    assert by_clock["resolution"]["not_counted"] == [  # type: ignore[call-overload, index]  # JSON
        {
            "at": "2026-11-17T08:00:00Z",
            "event": "history 3",
            "field": "status",
            "by": "b.kettle",
            "why": "the policy ignores this reopening",
        }
    ]
    waiting, now = FATES["waits"]
    told = explain_json(Explanation(waiting, evaluate(GOLD, waiting, now), GOLD, now))
    assert "2026-11-16T14:00:00Z" in json.dumps(told)  # 3 h left from 12:00 in Berlin


def test_what_was_not_known_then_is_listed() -> None:
    """Known before the answer of 09:45 was pulled: the clock still ran."""
    found, now = FATES["answered_late"]
    then = msgspec.structs.replace(found, journal=found.journal[:2])
    known = Known(at("16T09:50:00"), found.journal)
    verdicts = evaluate(GOLD, then, now)
    text = screen.text(explain(Explanation(then, verdicts, GOLD, now, past=True, known=known)))
    assert "As known Mon 16 Nov 09:50: what became known later is left out" in text
    assert "  not known then: Mon 09:45 public comment, comment 3 by a.lovelake" in text
    assert "comment 1" in text.partition("not counted")[2]
    earlier = screen.text(
        explain(Explanation(then, verdicts, GOLD, at("16T09:40:00"), past=True, known=known))
    )
    assert "not known then" not in earlier


def test_every_key_of_the_json_is_told_and_no_other() -> None:
    keys: set[str] = set()
    for found, now in FATES.values():
        verdicts = evaluate(GOLD, found, now)
        before = InForce("draft", "a1f3c9e", verdicts)
        coming = outlook(GOLD, found, now)
        late = Event(now, 99, "labels", None, "x", ADA, "history 99")
        known = Known(now, Journal([*found.journal, late]))
        told = explain_json(
            Explanation(found, verdicts, GOLD, now, coming=coming, in_force=before, known=known)
        )
        keys |= set(keys_of(told))
    page = PAGE.read_text(encoding="utf-8").partition("## JSON")[2].partition("\n## ")[0]
    said = set(re.findall(r"`([a-z_]+)`", page))
    values = {"running", "paused", "stopped", "over", "closed", "end", "breach"}
    assert said - values == keys - values


def keys_of(value: object) -> Iterator[str]:
    """Every key but those of maps by name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            if key in ("published", "fields", "because", "unmatched"):
                inner = list(inner.values()) if isinstance(inner, dict) else None
            yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)
