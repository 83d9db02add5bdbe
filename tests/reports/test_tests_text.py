"""What `sla test` says: the screen, JSON, and JUnit XML as CI servers read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from xml.etree import ElementTree

from reports import screen, tests_junit, tests_text
from sla_engine.policy_tests import Failure, Report, Result
from sla_engine.problems import Problem, Where
from tests.reports.desk import at

Golden = Callable[[str, str], None]
FILE = "policies/gold.test.yaml"
FAILURE = Failure(
    Where(FILE, 21),
    at("16T09:20:00"),
    "first_response",
    "state",
    "running",
    "met",
    "stopped Mon 16 Nov 09:00 CET (line 17); running since Mon 16 Nov 09:00 CET, created",
    "policies/gold.yaml:8 promises 30 min because priority = P1",
)
GOOD = Result("p1 answered in 20 min meets first response", Where(FILE, 5), "Europe/Berlin", 2)
BAD = Result("a bot is no answer", Where(FILE, 14), "Europe/Berlin", 1, (FAILURE,))
OTHER = Result("a weekend counts nothing", Where("policies/silver.test.yaml", 3), "UTC", 1)


def test_the_screen_reads_as_agreed(golden: Golden) -> None:
    text = screen.text(tests_text.render_tests(Report((GOOD, BAD, OTHER)), seconds=0.3))
    golden("reports/test.txt", text)


def test_what_could_not_be_run_is_counted() -> None:
    broken = Report((GOOD,), (Problem(Where(FILE), "unknown key"),))
    assert not broken.passed
    last = screen.text(tests_text.render_tests(broken, seconds=0.3)).splitlines()[-1]
    assert last == "1 passed, 1 problem kept files from being run in 0.3 s · 2 expectations"


def test_json_has_every_failure() -> None:
    told = json.loads(json.dumps(tests_text.tests_json(Report((GOOD, BAD)))))
    assert not told["passed"]
    assert [test["passed"] for test in told["tests"]] == [True, False]
    assert told["tests"][1]["failures"][0]["got"] == "met"


def test_junit_reads_as_agreed(golden: Golden) -> None:
    broken = Report(
        (GOOD, BAD, OTHER), (Problem(Where("policies/x.test.yaml", 3, 1), "unknown key"),)
    )
    golden("reports/test.xml", tests_junit.tests_junit(broken, seconds=0.3))


def test_junit_counts_what_ci_servers_add_up() -> None:
    warning = Problem(Where(FILE), "a hint", severity="warning")
    root = ElementTree.fromstring(
        tests_junit.tests_junit(Report((GOOD, BAD, OTHER), (warning,)), seconds=1)
    )
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "0")
    assert [suite.get("tests") for suite in root] == ["2", "1"]
    assert len(root.findall(".//failure")) == 1


def test_junit_stays_xml_whatever_a_test_is_called() -> None:
    odd = Result('a\x00b\x1b<&"]]>\ufffe', Where(FILE, 5), "UTC", 1)
    (case,) = ElementTree.fromstring(tests_junit.tests_junit(Report((odd,)), seconds=0)).iter(
        "testcase"
    )
    assert case.get("name") == 'a?b?<&"]]>?'
