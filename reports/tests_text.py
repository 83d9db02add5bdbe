"""The results of policy tests: every case with its mark, every failure with its reason."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.text import Text

from reports import screen
from reports.json_values import JsonValue, iso
from reports.run_text import seconds_text
from reports.words import count, date_moment, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sla_engine.policy_tests import Failure, Report, Result


def render_tests(report: Report, *, seconds: float) -> RenderableType:
    """The whole screen, problems of test files left to `reports.problems`."""
    parts: list[RenderableType] = []
    for file, results in groupby(report.results, key=lambda result: result.where.file):
        parts.append(Text(file, style="bold"))
        for result in results:
            parts += _result(result)
        parts.append(Text())
    return Group(*parts, Text(tests_line(report, seconds), style="bold"))


def _result(result: Result) -> Iterator[RenderableType]:
    if result.passed:
        yield Text(f"  ✓ {result.name}", style="green")
        return
    yield Text(f"  ✗ {result.name}", style="bold red").append(
        f"   {result.where.file}:{result.where.line}", style="not bold dim"
    )
    for failure in result.failures:
        yield screen.pairs(_failure(failure, ZoneInfo(result.zone)), left=6)


def _failure(failure: Failure, zone: ZoneInfo) -> list[tuple[str, str]]:
    what = f"{failure.clock}.{failure.what}"
    said = f"{what}   expected {failure.expected}   got {failure.got}"
    return [
        (f"line {failure.where.line}", f"{date_moment(failure.at, zone)}   {said}"),
        ("because", failure.because),
        ("policy", failure.policy),
    ]


def tests_line(report: Report, seconds: float) -> str:
    """`17 passed, 1 failed in 0.3 s · 18 expectations`."""
    failed = sum(not result.passed for result in report.results)
    errors = sum(problem.severity == "error" for problem in report.problems)
    expectations = sum(result.expectations for result in report.results)
    said = [f"{number(len(report.results) - failed)} passed"]
    said += [f"{number(failed)} failed"] if failed else []
    said += [f"{count(errors, 'problem')} kept files from being run"] if errors else []
    took = f"{', '.join(said)} in {seconds_text(seconds)}"
    return f"{took} · {count(expectations, 'expectation')}"


def tests_json(report: Report) -> dict[str, JsonValue]:
    """The same for machines."""
    return {
        "schema": 1,
        "passed": report.passed,
        "tests": [
            {
                "name": result.name,
                "file": result.where.file,
                "line": result.where.line,
                "expectations": result.expectations,
                "passed": result.passed,
                "failures": [
                    {
                        "line": failure.where.line,
                        "at": iso(failure.at),
                        "clock": failure.clock,
                        "what": failure.what,
                        "expected": failure.expected,
                        "got": failure.got,
                        "because": failure.because,
                        "policy": failure.policy,
                    }
                    for failure in result.failures
                ],
            }
            for result in report.results
        ],
        "problems": [str(problem) for problem in report.problems],
    }
