"""Lints of the files alone: what each finds, the witness it shows, and what it lets pass."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from sla_engine.evaluate import evaluate
from sla_engine.lints import Subject, lint
from sla_engine.resolving.files import read_texts
from tests.engine.desk import DONE, STAFF, policies, ticket
from tests.engine.lints.looking import NOW, codes, linted, policy

OFFICE = "calendar: mon-fri 09:00-17:00 Europe/Berlin, targets: {resolution: 8h}"
DAY_AND_NIGHT = "calendar: 24x7, targets: {resolution: 8h}"


class Case(NamedTuple):
    """Files, and the one problem that is found in them."""

    text: str
    code: str
    what: str
    mend: str


FOUND = {
    "a lower rank takes every ticket": Case(
        "policies:\n"
        f"  all: {{match: {{project: SUP}}, rank: 10, {OFFICE}}}\n"
        f"  p4: {{match: {{project: SUP, priority: P4}}, {OFFICE}}}\n",
        "SLA203", '"p4" can never apply: "all"', "{project: SUP, priority: P4} goes to",
    ),
    "two lower ranks take every ticket together": Case(
        "policies:\n"
        f"  urgent: {{match: {{priority: [P1, P2]}}, rank: 10, {OFFICE}}}\n"
        f"  rest: {{match: {{priority: {{not: [P1, P2]}}}}, rank: 20, {OFFICE}}}\n"
        f"  late: {{match: {{project: SUP}}, {OFFICE}}}\n",
        "SLA203", '"late" can never apply: "rest" or "urgent"', "{project: SUP} goes to",
    ),
    "one version after the other takes every ticket": Case(
        "policies:\n"
        "  all:\n"
        f"    - {{match: {{project: SUP}}, rank: 10, {OFFICE}}}\n"
        "    - {extends: all, effective: 2027-01-01, match: {type: {set: true}}}\n"
        f"  p4: {{match: {{project: SUP, type: Task}}, {OFFICE}}}\n",
        "SLA203", '"p4" can never apply: "all"', "{project: SUP, type: Task} goes to",
    ),
    "one clock of two is taken": Case(
        "policies:\n"
        f"  all: {{match: {{project: SUP}}, rank: 10, {OFFICE}}}\n"
        "  more: {match: {project: SUP}, calendar: 24x7,"
        " targets: {resolution: 8h, first_response: 1h}}\n",
        "SLA203", 'resolution of "more" can never apply', "{project: SUP}",
    ),
    "done tickets are not matched": Case(
        policy(f"match: {{status_category: {{not: done}}}}, {DAY_AND_NIGHT}"),
        "SLA212", "resolution can never stop: {status_category: done} stops it", "cancelled",
    ),
    "a stop that contradicts itself": Case(
        policy("match: {project: SUP}, calendar: 24x7, targets: {fix: 8h},"
               " clocks: {fix: {stop: {status: Done, all: [{status: Shut}]}}}"),
        "SLA212", "fix can never stop", "contradict",
    ),
    "started by what pauses": Case(
        policy("match: {project: SUP}, calendar: 24x7, pause: {status: Waiting},"
               " targets: {wait: 8h},"
               " clocks: {wait: {start: {status: Waiting}, stop: {status: Open}}}"),
        "SLA213", "wait is paused from its start", "{project: SUP, status: Waiting} starts",
    ),
    "paused by what matches": Case(
        policy(f"match: {{project: SUP}}, pause: {{project: [SUP, OPS]}}, {DAY_AND_NIGHT}"),
        "SLA213", "resolution is paused from its start", "{project: SUP} starts",
    ),
    "years of short weeks": Case(
        policy("match: {project: SUP}, calendar: mon 09:00-14:00 UTC, targets: {resolution: 80h}"),
        "SLA215", "resolution can be breached after 107 days at the earliest", "due on 2027-03-08",
    ),
    "a calendar that is closed for winter": Case(
        "calendars:\n  pool: {tz: UTC, hours: mon 09:00-10:00,"
        " holidays: {add: [2026-11-23, 2026-11-30, 2026-12-07, 2026-12-14, 2027-01-01]},"
        " special: {2026-12-21: closed}}\n",
        "SLA207", '"pool" does not open in the next 30 days', "opens on 2026-12-28",
    ),
    "holidays of this year only": Case(
        "calendars:\n"
        "  a: {tz: UTC, hours: mon-fri 09:00-17:00, holidays: {add: [2026-01-01, 2026-12-25]}}\n",
        "SLA210", '"a" has no holiday in 2027; its last is 2026-12-25', "add those of 2027",
    ),
    "a lock that ends": Case(
        "calendars:\n  a: {tz: UTC, hours: mon-fri 09:00-17:00, holidays: {import: DE-BE}}\n",
        "SLA210", '"a" has no holiday in 2027', "",
    ),
    "a review that is overdue": Case(
        policy(f"match: {{project: SUP}}, owner: ada@x.example, {OFFICE},"
               " review: {every: 3mo, next: 2026-11-20}"),
        "SLA211", 'the review of policy "p" was due on 2026-11-20, 1 day ago',
        "look at it with ada@x.example, then write next: 2027-02-21",
    ),
    "a review without a day": Case(
        policy(f"match: {{project: SUP}}, {OFFICE}, review: {{every: 1w, by: [bea, cy]}}"),
        "SLA211", "has no day", "add next: 2026-11-28",
    ),
    "a field that is constant": Case(
        "fields: {tier: {servicenow: company.u_tier}}\n"
        + policy(f"match: {{tier: gold}}, {OFFICE}"),
        "SLA222", '"tier" has no history', "value of now",
    ),
    "a field that is declared constant": Case(
        "fields: {tier: {jira: customfield_10001, history: none}}\n"
        + policy(f"match: {{tier: gold}}, {OFFICE}"),
        "SLA222", '"tier" has no history', "",
    ),
    "an inner promise with a longer row": Case(
        "policies:\n"
        "  out: {match: {project: SUP}, calendar: 24x7,"
        " targets: {resolution: {P1: 4h, P2: 8h, default: 72h}}}\n"
        "  in: {type: ola, supports: out.resolution, match: {labels: net}, calendar: 24x7,"
        " targets: {resolution: {P1: 2h, default: 24h}}}\n",
        "SLA216", "resolution may be due after out.resolution, which it supports",
        "{labels: net, project: SUP, priority: P2} that starts both on 2026-11-22 00:00 UTC",
    ),
    "an inner promise that sleeps at weekends": Case(
        "policies:\n"
        "  out: {match: {project: SUP}, calendar: 24x7, targets: {resolution: 24h}}\n"
        "  in: {type: ola, supports: out.resolution, match: {project: SUP},"
        " calendar: mon-fri 09:00-17:00 UTC, targets: {resolution: 2h}}\n",
        "SLA216", "resolution may be due after out.resolution", "2026-11-22 00:00 UTC",
    ),
    "a credit above the cap": Case(
        "contracts: {acme: {match: {organization: ACME}, cap: 30%,"
        " credits: [{objective: o, tiers: [{below: 99%, credit: 5%},"
        " {below: 90%, credit: 40%}]}]}}\n",
        "SLA219", 'a credit of 40% is above the cap of contract "acme", 30%', "gets the cap",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "code", "what", "mend"), FOUND.values(), ids=FOUND)
def test_what_may_not_be_meant_is_found_and_shown(
    text: str, code: str, what: str, mend: str
) -> None:
    (problem,) = [one for one in linted(text) if one.code not in ("SLA214", "SLA290")]
    assert problem.code == code
    assert what in problem.what
    assert mend in problem.mend


FINE = {
    "ranks that leave a ticket": (
        "policies:\n"
        f"  urgent: {{match: {{project: SUP, priority: [P1, P2]}}, rank: 10, {OFFICE}}}\n"
        f"  all: {{match: {{project: SUP}}, {OFFICE}}}\n"
    ),
    "a lower rank that begins later": (
        "policies:\n"
        f"  next: {{match: {{project: SUP}}, rank: 10, effective: 2027-01-01, {OFFICE}}}\n"
        f"  now: {{match: {{project: SUP}}, {OFFICE}}}\n"
    ),
    "a label beside another": (
        "policies:\n"
        f"  plain: {{match: {{labels: {{not: vip}}}}, rank: 10, {OFFICE}}}\n"
        f"  b: {{match: {{labels: b}}, {OFFICE}}}\n"
    ),
    "a response may be given before the end": policy(
        "match: {status_category: {not: done}}, calendar: 24x7, targets: {first_response: 1h}"
    ),
    "an event stops, and not another": policy(
        "match: {project: SUP}, calendar: 24x7, targets: {hold: 1h},"
        " clocks: {hold: {stop: {assigned: false}}}"
    ),
    "a pause that some starts miss": policy(
        f"match: {{project: SUP}}, pause: {{status: Waiting}}, {DAY_AND_NIGHT}"
    ),
    "long in hours, short in days": policy(
        "match: {project: SUP}, calendar: mon-fri 09:00-17:00 UTC, targets: {resolution: 60bd}"
    ),
    "as long as it says": policy(
        "match: {project: SUP}, calendar: 24x7, targets: {resolution: 180d}"
    ),
    "near on one of two calendars": policy(
        "match: {project: SUP}, targets: {resolution: 80h},"
        " calendar: {by: priority, P1: 24x7, default: mon 09:00-14:00 UTC}"
    ),
    "a review to come": policy(f"match: {{project: SUP}}, {OFFICE}, review: {{next: 2026-11-21}}"),
    "holidays of next year": (
        "calendars:\n"
        "  a: {tz: UTC, hours: mon-fri 09:00-17:00, holidays: {add: [2026-12-25, 2027-12-25]}}\n"
    ),
    "an inner promise that fits": (
        "policies:\n"
        "  out: {match: {project: SUP}, calendar: 24x7,"
        " targets: {resolution: {P1: 4h, default: 72h}}}\n"
        "  in: {type: ola, supports: out.resolution, match: {labels: net}, calendar: 24x7,"
        " targets: {resolution: {P1: 2h, default: 24h}}}\n"
    ),
    "besides all others": (
        "policies:\n"
        f"  all: {{match: {{project: SUP}}, rank: 10, {OFFICE}}}\n"
        f"  beside: {{match: {{project: SUP}}, additive: true, {OFFICE}}}\n"
    ),
    "a lower rank that ends": (
        "policies:\n"
        f"  old: {{match: {{project: SUP}}, rank: 10, until: 2026-12-31, {OFFICE}}}\n"
        f"  new: {{match: {{project: SUP}}, {OFFICE}}}\n"
    ),
    "versions of a lower rank with a gap between them": (
        "policies:\n"
        "  all:\n"
        f"    - {{match: {{project: SUP}}, rank: 10, until: 2026-12-31, {OFFICE}}}\n"
        "    - {extends: all, effective: 2027-03-01}\n"
        f"  rest: {{match: {{project: SUP}}, {OFFICE}}}\n"
    ),
    "an early and a late shift": (
        "calendars:\n"
        "  early: {tz: Europe/Berlin, hours: mon-fri 06:00-14:00}\n"
        "  late: {tz: Europe/Berlin, hours: mon-fri 14:00-22:00}\n"
        "  both: {union: [early, late], day: 16h}\n"
    ),
}


@pytest.mark.parametrize("text", FINE.values(), ids=FINE)
def test_what_is_meant_is_let_pass(text: str) -> None:
    assert codes(linted(text)) == []


def test_holidays_of_next_year_are_not_asked_for_in_spring() -> None:
    text, *_ = FOUND["holidays of this year only"]
    assert codes(linted(text, now="2026-09-30 12:00")) == []
    assert codes(linted(text, now="2026-10-01 12:00")) == ["SLA210"]


SUN = """\
calendars:
  apac: {tz: Asia/Singapore,   hours: {mon-fri: 09:00-18:00}}
  emea: {tz: Europe/Berlin,    hours: {mon-fri: 09:00-18:00}}
  amer: {tz: America/New_York, hours: {mon-fri: 09:00-18:00}}
  sun:  {union: [apac, emea, amer], day: 24h}
"""


def test_gaps_of_a_union_are_told_by_season() -> None:
    """Case 78: 110 of 120 weekday hours in November, 105 in July."""
    (problem,) = linted(SUN)
    assert (problem.code, problem.severity, problem.where.line) == ("SLA208", "note", 6)
    assert problem.what == '"sun" covers 110 of 120 weekday hours, 105 from 15 Mar 2027'
    assert problem.mend == "nobody works at 22:00–01:00 UTC (week of 15 Mar 2027)"


def test_holidays_are_no_gaps() -> None:
    closed = SUN.replace("18:00}}", "18:00}, holidays: {add: [2026-11-18]}}")
    assert [one.what for one in linted(closed) if one.code == "SLA208"] == [linted(SUN)[0].what]


def test_a_pause_without_max_is_a_note_told_once() -> None:
    text = (
        "match: {project: SUP}, pause: PAUSE, calendar: 24x7, targets: {resolution: 8h, update: 4h}"
    )
    (problem,) = linted(policy(text.replace("PAUSE", "{status: Waiting}")))
    assert (problem.code, problem.severity) == ("SLA214", "note")
    capped = "{while: {status: Waiting}, max: 48h}"
    assert linted(policy(text.replace("PAUSE", capped))) == []


def test_a_pause_is_found_where_it_is_said() -> None:
    own = "clocks: {resolution: {pause: {status: Waiting}}}"
    defaults = "defaults: {pause: {status: Waiting}}\n"
    (inherited,) = linted(defaults + policy(f"match: {{project: SUP}}, {DAY_AND_NIGHT}"))
    assert (inherited.where.line, inherited.where.column) == (2, 12)
    (stated,) = linted(policy(f"match: {{project: SUP}}, {own}, {DAY_AND_NIGHT}"))
    assert stated.where.line == 3
    assert stated.where.column > 40


def test_the_ticket_that_an_unreachable_stop_shows_is_cancelled_indeed() -> None:
    text, *_ = FOUND["done tickets are not matched"]
    (verdict,) = evaluate(policies(text), ticket("09:00", ("10:00", STAFF, DONE)), NOW)
    assert (verdict.state, verdict.stopped_at is None) == ("cancelled", False)


def test_the_ticket_that_a_shadow_shows_goes_to_the_other_indeed() -> None:
    text, *_ = FOUND["a lower rank takes every ticket"]
    (verdict,) = evaluate(policies(text), ticket("09:00", priority="P4"), NOW)
    assert verdict.policy == "all"


def test_nothing_is_said_of_files_that_say_nothing() -> None:
    assert lint(Subject(read_texts({}), NOW)) == []
