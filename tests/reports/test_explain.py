"""The `explain` screen and its twin in JSON, over verdicts that the engine made."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
import pytest

from reports import screen
from reports.explain import explain
from reports.explain_json import explain_json
from sla_engine.model import Ticket
from sla_engine.units import Instant
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
    text = screen.text(explain(found, judged(found, now), POLICIES, now=now))
    golden(f"reports/explain_{name}.txt", text)
    assert max(map(len, text.splitlines())) <= screen.WIDTH


def test_the_past_is_not_compared_with_the_ticket_of_today() -> None:
    then = at("20T10:00:00")
    text = screen.text(explain(MISSED, judged(MISSED, then), POLICIES, now=then, past=True))
    assert "As of Fri 20 Nov 10:00: what happened later is left out" in text
    assert "‖ paused: Waiting for customer" in text
    assert "Jira shows" not in text
    assert "88260" not in text


def test_a_narrow_screen_loses_no_evidence() -> None:
    text = screen.text(
        explain(MISSED, judged(MISSED, LATER), POLICIES, now=LATER, width=60), width=60
    )
    assert max(map(len, text.splitlines())) <= 60
    assert all(word in text for word in ("88240", "40127", "88260", "40099", "40101"))


def test_json_says_the_same_in_whole_figures(golden: Golden) -> None:
    told = explain_json(MISSED, judged(MISSED, LATER), POLICIES, now=LATER)
    golden("reports/explain_missed.json", json.dumps(told, indent=1, ensure_ascii=False) + "\n")


def test_json_tells_why_no_policy_fits() -> None:
    told = explain_json(FOREIGN, (), POLICIES, now=LATER)
    assert told["clocks"] == []
    assert told["unmatched"] == {"gold": "tier is silver"}


def test_a_comment_that_counts_is_never_listed_as_not_counting() -> None:
    told = screen.text(explain(MISSED, judged(MISSED, LATER), POLICIES, now=LATER))
    line = next(line for line in told.splitlines() if "not counted" in line)
    assert "40102" not in line
    assert BOT.id in line
