"""The pages tell the truth: commands, links, examples, codes, settings, screens."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from commands.session import FINDINGS
from connectors.base import AuthError, ForbiddenError, TransientError, UnreachableError
from connectors.event_log.settings import EventLogSettings
from connectors.jira.settings import JiraSettings
from connectors.servicenow.settings import ServiceNowSettings
from sandbox.command import parser
from service.delivery.outcome import PassReport, SourceReport, exit_code
from service.setup import environment, settings
from sla_engine.policy_files import load_texts
from sla_engine.policy_tests import run as run_tests
from sla_engine.problems import Problem
from sla_engine.units import Instant
from sync import ASIDE, BUG, COMMANDS, FAILED, INTERRUPTED, USAGE, sla

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
ADRS = sorted(ROOT.glob("docs/adr/*.md"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


class Example(NamedTuple):
    """A YAML block of a page; `policies` is the policy block nearest before it."""

    page: str
    text: str
    policies: str

    def __str__(self) -> str:
        return f"{self.page}: {self.text[:60]!r}"


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def examples() -> Iterator[Example]:
    for page in PAGES:
        before = ""
        for language, text in FENCE.findall(page.read_text(encoding="utf-8")):
            if language == "yaml":
                yield Example(name_of(page), text, before)
                before = text if "schema: sla/v1" in text else before


def without_fences(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def slug(heading: str) -> str:
    """A heading's anchor, as GitHub makes it."""
    words = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return words.strip().replace(" ", "-")


# Commands


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"| `sla {name}" in README


@pytest.mark.parametrize("name", COMMANDS | ASIDE)
def test_every_command_has_help(name: str) -> None:
    result = CliRunner().invoke(sla, [name, "--help"])
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 4


OPTION = re.compile(r"--[a-z][\w-]*")


def commands_typed() -> list[tuple[str, str, str]]:
    """(page, command, its words) for every `sla ...` that the pages tell people to type."""
    typed = re.compile(r"(?:`|^|\$ |/)sla (\w+)([^`\n#|>]*)", re.MULTILINE)
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        found += [(name_of(page), name, words) for name, words in typed.findall(text)]
    return found


def _options(name: str, command: click.Command) -> set[str]:
    """Of a command and those below it; the sandbox reads its words itself."""
    below = command.commands.values() if isinstance(command, click.Group) else ()
    params = [*command.params, *(param for one in below for param in one.params)]
    said = parser().format_help() if name == "sandbox" else ""
    return {*(option for param in params for option in param.opts), *OPTION.findall(said)}


def test_commands_and_options_that_pages_name_exist() -> None:
    unknown = []
    for page, name, words in commands_typed():
        if name not in COMMANDS | ASIDE:
            unknown.append(f"{page}: sla {name}")
            continue
        command = sla.get_command(click.Context(sla), name)
        assert command is not None
        known = {"--help", *_options(name, command)}
        options = set(OPTION.findall(words))
        unknown += [f"{page}: sla {name} {option}" for option in options - known]
    assert not unknown


# Links


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_resolves(page: Path) -> None:
    broken = []
    for link in LINK.findall(without_fences(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page if not path else (page.parent / path)
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


def anchors(page: Path) -> set[str]:
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", without_fences(page), re.M)}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_page_names_a_place_on_somebodys_machine(page: Path) -> None:
    assert not re.findall(r"(?:^|[\s`\"'(])/(?:work|tmp|root|home)\b", page.read_text("utf-8"))


# Examples


@pytest.mark.parametrize("example", list(examples()), ids=str)
def test_every_yaml_example_is_right(example: Example, tmp_path: Path) -> None:
    if "schema: sla-test/v1" in example.text:
        assert not failures_of(example)
    elif "schema: sla/v1" in example.text:
        assert not errors(load_texts({"example.yaml": example.text})[1])
    else:
        _, problems = settings.load_text(example.text, tmp_path / "service.yaml", {})
        assert not errors(problems)


def errors(problems: list[Problem]) -> list[str]:
    return [str(problem) for problem in problems if problem.severity == "error"]


def failures_of(example: Example) -> list[str]:
    """What fails of a policy test on a page; the policies it names are the block before it."""
    files = {"it.test.yaml": example.text.encode()}
    for named in re.findall(r"^files: \[(.+)\]$", example.text, re.MULTILINE):
        own = next(ROOT.glob(f"config/examples/*/policies/{named}"), None)
        files[named] = own.read_bytes() if own else example.policies.encode()
    report = run_tests(["it.test.yaml"], lambda name: files[Path(name).name])
    assert report.results
    return [*map(str, report.problems), *(one.name for one in report.results if not one.passed)]


def test_the_ten_lines_are_the_example_file() -> None:
    (path,) = ROOT.glob("config/examples/01-minimal/policies/*.yaml")
    text = path.read_text(encoding="utf-8")
    assert text in README
    assert len(text.splitlines()) == 10


# Codes and settings


def test_exit_codes_are_those_of_the_code() -> None:
    table = OPERATIONS.partition("## Exit codes")[2].partition("##")[0]
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
    kinds = (AuthError, ForbiddenError, TransientError, UnreachableError)
    refused = SourceReport("a", "memory", "write", refused="too much")
    plan_help = CliRunner().invoke(sla, ["plan", "--help"]).output
    given = {0, FAILED, FINDINGS, USAGE, BUG, INTERRUPTED}
    given |= {exit_code([kind("x")]) for kind in kinds}
    given |= {PassReport(Instant(0), (refused,)).exit_code()}
    given |= {int(code) for code in re.findall(r"exit (\d+)", plan_help)}
    assert told == given


def test_every_variable_is_told() -> None:
    told = environment.OPEN - {"SLA_FAILPOINT"}
    assert {name for name in told if f"`{name}`" not in OPERATIONS} == set()
    assert all(f"`{place}`" in OPERATIONS for place in environment.SEARCHED)


@pytest.mark.parametrize(
    ("system", "model"),
    [
        ("jira", JiraSettings),
        ("servicenow", ServiceNowSettings),
        ("event_log", EventLogSettings),
    ],
)
def test_every_setting_of_a_connection_is_told(system: str, model: type[BaseModel]) -> None:
    part = OPERATIONS.partition(f"`system: {system}`")[2]
    part = re.split(r"`system: |^## ", part, flags=re.MULTILINE)[0]
    assert {key for key in model.model_fields if not told(key, part)} == {"system"}


def test_every_setting_of_the_file_is_told() -> None:
    sentence = "nonsense: 1\nconnections: {}\n"
    _, problems = settings.load_text(sentence, Path("service.yaml"), {})
    (unknown,) = [problem for problem in problems if problem.code == "SLA101"]
    keys = unknown.mend.removeprefix("known here: ").split(", ")
    assert "connections" in keys
    assert [key for key in keys if not told(key)] == []


def told(key: str, text: str = OPERATIONS) -> bool:
    return re.search(rf"`{key}[`.]", text) is not None


# What is made


@pytest.mark.parametrize("maker", ["make_policies.py", "make_screens.py"])
def test_what_is_made_is_up_to_date(maker: str) -> None:
    done = subprocess.run([sys.executable, ROOT / "docs" / maker, "--check"], check=False)
    assert done.returncode == 0, f"run: python docs/{maker}"


# Decisions


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(page.name[:4]) for page in ADRS] == list(range(1, len(ADRS) + 1))


@pytest.mark.parametrize("page", ADRS, ids=name_of)
def test_every_decision_says_what_it_costs_and_what_would_change_it(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    parts = ("Context", "Decision", "What it costs", "What would change our mind")
    assert text.startswith(f"# {page.name[:4]} ")
    assert all(f"**{part}.**" in text for part in parts)
    assert len(text.split()) < 500


def test_every_requirement_of_security_has_tests_that_exist() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (S\d+) \| .* \| (.*) \|$", page, re.MULTILINE)
    assert [name for name, _ in rows] == [f"S{number}" for number in range(1, 22)]
    for name, tests in rows:
        paths = re.findall(r"`(tests/[^`]+)`", tests)
        assert paths, name
        assert [path for path in paths if not (ROOT / path).exists()] == []
