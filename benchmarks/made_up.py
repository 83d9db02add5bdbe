"""Made-up tickets for the benchmarks: a year of a desk, seeded, 25 events each."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from sla_engine.model import Actor, Event, Journal, Ref, Ticket, Value
from sla_engine.policy_files import load_texts
from sla_engine.terms import Policies
from sla_engine.units import DAY, HOUR, MINUTE, Instant

START = Instant(1_767_571_200_000)  # Monday 2026-01-05
YEAR = 365 * DAY
END = Instant(START + YEAR + 60 * DAY)

POLICY = """
schema: sla/v1
calendars:
  office:
    tz: Europe/London
    hours: mon-fri 09:00-12:00 13:00-17:00
    day: 7h
    holidays: {import: GB-ENG}
fields:
  tier: {jira: Tier}
policies:
  support:
    match: {project: SUP, type: [Incident, Question]}
    calendar: office
    pause: {while: {status: Waiting for customer}, until: requester_replies}
    targets:
      first_response:
        by: [tier, priority]
        gold: {P1: 15m, P2: 1h, default: 4h}
        silver: {P1: 1h, P2: 4h, default: 1bd}
        default: 2bd
      next_response: {P1: 1h, default: 1bd}
      resolution:
        by: [tier, priority]
        gold: {P1: 4h, P2: 8h, default: 3bd}
        silver: {P1: 8h, P2: 2bd, default: 5bd}
        default: 10bd
"""

_STAFF = [Actor(f"agent-{n}", f"Agent {n}", "staff") for n in range(40)]
_CUSTOMERS = [Actor(f"caller-{n}", f"Caller {n}", "customer") for n in range(2_000)]
_BOT = Actor("automation", "Automation", "bot")
_TEAMS = [f"Team {n}" for n in range(12)]

# What happens to a ticket between its creation and its end: 13 changes of fields, 12 comments.
_SCRIPT = (
    *("work", "wait", "work", "wait", "work"),
    *("priority", "team", "team", "assignee", "assignee", "labels", "labels"),
    *("staff",) * 5,
    *("customer",) * 4,
    *("note",) * 2,
    "bot",
)
EVENTS = len(_SCRIPT) + 1


def policies() -> Policies:
    """The policy of the replay, read from its YAML."""
    loaded, problems = load_texts({"bench.yaml": POLICY})
    assert not [p for p in problems if p.severity == "error"], [str(p) for p in problems]
    return loaded


def tickets(number: int, seed: int = 1) -> Iterator[Ticket]:
    """That many tickets of a year, all done in the end, the same for the same seed."""
    rng = random.Random(seed)
    return (
        _ticket(rng, n, Instant(START + rng.randrange(YEAR)), last="done") for n in range(number)
    )


def open_tickets(numbers: Iterable[int], now: Instant) -> Iterator[Ticket]:
    """Tickets of the weeks before `now`, none of them done, nothing after `now`; each the same
    whichever others there are."""
    first, newest = now - 60 * DAY, now - EVENTS * 8 * HOUR
    for number in numbers:
        rng = random.Random(number)
        yield _ticket(rng, number, Instant(rng.randrange(first, newest)), last="staff")


def _ticket(rng: random.Random, number: int, created: Instant, last: str) -> Ticket:
    caller = rng.choice(_CUSTOMERS)
    initial: dict[str, Value] = {
        "system": "jira",
        "project": "SUP",
        "type": rng.choice(["Incident", "Question"]),
        "tier": rng.choice(["gold", "silver", "silver"]),
        "priority": rng.choice(["P1", "P2", "P3", "P3", "P4"]),
        "status": "Open",
        "status_category": "new",
        "requester": caller.id,
    }
    script = [*_SCRIPT]
    rng.shuffle(script)
    at, events = int(created), []
    for step, what in enumerate((*script, last)):
        at += rng.randrange(MINUTE, 8 * HOUR)
        field, value, actor = _happening(rng, what, caller)
        sequence = number * 100 + step
        source = f"comment {sequence}" if field == "comment" else f"history {sequence}"
        events.append(Event(Instant(at), sequence, field, None, value, actor, source))
    return Ticket(
        Ref("bench", f"SUP-{number}", str(number)),
        "jira",
        f"https://jira.example/browse/SUP-{number}",
        "",
        created,
        caller,
        initial,
        Journal(events),
        Instant(at),
    )


def _happening(rng: random.Random, what: str, caller: Actor) -> tuple[str, Value, Actor]:
    """(field, new value, who)."""
    agent = rng.choice(_STAFF)
    said = {"customer": ("public", caller), "note": ("internal", agent), "bot": ("public", _BOT)}
    if what in ("staff", *said):
        visibility, actor = said.get(what, ("public", agent))
        return "comment", visibility, actor
    changes: dict[str, tuple[str, list[Value]]] = {
        "work": ("status", ["In Progress"]),
        "wait": ("status", ["Waiting for customer"]),
        "done": ("status_category", ["done"]),
        "priority": ("priority", ["P1", "P2", "P3"]),
        "team": ("team", [*_TEAMS]),
        "assignee": ("assignee", [agent.id]),
        "labels": ("labels", [("vip",), ("network",), ("mail",)]),
    }
    field, values = changes[what]
    return field, rng.choice(values), agent
