"""The doctor's screen: what is well, what is not, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from connectors.base import Finding
from reports import screen
from reports.doctor import doctor_json, render_doctor
from service.watch.examining import Examined

Golden = Callable[[str, str], None]
JIRA = Examined(
    "jira/acme",
    "https://acme.atlassian.net · sla-bot@acme.example · mode write",
    (
        Finding("ok", "answers", "after 94 ms, our credentials are good"),
        Finding("ok", "edit issues", "SUP"),
        Finding(
            "problem",
            "edit issues",
            "EDIT_ISSUES is missing in OPS",
            "add our account to a role that has EDIT_ISSUES in OPS",
        ),
        Finding("warning", "quiet edits", "edits of fields mail the watchers", "grant it there"),
        Finding("unknown", "rights to write", "nobody tells them without a write"),
    ),
)
LOCAL = Examined("this machine", "service.yaml", (Finding("ok", "time zones", "tzdata 2026a"),))


def test_the_screen_reads_as_agreed(golden: Golden) -> None:
    golden("reports/doctor.txt", screen.text(render_doctor((JIRA, LOCAL))))


def test_without_a_problem_the_last_line_says_what_to_do_next() -> None:
    assert screen.text(render_doctor((LOCAL,))).splitlines()[-1] == (
        "0 problems, 0 warnings: what is needed is there   next: sla plan"
    )


def test_machines_get_all_of_it() -> None:
    told = msgspec.json.decode(msgspec.json.encode(doctor_json((JIRA,))))
    assert told["subjects"][0]["findings"][2]["mark"] == "problem"
    assert told["subjects"][0]["findings"][0]["mend"] is None
