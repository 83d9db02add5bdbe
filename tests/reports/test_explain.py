"""The `explain` screen and its twin in JSON, over verdicts that the engine made."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

import msgspec
import pytest

from reports import screen
from reports.explain import explain
from reports.explain_json import explain_json
from reports.explanation import Explanation
from reports.shown import shown_fields
from sla_engine.model import At, Event, Journal, Ticket
from sla_engine.reasons import chosen_target
from sla_engine.units import Instant, Millis
from tests.reports.desk import (
    ADA,
    AT_RISK,
    BOT,
    LATER,
    MISSED,
    NIGHT,
    NOW,
    PAUSED,
    POLICIES,
    RESOLVED,
    WAITING,
    at,
    judged,
    ticket,
)

Golden = Callable[[str, str], None]
BERLIN = ZoneInfo("Europe/Berlin")

LONG = ticket(
    "SUP-300",
    "Data export is slow, and the customer would like to know whether another format is faster",
    "02T10:00:00",
    (
        ("02T10:05:00", ADA, "comment 41000", {"comment": "public"}),
        ("18T12:00:00", ADA, "history 90010", {"priority": "P1"}),
    ),
    priority="P3",
)
REOPENED = ticket(
    "SUP-310",
    "Report shows last year",
    "16T09:00:00",
    (
        ("16T09:01:00", ADA, "comment 42000", {"comment": "public"}),
        ("16T11:00:00", ADA, "history 91000", RESOLVED),
        ("18T09:00:00", ADA, "history 91001", {"status": "Open", "status_category": "new"}),
        ("18T10:00:00", ADA, "history 91002", WAITING),
    ),
)
FOREIGN = msgspec.structs.replace(MISSED, initial={**MISSED.initial, "tier": "silver"})
HOLES = msgspec.structs.replace(MISSED, incomplete="40 of 55 changes are readable")


@pytest.mark.parametrize(
    ("name", "found", "now"),
    [
        ("missed", MISSED, LATER),
        ("at_risk", AT_RISK, NOW),
        ("paused", PAUSED, NOW),
        ("closed_hours", NIGHT, at("19T20:00:00")),
        ("long", LONG, at("19T20:00:00")),
        ("reopened", REOPENED, at("18T11:00:00")),
        ("no_policy", FOREIGN, LATER),
        ("holes", HOLES, LATER),
    ],
)
def test_the_screen_reads_as_agreed(name: str, found: Ticket, now: Instant, golden: Golden) -> None:
    text = screen.text(explain(Explanation(found, judged(found, now), POLICIES, now)))
    golden(f"reports/explain_{name}.txt", text)
    assert max(map(len, text.splitlines())) <= screen.WIDTH


def test_the_past_is_not_compared_with_the_ticket_of_today() -> None:
    then = at("20T10:00:00")
    text = screen.text(
        explain(Explanation(MISSED, judged(MISSED, then), POLICIES, then, past=True))
    )
    assert "As of Fri 20 Nov 10:00: what happened later is left out" in text
    assert "‖ paused: Waiting for customer" in text
    assert "▏ then" in text
    assert " now" not in text
    assert "Jira shows" not in text
    assert "88260" not in text


def test_a_narrow_screen_loses_no_evidence() -> None:
    text = screen.text(
        explain(Explanation(MISSED, judged(MISSED, LATER), POLICIES, LATER), width=60), width=60
    )
    assert max(map(len, text.splitlines())) <= 60
    assert all(word in text for word in ("88240", "40127", "88260", "40099", "40101"))


def test_json_says_the_same_in_whole_figures(golden: Golden) -> None:
    told = explain_json(Explanation(MISSED, judged(MISSED, LATER), POLICIES, LATER))
    golden("reports/explain_missed.json", json.dumps(told, indent=1, ensure_ascii=False) + "\n")


def test_json_tells_why_no_policy_fits() -> None:
    told = explain_json(Explanation(FOREIGN, (), POLICIES, LATER))
    assert told["clocks"] == []
    assert told["unmatched"] == {"gold": "tier is silver"}


def test_a_comment_that_counts_is_never_listed_as_not_counting() -> None:
    told = screen.text(explain(Explanation(MISSED, judged(MISSED, LATER), POLICIES, LATER)))
    line = next(line for line in told.splitlines() if "not counted" in line)
    assert "40102" not in line
    assert BOT.id in line


def test_a_comment_after_the_answer_is_nobodys_business() -> None:
    late = ticket(
        "SUP-320",
        "Answered",
        "20T09:00:00",
        (
            ("20T09:05:00", ADA, "comment 1", {"comment": "public"}),
            ("20T09:06:00", BOT, "comment 2", {"comment": "public"}),
        ),
    )
    assert "comment 2" not in screen.text(explain(Explanation(late, judged(late), POLICIES, NOW)))


def test_a_field_is_compared_as_the_plan_compares_it() -> None:
    verdicts = judged(NIGHT)
    due = verdicts[0].due_at
    assert due is not None
    kept = msgspec.structs.replace(NIGHT, written={"SLA due": At(due), "SLA missed": ()})
    shown = {f.field: f.same for f in shown_fields(POLICIES, kept, verdicts, BERLIN)}
    assert shown == {"SLA status": False, "SLA due": True, "SLA summary": False, "SLA missed": True}
    late = msgspec.structs.replace(NIGHT, written={"SLA due": At(Instant(due - 60_000))})
    assert not shown_fields(POLICIES, late, verdicts, BERLIN)[1].same


def test_what_is_counted_adds_up_to_the_totals_shown() -> None:
    odd = ticket(
        "SUP-322",
        "Odd seconds",
        "20T09:00:40",
        (
            ("20T09:10:10", ADA, "history 1", {"priority": "P3"}),
            ("20T09:20:00", ADA, "history 2", {"priority": "P1"}),
            ("20T09:30:00", ADA, "history 3", RESOLVED),
        ),
    )
    text = screen.text(explain(Explanation(odd, judged(odd), POLICIES, NOW)))
    ledger = [line for line in text.splitlines() if "█ running" in line]
    minutes = [[int(n) for n in re.findall(r"(\d+) min", line)] for line in ledger][-3:]
    assert minutes == [[9, 9], [10, 19], [10, 29]]


def test_what_changes_after_the_stop_chose_no_target() -> None:
    lowered = (*MISSED.journal, Event(at("20T16:02:00"), 99, "priority", "P1", "P3", ADA, "h"))
    story = msgspec.structs.replace(MISSED, journal=Journal(lowered))
    chosen = chosen_target(POLICIES, story, judged(story, LATER)[1], LATER)
    assert chosen is not None
    assert chosen.because == (("priority", "P1"),)


def test_a_chat_of_dozens_of_answers_is_told_shortly() -> None:
    verdict = judged(MISSED, LATER)[0]
    cycles = [msgspec.structs.replace(verdict, cycle=n) for n in range(1, 31)]
    late = msgspec.structs.replace(verdict, cycle=7, state="breached", left=Millis(-60_000))
    chat = [late if v.cycle == 7 else v for v in cycles]
    text = screen.text(explain(Explanation(MISSED, chat, POLICIES, LATER)))
    told = [line.split("  ")[0] for line in text.splitlines() if line.startswith("First response")]
    assert told == [
        "First response #7",
        "First response #30",
        "First response #29",
        "First response",
    ]
    assert "First response  27 earlier cycles, none missed, at most 12 min; all: --json" in text
    assert len(explain_json(Explanation(MISSED, chat, POLICIES, LATER))["clocks"] or ()) == 30  # type: ignore[arg-type] # a list
