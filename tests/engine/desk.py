"""Made-up tickets and policies for the tests of the engine."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from sla_engine.evaluate import evaluate
from sla_engine.model import Actor, Event, Journal, Ref, Ticket, Value, Verdict
from sla_engine.policy_files import load_texts
from sla_engine.terms import Policies
from sla_engine.units import Instant, parse_iso

STAFF = Actor("ada", "Ada Lovelake", "staff")
OTHER = Actor("bob", "Bob Kettle", "staff")
CUSTOMER = Actor("cleo", "Cleo Fernweh", "customer")
BOT = Actor("automation", "Automation", "bot")

HOUR = 3_600_000
MONDAY = "2026-11-16"  # of an ordinary week
DONE: dict[str, Value] = {"status": "Done", "status_category": "done"}
OPEN: dict[str, Value] = {"status": "Open", "status_category": "new"}
WAITING: dict[str, Value] = {"status": "Waiting for customer"}


def at(text: str) -> Instant:
    """`10:30` on the Monday, or `2026-11-17 10:30`, in UTC."""
    day, _, time = text.rpartition(" ")
    instant = parse_iso(f"{day or MONDAY}T{time}:00Z" if time.count(":") == 1 else text)
    assert instant is not None
    return instant


def policies(text: str) -> Policies:
    """One file of policies, without a mistake."""
    loaded, problems = load_texts({"policies.yaml": f"schema: sla/v1\n{text}"})
    assert not [str(p) for p in problems if p.severity == "error"]
    return loaded


def ticket(created: str = "09:00", *steps: tuple[Any, ...], **initial: Value) -> Ticket:
    """A ticket with steps (when, actor, {field: value}); `comment` is a field like any other."""
    fields: dict[str, Value] = {
        "system": "jira", "project": "SUP", "status": "Open", "status_category": "new",
        "priority": "P2", "requester": CUSTOMER.id,
    }  # fmt: skip
    fields |= initial
    now, events = dict(fields), []
    for number, (when, actor, changes) in enumerate(steps, start=1):
        moment = when if isinstance(when, int) else at(when)
        for field, value in changes.items():
            events.append(
                Event(
                    Instant(moment), number, field, now.get(field), value, actor, f"step {number}"
                )
            )
            now[field] = value
    start = at(created)
    last = max([start, *(event.at for event in events)])
    return Ticket(
        Ref("desk", "SUP-1", "1"), "jira", "https://desk.example/SUP-1", "", start, CUSTOMER,
        fields, Journal(events), last,
    )  # fmt: skip


STATUSES = {
    "Open": "new",
    "In Progress": "in_progress",
    "Waiting for customer": "in_progress",
    "Done": "done",
}

changes: st.SearchStrategy[dict[str, Value]] = st.one_of(
    st.sampled_from(sorted(STATUSES)).map(lambda s: {"status": s, "status_category": STATUSES[s]}),
    st.sampled_from(["P1", "P2", "P3", None]).map(lambda p: {"priority": p}),
    st.sampled_from(["gold", "silver", "none"]).map(lambda t: {"tier": t}),
    st.sampled_from(["public", "internal"]).map(lambda v: {"comment": v}),
    st.sampled_from([None, "ada", "bob"]).map(lambda a: {"assignee": a}),
    st.just({"labels": ("x",)}),
)

histories = st.lists(
    st.tuples(st.integers(1, 30 * HOUR), st.sampled_from([STAFF, OTHER, CUSTOMER, BOT]), changes),
    max_size=14,
).map(lambda gaps: _spread(gaps))


def _spread(gaps: list[tuple[int, Actor, dict[str, Value]]]) -> Ticket:
    moment, steps = at("09:00"), []
    for gap, actor, change in gaps:
        moment = Instant(moment + gap)
        steps.append((moment, actor, change))
    return ticket("09:00", *steps, tier="gold")


RICH = policies(
    """
calendars:
  desk: {tz: Europe/Berlin, hours: mon-fri 09:00-17:00, day: 8h}
defaults: {calendar: desk}
policies:
  gold:
    rank: 10
    match: {project: SUP, tier: gold}
    calendar: {by: priority, P1: 24x7, default: desk}
    pause: {while: {status: Waiting for customer}, until: {comment: public, by: customer}, max: 2bd}
    targets:
      first_response: {P1: 30m, default: {aim: 1h, limit: 4h}}
      next_response: 4h
      resolution: {P1: 4h, P2: 8h, default: 3bd}
    reopen: {within: 2d, then: resume, else: new}
    settle: 5m
    warn: [50%, 75%]
    escalate:
      - {at: breach, do: [{comment: late}, {notify: team_lead}]}
      - {at: breach + 2h, do: [{assign: tier2}], repeat: 4h, max: 3}
  everybody:
    match: {project: SUP}
    pause: {status: Waiting for customer}
    targets: {acknowledge: 1h, resolution: 5bd, update: 1bd}
    reopen: new
  latest:
    match: {project: SUP}
    on_target_change: latest
    clocks:
      close: {start: created, stop: {status: Done}, pausable: false}
    targets: {close: {P1: 1h, default: 10h}}
"""
)


def told(policies: Policies, whole: Ticket, when: str, clock: str = "") -> list[Verdict]:
    """The verdicts at a time as `at` reads it, of one clock where it is named."""
    return [v for v in evaluate(policies, whole, at(when)) if clock in ("", v.clock)]


def only(policies: Policies, whole: Ticket, when: str, clock: str = "") -> Verdict:
    """The one verdict that there must be."""
    (verdict,) = told(policies, whole, when, clock)
    return verdict
