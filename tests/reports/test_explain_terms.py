"""`explain` where time did not count, a ticket was granted something, or a deadline holds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reports import screen
from reports.explain import explain
from reports.explanation import Explanation
from sla_engine.evaluate import evaluate
from tests.engine.desk import CUSTOMER, WAITING, at, policies, ticket

TERMS = policies("""
policies:
  support:
    match: {project: SUP}
    calendar: mon-fri 09:00-17:00 UTC
    pause: {status: Waiting for customer}
    targets: {resolution: 4h, first_response: 1h}
exclusions:
  hand-over:
    kind: maintenance
    when: {rrule: FREQ=DAILY, at: 13:00-14:00, tz: UTC}
  cable-cut:
    kind: force_majeure
    when: {from: "2026-11-16T09:12Z", to: "2026-11-16T12:00Z"}
    effect: excuse
    approved_by: mona
    reason: carrier outage
exceptions:
  - {ticket: SUP-1, clock: resolution, extend: 4h, approved_by: mona, reason: they asked to wait}
""")
STORY = ticket("09:00", ("11:00", CUSTOMER, WAITING), ("12:00", CUSTOMER, {"status": "Open"}))


@pytest.mark.parametrize(("name", "now"), [("excluded", "13:30"), ("granted", "2026-11-17 10:00")])
def test_it_says_what_did_not_count_and_who_said_so(
    name: str, now: str, golden: Callable[[str, str], None]
) -> None:
    verdicts = evaluate(TERMS, STORY, at(now))
    text = screen.text(explain(Explanation(STORY, verdicts, TERMS, at(now))))
    golden(f"reports/explain_{name}.txt", text)
    assert max(map(len, text.splitlines())) <= screen.WIDTH


AGREED = policies("""
policies:
  support:
    match: {project: SUP}
    calendar: mon-fri 09:00-17:00 Europe/Berlin
    tz: requester
    targets: {resolution: {P1: {due: 17:00 next business day}, P2: 4h, P3: {due: duedate}}}
""")


def test_deadlines_and_other_wall_clocks_read_as_agreed(golden: Callable[[str, str], None]) -> None:
    text = ""
    for story, now in (
        (ticket("09:00", ("18:30", CUSTOMER, {"priority": "P1"}), requester_tz="America/New_York"),
         "2026-11-17 15:00"),
        (ticket("09:00", ("10:30", CUSTOMER, {"duedate": "2026-11-18"}), priority="P3"), "15:00"),
    ):  # fmt: skip
        told = explain(Explanation(story, evaluate(AGREED, story, at(now)), AGREED, at(now)))
        text += screen.text(told)
    golden("reports/explain_deadline.txt", text)
