"""Policy tests: what holds passes, what does not is told with its reason, mistakes have places."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.policy_tests import Report, run

POLICIES = """\
schema: sla/v1
calendars:
  office: {tz: Europe/Berlin, hours: mon-fri 09:00-17:00, holidays: {import: DE-BE}}
policies:
  support:
    match: {project: SUP}
    calendar: {by: priority, P1: 24x7, default: office}
    pause: {while: {status: Waiting for customer}, until: requester_replies}
    targets:
      first_response: 1h
      resolution: {P1: {aim: 2h, limit: 4h}, default: 8h}
      next_response: 2h
  vip:
    match: {project: VIP}
    targets: {resolution: 2h}
"""
HEAD = """\
schema: sla-test/v1
files: [support.yaml]
tz: Europe/Berlin
holidays: {DE-BE: [2026-11-18]}
tests:
  - name: a case
    ticket: {project: SUP, priority: P2}
    history:
      "2026-11-16 09:00": created
"""


def ran(text: str, more: Mapping[str, str] | None = None) -> Report:
    files = {"p/support.yaml": POLICIES, "p/a.test.yaml": text, **(more or {})}

    def read(name: str) -> str:
        if name not in files:
            raise FileNotFoundError(2, "No such file", name)
        return files[name]

    return run(["p/a.test.yaml"], read)


def case(history: str, expect: str) -> Report:
    return ran(f"{HEAD}{history}    expect:\n{expect}")


@pytest.mark.parametrize(
    ("history", "expect"),
    [
        pytest.param("", "end: {first_response: running, left: 1h}", id="the end of nothing"),
        pytest.param(
            '"2026-11-16 09:20": {comment: public, by: staff}',
            "end: {first_response: met, elapsed: 20m}",
            id="an answer",
        ),
        pytest.param(
            '"2026-11-16 09:20": {comment: public, by: ai}',
            "end: {first_response: running, elapsed: 20m, left: 40m}",
            id="a machine's answer",
        ),
        pytest.param(
            '"2026-11-16 09:20": {comment: public, by: {id: x, kind: staff}}',
            "end: {first_response: met}",
            id="a person of a kind",
        ),
        pytest.param(
            '"2026-11-16 10:30": {status: Resolved}',
            'end: {first_response: breached, left: -30m, breached_at: "2026-11-16 10:00"}',
            id="solved too late without a word",
        ),
        pytest.param(
            '"2026-11-16 10:00": {status: Waiting for customer}',
            '"2026-11-16 12:00": {resolution: paused, elapsed: 1h, due: none}',
            id="a status waits, its category is guessed",
        ),
        pytest.param(
            '"2026-11-16 10:00": {status: Done}',
            "end: {resolution: met, elapsed: 1h}",
            id="a status that is done by its name",
        ),
        pytest.param(
            '"2026-11-16 10:00": {project: VIP}',
            '"2026-11-16 10:30": {resolution: running, left: 30m}',
            id="moved to another policy, the old clock is cancelled",
        ),
        pytest.param(
            '"2026-11-16 10:00": {project: X}',
            "end: {resolution: cancelled}",
            id="moved away, nothing but the cancelled clock is left",
        ),
        pytest.param(
            '"2026-11-16 10:00": {status: Verified, status_category: done}',
            "end: {resolution: met}",
            id="a category said outright",
        ),
        pytest.param(
            "",
            '"2026-11-19 09:00": {resolution: breached, due: "2026-11-16 17:00"}',
            id="breached since Monday",
        ),
        pytest.param(
            '"2026-11-17 16:00": {priority: P1}',
            '"2026-11-16 16:00": {resolution: running, left: 1h}',
            id="what comes later does not exist yet",
        ),
        pytest.param(
            '"2026-11-16 09:10": [{comment: public, by: staff}, {comment: public, by: requester}]',
            '"2026-11-16 09:11": [{first_response: met}, {next_response: running, left: 119m}]',
            id="two things in one minute, in order",
        ),
        pytest.param(
            '"2026-11-16 09:10": {comment: public, by: staff}\n'
            '"2026-11-16 09:20": {comment: public, by: customer}\n'
            '"2026-11-16 09:30": {comment: public, by: staff}\n'
            '"2026-11-16 09:50": {comment: public, by: requester}',
            '"2026-11-16 09:55": [{next_response: met, cycle: 1, elapsed: 10m},'
            " {next_response: running, elapsed: 5m}]",
            id="a cycle by its number, else the latest",
        ),
        pytest.param(
            "", "end: {first_response: running, resolution: running, elapsed: 0m}", id="two"
        ),
    ],
)
def test_what_holds_passes(history: str, expect: str) -> None:
    indented = "".join(f"      {line}\n" for line in history.splitlines())
    report = case(indented, f"      {expect}\n")
    assert report.problems == ()
    assert [failure for result in report.results for failure in result.failures] == []


def test_the_holidays_of_the_test_hold_and_no_others() -> None:
    report = case("", '      "2026-11-19 09:00": {resolution: breached, left: -8h}\n')
    assert report.passed


@pytest.mark.parametrize(
    ("expect", "what", "expected", "got"),
    [
        ("{first_response: met}", "state", "met", "running"),
        ("{first_response: running, elapsed: 31m}", "elapsed", "31 min", "30 min"),
        ("{first_response: running, left: 30m1s}", "left", "30 min 1 s", "30 min"),
        (
            '{first_response: running, due: "2026-11-16 10:01"}',
            "due",
            "Mon 16 Nov 10:01 CET",
            "Mon 16 Nov 10:00 CET",
        ),
        (
            '{first_response: running, breached_at: "2026-11-16 10:01"}',
            "breached_at",
            "Mon 16 Nov 10:01 CET",
            "none",
        ),
        ("{first_response: running, due: none}", "due", "none", "Mon 16 Nov 10:00 CET"),
        ("{first_response: running, elapsed: 29m59s}", "elapsed", "29 min 59 s", "30 min"),
        ("{first_response: running, elapsed: 30m0.25s}", "elapsed", "30 min 0.25 s", "30 min"),
        ("{first_response: running, left: -0.25s}", "left", "-0.25 s", "30 min"),
        ("{next_response: running}", "state", "running", "none"),
        ("{first_response: running, cycle: 2}", "state", "running", "none"),
    ],
)
def test_what_does_not_hold_is_told(expect: str, what: str, expected: str, got: str) -> None:
    report = case("", f'      "2026-11-16 09:30": {expect}\n')
    assert not report.passed
    failure = report.results[0].failures[0]
    assert (failure.what, failure.expected, failure.got) == (what, expected, got)
    assert failure.where.line == 11


def test_the_reason_names_the_line_that_decided() -> None:
    history = '      "2026-11-16 09:20": {comment: public, by: staff}\n'
    report = case(history, "      end: {first_response: running}\n")
    failure = report.results[0].failures[0]
    assert failure.because == (
        "stopped Mon 16 Nov 09:20 CET (line 10); "
        "running since Mon 16 Nov 09:00 CET, created, on office"
    )
    assert failure.policy == "p/support.yaml:10 promises 1 h"


def test_the_line_of_the_policy_that_decided_is_named() -> None:
    failure = case("", "      end: {resolution: met}\n").results[0].failures[0]
    assert failure.policy == "p/support.yaml:11 promises 8 h because priority = P2"


def test_without_a_verdict_the_reason_is_that() -> None:
    text = (HEAD + "    expect: {end: {resolution: running}}\n").replace(
        "project: SUP", "project: X"
    )
    failure = ran(text).results[0].failures[0]
    assert failure.because == "no policy gives this ticket such a clock then"
    assert (
        failure.policy
        == "p/support.yaml:5 support: project is X; p/support.yaml:13 vip: project is X"
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("sla-test/v1", "sla/v1", "1:9: a test file begins with schema: sla-test/v1"),
        ("Europe/Berlin", "Europe/Berln", '3:5: no time zone is called "Europe/Berln"; did you'),
        ("files: [support.yaml]", "files: [nowhere.yaml]", "cannot read p/nowhere.yaml: No such"),
        ("files: [support.yaml]\n", "", "1:1: the file does not say which policies it tests; "),
        ("name: a case", "nam: a case", '6:5: unknown key "nam"; did you mean "name"?'),
        ("tests:", "test:", '5:1: unknown key "test"; did you mean "tests"?'),
        ("project:", "projct:", '7:14: no policy under test knows a field "projct"; did you mean'),
        ("09:00\": created", "09:00\": made", "8:5: nothing creates the ticket"),
        ("2026-11-16 09:00", "16.11.2026", '9:7: "16.11.2026" is not a time; write "2026-11-16'),
        ("2026-11-16 09:00", "2026-03-29 02:30", "does not exist in Europe/Berlin; the clocks are"),
        ("2026-11-16 09:00", "2026-10-25 02:30", "comes twice in Europe/Berlin; add the offset: "),
        ("end:", "start:", '10:14: "start" is not a time'),
        ("running", "runing", '10:36: "runing" is no state of a clock; did you mean "running"?'),
        ("first_response", "first_respons", '10:20: no policy under test has a clock'),
        ("running}", "running, left: 4 hours}", '10:51: "4 hours" is not a duration; write hours'),
        ("running}", "running, left: 1bd}", '10:51: "1bd" is in days; write hours and minutes'),
        ("running}", "running, lefft: 1h}", '10:45: "lefft" is not known here; did you mean'),
        ("running}", "running, cycle: x}", "10:52: a cycle is a number, counted from 1"),
        ("{first_response: running}", "{left: 1h}", "10:19: no clock is named here"),
        ("{end: {first_response: running}}", "", "6:5: nothing is expected; write expect:"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place(old: str, new: str, problem: str) -> None:
    text = f"{HEAD}    expect: {{end: {{first_response: running}}}}\n"
    assert ran(text).passed
    assert old in text
    report = ran(text.replace(old, new, 1))
    assert not report.passed
    assert any(problem in str(found) for found in report.problems), list(map(str, report.problems))


@pytest.mark.parametrize(
    ("history", "problem"),
    [
        ('"2026-11-16 09:01": {comment: publik}', "10:37: a comment is public or internal"),
        ('"2026-11-16 09:01": {comment: public, by: stff}', '10:49: nobody is called "stff" here;'),
        ('"2026-11-16 09:01": {by: {nme: x}, status: Done}', '10:33: unknown key "nme"; did you'),
        ('"2026-11-16 09:01": {status: {a: b}}', "10:36: a field has a text or a list of texts"),
        ('"2026-11-16 10:00": created', "10:27: the ticket is created twice"),
        ('"2026-11-16 09:00": {status: Done}', 'key "2026-11-16 09:00" is given twice'),
    ],
)  # fmt: skip
def test_a_mistake_of_a_history_is_told_at_its_place(history: str, problem: str) -> None:
    report = case(f"      {history}\n", "      end: {first_response: running}\n")
    assert any(problem in str(found) for found in report.problems), list(map(str, report.problems))


def test_two_tests_of_one_name_are_a_mistake() -> None:
    one = HEAD.partition("tests:\n")[2] + "    expect: {end: {first_response: running}}\n"
    report = ran(f"{HEAD.partition('tests:')[0]}tests:\n{one}{one}")
    assert [problem.what for problem in report.problems] == ['two tests are called "a case"']


def test_a_mistake_in_the_policies_is_told_and_nothing_is_run() -> None:
    text = f"{HEAD}    expect: {{end: {{first_response: running}}}}\n"
    report = ran(text, {"p/support.yaml": POLICIES.replace("targets", "targts")})
    assert report.results == ()
    assert any(problem.where.file == "p/support.yaml" for problem in report.problems)


def test_a_missing_test_file_is_a_problem() -> None:
    def read(name: str) -> str:
        raise FileNotFoundError(2, "No such file or directory", name)

    report = run(["gone.test.yaml"], read)
    assert [problem.where.file for problem in report.problems] == ["gone.test.yaml"]


@given(st.data())
def test_no_text_makes_the_runner_fall(data: st.DataObject) -> None:
    text = f"{HEAD}    expect: {{end: {{first_response: running}}}}\n"
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 12)))
    piece = data.draw(
        st.sampled_from(["", " ", "{", "]", ":", "- ", "\n", "x", "'", "&a", "\t", "~"])
    )
    ran(text[:start] + piece + text[end:])


@pytest.mark.parametrize(
    ("example", "expectations"),
    [("02-tiers", 18), ("03-follow-the-sun", 10), ("04-cross-system-ola", 9)],
)
def test_the_cases_of_our_examples_hold(example: str, expectations: int) -> None:
    examples = Path(__file__).resolve().parents[2] / "config" / "examples"
    folder = examples / example / "policies"
    report = run([f"{example}.test.yaml"], lambda name: (folder / name).read_text(encoding="utf-8"))
    assert report.problems == ()
    assert sum(result.expectations for result in report.results) == expectations
    assert [result.name for result in report.results if not result.passed] == []


CHECKED = """\
schema: sla-test/v1
tz: Europe/Berlin
tests:
  - name: what is said of a file
    check:
      calendars:
        office: {tz: Europe/Berlin, hours: mon-fri 09:00-17:00, holidays: {import: DE-BE}}
      policies:
        p: {match: {project: SUP}, calendar: office, pause: {status: Waiting},
            targets: {resolution: 4h, update: 2h}}
"""


@pytest.mark.parametrize(
    ("more", "said", "got"),
    [
        pytest.param("", "SLA214: pause", None, id="all that is said"),
        pytest.param("", 'SLA214: "pause: {"', None, id="and the text that stands there"),
        pytest.param("", "SLA214: match", "SLA214 at pause", id="elsewhere"),
        pytest.param("", "SLA213: pause", "SLA214 at pause", id="another"),
        pytest.param("", "none", "SLA214 at pause", id="more than expected"),
        pytest.param("", "{SLA214: [pause, pause]}", "SLA214 at pause", id="less than expected"),
        pytest.param("        q: {match: {project: SUP}, calendar: 24x7, targets: {update: 0m}}\n",
                     "SLA120: 0m", None, id="a mistake, before anything may not be meant"),
        pytest.param("    ticket: {system: jira, project: SUP, status: Open}\n"
                     '    history: {"2026-11-16 09:00": created}\n',
                     "{SLA214: pause, SLA221: Waiting}", None, id="of the ticket that was seen"),
    ],
)  # fmt: skip
def test_what_check_says_is_all_and_where_it_is_expected(
    more: str, said: str, got: str | None
) -> None:
    said = said if said.startswith("{") or said == "none" else f"{{{said}}}"
    report = ran(f"{CHECKED}{more}    expect:\n      2026-11-16 09:00: {{problems: {said}}}\n")
    assert report.problems == ()
    (result,) = report.results
    assert [failure.got for failure in result.failures] == ([] if got is None else [got])


def test_a_lint_looks_at_the_instant_that_is_expected() -> None:
    text = CHECKED.replace("pause: {status: Waiting},", "review: {next: 2026-12-01},")
    expect = (
        "      2026-11-16 09:00: {problems: none}\n"
        "      2026-12-02 09:00: {problems: {SLA211: 2026-12-01}}\n"
    )
    assert ran(f"{text}    expect:\n{expect}").passed


@pytest.mark.parametrize(
    ("expect", "problem"),
    [
        ("{problems: {SLA9999: x}}", "no problem has the code SLA9999"),
        ("{problems: x}", "problems must be a map"),
        ("{resolution: running}", 'unknown key "resolution"'),
        ("", "nothing is expected"),
    ],
)
def test_what_cannot_be_expected_of_a_check_is_said(expect: str, problem: str) -> None:
    at = f"    expect:\n      2026-11-16 09:00: {expect}\n" if expect else ""
    report = ran(CHECKED + at)
    assert problem in "\n".join(map(str, report.problems))
