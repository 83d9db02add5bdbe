"""Ticket-clock cases from the suites of other help desks (tests/conformance/README.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sla_engine.calendars import Calendar, elapsed
from sla_engine.conditions import NEVER, All, Condition, EventTest, FieldTest, Some
from sla_engine.evaluate import evaluate
from sla_engine.model import Actor, Event, Journal, Ref, Ticket, Verdict
from sla_engine.terms import Choice, ClockTerms, Pause, Policies, Policy, Reopen, Target
from sla_engine.units import Duration, Instant, Millis, parse_iso

CASES = [
    case
    for path in sorted((Path(__file__).parent / "tickets").glob("tickets_*.json"))
    for case in json.loads(path.read_text())["cases"]
]
FIRM = [case for case in CASES if not case["contested"]]
STAFF, CUSTOMER = Actor("agent", kind="staff"), Actor("caller", kind="customer")
BY_STAFF = EventTest("comment", "public", ("staff",))
BY_CUSTOMER = EventTest("comment", "public", ("customer",))


def calendar(data: dict[str, Any]) -> Calendar:
    def windows(spans: list[list[str]]) -> str:
        return " ".join(f"{start}-{end}" for start, end in spans) or "closed"

    return Calendar.from_mapping(
        {
            "tz": data["timezone"],
            "hours": {day: windows(spans) for day, spans in data["weekly_hours"].items()},
            "holidays": {"add": list(data["holidays"])},
            "special": {day: windows(w) for day, w in data.get("date_hours", {}).items()},
            "day": "24h",
        },
        name="case",
    )


def targets(data: Any) -> Choice[Target]:
    if isinstance(data, dict):
        rows = {name: Choice(default=limit(seconds)) for name, seconds in data.items()}
        return Choice(("priority",), rows)
    return Choice(default=limit(data))


def limit(seconds: float) -> Target:
    return Target(Duration(Millis(int(seconds * 1000))))


def clock(case: dict[str, Any], name: str, hours: Calendar) -> ClockTerms:
    states = case["stop_states"].get(name, ())
    reached = FieldTest("status", one_of=tuple(states)) if states else NEVER
    stops: dict[str, Condition] = {
        "first_response": Some((BY_STAFF, reached)),
        "update": BY_STAFF,
    }
    stop = stops.get(name, reached)
    pauses = case["pause_states"]
    paused = tuple(pauses.get(name, ()) if isinstance(pauses, dict) else pauses)
    return ClockTerms(
        name,
        targets(case["targets"][name]),
        start=BY_CUSTOMER if name == "update" else None,
        stop=stop,
        pause=Pause(FieldTest("status", one_of=paused)) if paused else None,
        cycles="every" if name == "update" else "once",
        reopen=Reopen("resume" if name == "resolution" else "ignore"),
        calendar=Choice(default=hours),
    )


def ticket(case: dict[str, Any]) -> Ticket:
    first, *rest = case["events"]
    assert first["type"] == "created"
    created = instant(first["at"])
    return Ticket(
        Ref("case", case["id"], case["id"]), "case", "", "", created, CUSTOMER,
        {"status": first.get("to"), "priority": first.get("priority"), "requester": "caller"},
        Journal(event(number, data) for number, data in enumerate(rest) if data), created,
    )  # fmt: skip


def event(number: int, data: dict[str, Any]) -> Event:
    at, kind, source = instant(data["at"]), data["type"], f"event {number}"
    if kind in ("status", "closed", "reopened", "priority"):
        field = "priority" if kind == "priority" else "status"
        return Event(at, number, field, data.get("from"), data["to"], STAFF, source)
    visibility = "internal" if kind == "internal_note" else "public"
    actor = CUSTOMER if kind == "public_reply_customer" else STAFF
    return Event(at, number, "comment", None, visibility, actor, source)


def instant(text: str) -> Instant:
    at = parse_iso(text)
    assert at is not None
    return at


def verdicts(case: dict[str, Any]) -> dict[str, list[Verdict]]:
    hours = calendar(case["calendar"])
    clocks = tuple(clock(case, name, hours) for name in case["targets"])
    policies = Policies((Policy("case", All(()), clocks),))
    found: dict[str, list[Verdict]] = {name: [] for name in case["targets"]}
    for verdict in evaluate(policies, ticket(case), instant(case["evaluate_at"])):
        found[verdict.clock].append(verdict)
    return found


def reading(all_cycles: list[Verdict]) -> dict[str, Any]:
    """What the cases state, read off our verdicts; durations in seconds."""
    if not all_cycles or all_cycles[-1].state == "no_target":
        return {"due_at": None, "met": False, "breached": False, "paused": False}
    last = all_cycles[-1]
    finished = [v.elapsed / 1000 for v in all_cycles if v.phase == "stopped"]
    return {
        "due_at": last.due_at,
        "elapsed_seconds": last.elapsed / 1000,
        "remaining_seconds": None if last.left is None else last.left / 1000,
        "met": last.state == "met",
        "breached": last.state == "breached",
        "paused": last.phase == "paused",
        "paused_seconds": None,
        "last_elapsed_seconds": finished[-1] if finished else None,
        "max_elapsed_seconds": max(finished, default=None),
    }


def differences(case: dict[str, Any], expected: dict[str, dict[str, Any]]) -> list[str]:
    found = verdicts(case)
    tolerance = case.get("tolerance_seconds", 0)
    wrong = []
    for name, fields in expected.items():
        ours = reading(found[name])
        for field, value in fields.items():
            if field == "paused_seconds":
                ours[field] = paused_seconds(found[name], calendar(case["calendar"]))
            wanted = instant(value) if field == "due_at" and value else value
            if not near(ours[field], wanted, tolerance * (1000 if field == "due_at" else 1)):
                wrong.append(f"{name}.{field}: expected {value}, got {ours[field]}")
    return wrong


def paused_seconds(all_cycles: list[Verdict], hours: Calendar) -> float:
    """Business seconds of finished pauses."""
    spans = [span for v in all_cycles for span in v.spans[:-1] if span.phase == "paused"]
    return sum(elapsed(hours, span.start, span.end) for span in spans) / 1000


def near(ours: Any, wanted: Any, tolerance: float) -> bool:
    if ours is None or wanted is None or isinstance(wanted, bool):
        return bool(ours == wanted)
    return bool(abs(ours - wanted) <= tolerance)


def test_no_case_has_gone_missing() -> None:
    assert (len(CASES), len(FIRM)) == (88, 81)


@pytest.mark.parametrize("case", FIRM, ids=lambda case: case["id"])
def test_a_case_that_nobody_contests_holds(case: dict[str, Any]) -> None:
    assert differences(case, case["expected"]) == []


@pytest.mark.parametrize(
    "case",
    [c for c in CASES if c.get("contested_tag") == "due_exact_close"],
    ids=lambda case: case["id"],
)
def test_a_duration_used_up_exactly_at_closing_is_due_at_closing(case: dict[str, Any]) -> None:
    ours = case["expected"] if case["convention"] == "close" else case["reference_expected"]
    assert differences(case, ours) == []
