"""The results of policy tests as JUnit XML, which CI servers read."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from reports.json_values import iso

if TYPE_CHECKING:
    from sla_engine.policy_tests import Failure, Report, Result
    from sla_engine.problems import Problem

_LAWLESS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF), "?")
"""Characters that XML 1.0 has no way to write."""


def tests_junit(report: Report, *, seconds: float) -> str:
    """One suite a file, one case a test; what kept a file from being run is an error of it."""
    root = Element("testsuites", name="sla test", time=f"{seconds:.3f}")
    errors = [problem for problem in report.problems if problem.severity == "error"]
    for file, results in groupby(report.results, key=lambda result: result.where.file):
        _suite(root, file, list(results))
    for file, problems in groupby(errors, key=lambda problem: problem.where.file):
        _broken(root, file, list(problems))
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    indent(root)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{tostring(root, encoding='unicode')}\n"


def _suite(root: Element, file: str, results: list[Result]) -> None:
    failed = sum(not result.passed for result in results)
    suite = _element(root, "testsuite", name=file, tests=len(results), failures=failed, errors=0)
    for result in results:
        line = result.where.line
        case = _element(suite, "testcase", name=result.name, classname=file, file=file, line=line)
        if not result.passed:
            first = result.failures[0]
            told = "\n\n".join(map(_failure, result.failures))
            _element(case, "failure", type="failure", message=_line(first)).text = _lawful(told)


def _broken(root: Element, file: str, problems: list[Problem]) -> None:
    suite = _element(root, "testsuite", name=file, tests=1, failures=0, errors=1)
    case = _element(suite, "testcase", name="can be run", classname=file, file=file)
    told = "\n".join(f"{problem}" for problem in problems)
    _element(case, "error", type="error", message=problems[0].what).text = _lawful(told)


def _line(failure: Failure) -> str:
    return f"{failure.clock}.{failure.what}: expected {failure.expected}, got {failure.got}"


def _failure(failure: Failure) -> str:
    at = f"line {failure.where.line}, at {iso(failure.at)}"
    lines = (f"{at}: {_line(failure)}", f"because {failure.because}", f"policy {failure.policy}")
    return "\n".join(lines)


def _element(parent: Element, tag: str, **attributes: str | int) -> Element:
    said = {name: _lawful(str(value)) for name, value in attributes.items()}
    return SubElement(parent, tag, said)


def _lawful(words: str) -> str:
    return words.translate(_LAWLESS)
