"""The decided edge cases, as policy tests that anybody can read: edge_cases/*.test.yaml."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from sla_engine.policy_tests import Report, Result, run

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "edge_cases"
FILES = sorted(path.name for path in FOLDER.glob("*.test.yaml"))
ELSEWHERE: dict[str, str] = yaml.safe_load(
    (FOLDER.parent / "elsewhere.yaml").read_text(encoding="utf-8")
)
DECIDED = set(range(1, 89))


def report() -> Report:
    return run(FILES, lambda name: (FOLDER / name).read_text(encoding="utf-8"))


REPORT = report()


def told(result: Result) -> str:
    return "\n".join(
        f"{failure.where}: {failure.clock} {failure.what}: expected {failure.expected}, "
        f"got {failure.got} ({failure.because})"
        for failure in result.failures
    )


def number(name: str) -> int | None:
    """That of the decision which a case shows."""
    found = re.match(r"\d+ ", name)
    return int(found[0]) if found else None


def test_every_file_can_be_run() -> None:
    assert [str(problem) for problem in REPORT.problems] == []
    assert {result.where.file for result in REPORT.results} == set(FILES)


@pytest.mark.parametrize("result", REPORT.results, ids=lambda result: result.name)
def test_the_decision_holds(result: Result) -> None:
    assert result.expectations
    assert told(result) == ""


@pytest.mark.parametrize(("name", "place"), ELSEWHERE.items())
def test_what_only_the_service_can_show_has_a_test_of_its_own(name: str, place: str) -> None:
    file, _, test = place.partition("::")
    assert number(name) in DECIDED
    assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8")


def test_every_decision_is_shown() -> None:
    shown = {number(name) for name in (*(result.name for result in REPORT.results), *ELSEWHERE)}
    assert shown >= DECIDED
