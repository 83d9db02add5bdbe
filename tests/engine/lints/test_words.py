"""Lints of words: what no system has, what it has no more, what it calls differently now."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from sla_engine.lints import Subject, lint
from sla_engine.lints.seen import see
from sla_engine.model import Ticket
from sla_engine.problems import Problem
from sla_engine.resolving.files import read_texts
from sla_engine.units import DAY, MINUTE, Instant
from sla_engine.vocabulary import Known, Vocabulary
from tests.engine.desk import STAFF, ticket
from tests.engine.lints.looking import NOW, policy

STATUSES = {"1": "Open", "2": "Waiting for customer", "3": "Done"}
JIRA = Vocabulary(("status", "Status", "customfield_10001", "Tier"), {"status": STATUSES})
SNOW = Vocabulary(("number", "state", "company"), {"state": {"1": "New", "3": "On Hold"}})


def known(
    vocabulary: Vocabulary = JIRA,
    system: str = "jira",
    age: int = 4 * MINUTE,
    former: dict[str, str] | None = None,
) -> Known:
    told = {"status": former} if former else {}
    return Known(f"{system}/demo", system, Instant(NOW - age), vocabulary, told)


def told(
    text: str, words: Sequence[Known], tickets: Sequence[Ticket] | None = None
) -> list[Problem]:
    reading = read_texts({"p.yaml": f"schema: sla/v1\n{text}"})
    seen = None if tickets is None else see(reading, tickets, NOW)
    problems = lint(Subject(reading, NOW, seen, words))
    return [problem for problem in problems if problem.code != "SLA214"]


def waiting(status: str) -> str:
    pause = f"pause: {{status: {status}}}"
    return policy(f"match: {{project: SUP}}, {pause}, calendar: 24x7, targets: {{resolution: 8h}}")


def test_a_status_that_does_not_exist_is_an_error_with_what_is_meant() -> None:
    (problem,) = told(waiting("Waiting for Customer"), [known()])
    assert (problem.code, problem.severity) == ("SLA110", "error")
    assert problem.what == 'status "Waiting for Customer" does not exist in jira/demo'
    assert problem.mend == (
        'did you mean "Waiting for customer"?; '
        "read from jira/demo 4 minutes ago; refresh: sla check --online"
    )


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (0, "just now"),
        (MINUTE, "1 minute ago;"),
        (59 * MINUTE, "59 minutes ago;"),
        (2 * 60 * MINUTE, "2 hours ago;"),
        (DAY, "1 day ago;"),
        (-DAY, "just now"),
    ],
)
def test_the_age_of_what_was_read_is_told(age: int, words: str) -> None:
    (problem,) = told(waiting("Nowhere"), [known(age=age)])
    assert f"read from jira/demo {words}" in problem.mend


def test_names_ids_and_globs_of_any_connection_are_words() -> None:
    for status in ("Done", "3", "On Hold", '{matches: "Nowhere*"}'):
        assert told(waiting(status), [known(), known(SNOW, "servicenow")]) == []
    assert [p.code for p in told(waiting("On Hold"), [known()])] == ["SLA110"]


def test_where_one_connection_tells_no_list_nothing_follows() -> None:
    silent = Vocabulary(SNOW.fields, {})
    assert told(waiting("Nowhere"), [known(), known(silent, "servicenow")]) == []
    assert told(waiting("Nowhere"), []) == []


def test_a_status_that_was_deleted_is_a_warning() -> None:
    """Case 17: past values stay, the condition can no longer become true."""
    once = ticket("09:00", ("10:00", STAFF, {"status": "Parked"}))
    (problem,) = told(waiting("Parked"), [known()], [once])
    assert (problem.code, problem.severity) == ("SLA225", "warning")
    assert problem.what == 'status "Parked" exists no more; 1 ticket had it once'


def test_a_status_that_was_renamed_is_proposed() -> None:
    """Case 18."""
    (problem,) = told(waiting("Pending"), [known(former={"Pending": "Waiting for customer"})])
    assert (problem.code, problem.severity) == ("SLA226", "warning")
    assert problem.what == 'status "Pending" is called "Waiting for customer" now'
    assert "fields: {status: {values: {Pending: [Waiting for customer]}}}" in problem.mend
    kept = "fields: {status: {values: {Pending: [Waiting for customer]}}}\n" + waiting("Pending")
    assert told(kept, [known()]) == []


def test_names_under_fields_are_looked_up_too() -> None:
    text = "fields: {status: {values: {Waiting: [Waiting for customer, Waiting for vendor]}}}\n"
    (problem,) = told(text + waiting("Waiting"), [known()])
    assert problem.what == 'status "Waiting for vendor" does not exist in jira/demo'
    assert (problem.where.line, problem.where.column) == (2, 60)


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ("{jira: Teir}", 'jira/demo has no field "Teir" for tier'),
        ("{jira: customfield_99}", 'jira/demo has no field "customfield_99" for tier'),
        ("{servicenow: compny.u_tier}", 'servicenow/demo has no field "compny" for tier'),
        ("{jira: Tier, servicenow: company.u_tier}", None),
        ("{event_log: anything}", None),
    ],
)
def test_fields_that_a_system_does_not_have_are_errors(fields: str, what: str | None) -> None:
    text = f"fields: {{tier: {fields}}}\n" + waiting("Open")
    problems = told(text, [known(), known(SNOW, "servicenow")])
    found = [problem.what for problem in problems if problem.code == "SLA139"]
    assert found == ([what] if what else [])


def test_values_that_a_system_lists_may_wait_for_their_first_ticket() -> None:
    assert told(waiting("Done"), [known()], [ticket()]) == []
    assert [problem.code for problem in told(waiting("Done"), [], [ticket()])] == ["SLA221"]
