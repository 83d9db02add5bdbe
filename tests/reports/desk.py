"""A desk of invented tickets under one policy, evaluated by the engine for screens to show."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from sla_engine.calendars import Calendar
from sla_engine.conditions import All, FieldTest
from sla_engine.evaluate import evaluate
from sla_engine.model import Actor, At, Event, FieldValue, Journal, Ref, Ticket, Value, Verdict
from sla_engine.presets import CLOCKS, FIELDS, REQUESTER_REPLIES
from sla_engine.problems import Where
from sla_engine.terms import (
    Choice,
    ClockTerms,
    Pause,
    Policies,
    Policy,
    PublishTerms,
    Step,
    Target,
)
from sla_engine.units import Duration, Instant, Millis, parse_iso

OFFICE = Calendar.from_mapping(
    {"tz": "Europe/Berlin", "hours": "mon-fri 09:00-17:00", "holidays": {"import": ["DE-BY"]}},
    name="de-office",
    holidays={"DE-BY": ["2026-12-25"]},
)
ADA = Actor("a.lovelake", kind="staff")
KETTLE = Actor("b.kettle", kind="customer")
BOT = Actor("automation-bot", kind="bot")
FILE = "policies/gold.yaml"


def at(text: str) -> Instant:
    """A time of November 2026 in Berlin: `at("20T15:22")`."""
    found = parse_iso(f"2026-11-{text}+01:00")
    assert found is not None
    return found


def target(line: int, limit: str, aim: str = "") -> Target:
    minutes = {"30m": 30, "15m": 15, "4h": 240, "3h": 180, "8h": 480}
    told = Duration(Millis(minutes[aim] * 60_000)) if aim else None
    return Target(Duration(Millis(minutes[limit] * 60_000)), told, Where(FILE, line))


def clock(name: str, targets: Choice[Target]) -> ClockTerms:
    preset = CLOCKS[name].clock
    pause = Pause(FieldTest("status", ("Waiting for customer",)), REQUESTER_REPLIES)
    return msgspec.structs.replace(
        preset,
        targets=targets,
        calendar=Choice(default=OFFICE),
        pause=pause if name == "resolution" else None,
        where=Where(FILE, 7),
    )


RESOLUTION = Choice(
    ("priority",), {"P1": Choice(default=target(9, "4h"))}, default=target(10, "8h")
)
GOLD = Policy(
    "gold",
    All((FieldTest("project", ("SUP",)), FieldTest("tier", ("gold",)))),
    (
        clock("first_response", Choice(default=target(8, "30m", "15m"))),
        clock("resolution", RESOLUTION),
    ),
    describe="Promises to gold customers.",
    steps=(Step("75%", 75.0, Millis(0)),),
    where=Where(FILE, 4),
)
POLICIES = Policies(
    policies=(GOLD,),
    calendars={"de-office": OFFICE},
    fields=FIELDS,
    publish={
        "jira": PublishTerms(
            {
                "SLA status": "state",
                "SLA due": "due",
                "SLA summary": "summary",
                "SLA missed": "missed",
            }
        )
    },
    version="a1f3c9e",
    files={FILE: ""},
)

Act = tuple[str, Actor, str, Mapping[str, Value]]
"""When, who, where to find it, what: `("20T09:22", ADA, "history 88240", {"status": "Done"})`."""


def ticket(
    key: str,
    title: str,
    created: str,
    acts: tuple[Act, ...] = (),
    *,
    priority: str = "P1",
    written: Mapping[str, FieldValue] | None = None,
) -> Ticket:
    events = [
        Event(at(when), number, field, None, new, actor, source_id)
        for number, (when, actor, source_id, fields) in enumerate(acts)
        for field, new in fields.items()
    ]
    return Ticket(
        ref=Ref("jira/acme", key, key.rpartition("-")[2]),
        system="jira",
        url=f"https://acme.example/browse/{key}",
        title=title,
        created_at=at(created),
        created_by=KETTLE,
        initial={
            "project": "SUP",
            "tier": "gold",
            "priority": priority,
            "team": "Identity",
            "requester": "b.kettle",
            "status": "Open",
            "status_category": "new",
        },
        journal=Journal(events),
        updated_at=events[-1].at if events else at(created),
        written=written or {},
    )


WAITING = {"status": "Waiting for customer", "status_category": "in_progress"}
RESOLVED = {"status": "Resolved", "status_category": "done"}

MISSED = ticket(
    "SUP-118",
    "Password reset mail not sent",
    "19T14:40:00",
    (
        ("19T14:40:05", BOT, "comment 40099", {"comment": "public"}),
        ("19T14:45:00", ADA, "comment 40101", {"comment": "internal"}),
        ("19T14:52:00", ADA, "comment 40102", {"comment": "public"}),
        ("20T09:22:00", ADA, "history 88240", WAITING),
        ("20T14:04:00", KETTLE, "comment 40127", {"comment": "public"}),
        ("20T16:00:00", ADA, "history 88260", RESOLVED),
    ),
    written={
        "SLA status": "Missed",
        "SLA summary": "Resolution missed by 38 min, was due Fri 20 Nov 15:22 CET"
        " · First response met in 12 min",
        "SLA missed": ("resolution",),
    },
)
AT_RISK = ticket(
    "SUP-231",
    "Checkout returns 502 for EU cards",
    "20T09:00:00",
    (("20T09:10:00", ADA, "comment 40200", {"comment": "public"}),),
    written={"SLA status": "On track", "SLA due": At(at("20T12:00:00"))},
)
PAUSED = ticket(
    "SUP-204",
    "Invoice PDF empty",
    "20T09:00:00",
    (
        ("20T09:05:00", ADA, "comment 40300", {"comment": "public"}),
        ("20T09:55:00", ADA, "history 88300", WAITING),
    ),
    priority="P2",
)
NIGHT = ticket("SUP-240", "Typo on the login page", "19T16:50:00", priority="P3")

NOW = at("20T12:30:00")
LATER = at("20T16:05:00")


def judged(found: Ticket, now: Instant = NOW) -> tuple[Verdict, ...]:
    return evaluate(POLICIES, found, now)
