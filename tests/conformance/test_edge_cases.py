"""The decided edge cases, as policy tests that anybody can read: edge_cases/*.test.yaml."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from sla_engine.policy_tests import Result, run

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "edge_cases"
FILES = sorted(path.name for path in FOLDER.glob("*.test.yaml"))
ELSEWHERE: dict[str, str] = yaml.safe_load(
    (FOLDER.parent / "elsewhere.yaml").read_text(encoding="utf-8")
)
DECIDED = set(range(1, 89))


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


def text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def names(file: str) -> list[str]:
    return [case["name"] for case in yaml.safe_load(text(file))["tests"]]


@pytest.mark.parametrize("file", FILES)
def test_each_decision_of_the_file_holds(file: str) -> None:
    report = run([file], text)
    assert [str(problem) for problem in report.problems] == []
    assert [result.name for result in report.results] == names(file)
    assert all(result.expectations for result in report.results)
    assert "\n".join(filter(None, map(told, report.results))) == ""


@pytest.mark.parametrize(("name", "place"), ELSEWHERE.items())
def test_what_only_the_service_can_show_has_a_test_of_its_own(name: str, place: str) -> None:
    file, _, test = place.partition("::")
    assert number(name) in DECIDED
    assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8")


def test_every_decision_is_shown() -> None:
    shown = {
        number(name) for name in (*(name for file in FILES for name in names(file)), *ELSEWHERE)
    }
    assert shown >= DECIDED
