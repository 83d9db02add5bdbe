"""The decided edge cases, as policy tests that anybody can read: edge_cases/*.test.yaml."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sla_engine.policy_tests import Report, Result, run

FOLDER = Path(__file__).parent / "edge_cases"
FILES = sorted(path.name for path in FOLDER.glob("*.test.yaml"))

EXPRESSIBLE = {
    *range(1, 11), *range(12, 20),
    *range(21, 31), 32, 33, 34, 36, 37, 38,
    *range(40, 64),
    67, 68, 69, *range(71, 80),
    *range(81, 87),
}  # fmt: skip
"""Those of the 88 that a policy and a ticket can say today; 11 and 19 are in test_evaluate, 87 and
88 in test_plan; the rest are of connectors, of lint, or of the language to come."""


def report() -> Report:
    return run(FILES, lambda name: (FOLDER / name).read_text(encoding="utf-8"))


REPORT = report()


def told(result: Result) -> str:
    return "\n".join(
        f"{failure.where}: {failure.clock} {failure.what}: expected {failure.expected}, "
        f"got {failure.got} ({failure.because})"
        for failure in result.failures
    )


def test_every_file_can_be_run() -> None:
    assert [str(problem) for problem in REPORT.problems] == []
    assert len({result.where.file for result in REPORT.results}) == len(FILES)


@pytest.mark.parametrize("result", REPORT.results, ids=lambda result: result.name)
def test_the_decision_holds(result: Result) -> None:
    assert result.expectations
    assert told(result) == ""


def test_no_case_that_can_be_said_is_missing() -> None:
    numbers = {
        int(found[0]) for result in REPORT.results if (found := re.match(r"\d+", result.name))
    }
    assert numbers == EXPRESSIBLE
