"""Lints of exclusions and exceptions: declared too late, granted to nobody."""

from __future__ import annotations

import pytest

from sla_engine.lints import Subject, lint
from sla_engine.lints.seen import see
from sla_engine.resolving.files import read_texts
from tests.engine.desk import at, ticket
from tests.engine.lints.looking import NOW, codes, linted, policy

PROMISE = policy("match: {project: SUP}, calendar: 24x7, targets: {resolution: 8h}")
ONCE = 'when: {from: "2026-11-03T10:00Z", to: "2026-11-03T12:00Z"}'
SUNDAYS = 'when: {rrule: "FREQ=WEEKLY;BYDAY=SU", at: 02:00-06:00, tz: UTC}'


def excluding(terms: str) -> str:
    return f"{PROMISE}exclusions:\n  patch: {{{terms}}}\n"


@pytest.mark.parametrize(
    ("terms", "declared", "what"),
    [
        (f"kind: maintenance, {ONCE}", "2026-11-03 12:30", "declared 2 h 30 min after it began"),
        (f"kind: maintenance, {ONCE}", "2026-11-03 10:00", None),
        (f"kind: maintenance, {ONCE}", "2026-11-10 10:00", "declared 7 days after it began"),
        (f"kind: maintenance, {ONCE}, announced: 5d", "2026-10-31 10:00",
         "declared 3 days ahead, 5 days is due"),
        (f"kind: maintenance, {ONCE}, announced: 5d", "2026-10-29 10:00", None),
        (f"kind: test, {SUNDAYS}, announced: 36h", "2026-11-21 12:00",
         "declared 14 h ahead, 36 h is due"),
        (f"kind: test, {SUNDAYS}, announced: 36h", "2026-11-20 12:00", None),
        (f"kind: maintenance, {SUNDAYS}", "2026-11-21 12:00", None),
        (f"kind: force_majeure, {ONCE}, approved_by: x", "2026-11-10 10:00", None),
    ],
)  # fmt: skip
def test_planned_work_is_declared_in_time(terms: str, declared: str, what: str | None) -> None:
    problems = linted(excluding(terms), declared={"patch": at(declared)})
    assert [problem.what for problem in problems] == ([f'"patch" was {what}'] if what else [])
    assert all(problem.where.line == 5 for problem in problems)
    assert all("committed 2026-" in problem.mend for problem in problems)


def test_nothing_is_said_where_nobody_knows_when_it_was_declared() -> None:
    assert codes(linted(excluding(f"kind: maintenance, {ONCE}"))) == []


@pytest.mark.parametrize(
    ("key", "project", "what"),
    [
        ("SUP-1", "SUP", None),
        ("SUP-1", "OPS", "no policy matches SUP-1, so nothing is granted to it"),
        ("SUP-2", "SUP", "no ticket SUP-2 is kept"),
    ],
)
def test_an_exception_is_granted_to_somebody(key: str, project: str, what: str | None) -> None:
    grant = f"exceptions:\n  - {{ticket: {key}, waive: true, approved_by: x, reason: y}}\n"
    problems = linted(PROMISE + grant, [ticket(project=project)])
    assert [p.what for p in problems if p.code == "SLA218"] == ([what] if what else [])


def test_a_ticket_of_a_system_that_was_not_read_may_be_there() -> None:
    grant = "exceptions:\n  - {ticket: SUP-2, waive: true, approved_by: x, reason: y}\n"
    reading = read_texts({"p.yaml": f"schema: sla/v1\n{PROMISE}{grant}"})
    seen = see(reading, [ticket()], NOW, frozenset({"jira"}))
    assert codes(lint(Subject(reading, NOW, seen))) == []
