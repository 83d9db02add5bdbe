"""sla check: every mistake in service.yaml, the policies and their tests, at once."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.session import FINDINGS, config_option, json_option, settings_path
from commands.test import run_files, test_files
from sla_engine.problems import Problem, Where

if TYPE_CHECKING:
    from service.settings import Settings
    from sla_engine.terms import Policies, Step

OUR_PEOPLE = frozenset(("assignee", "team_lead", "owner", "requester", "duty_manager"))


@click.command()
@click.option("--strict", is_flag=True, help="warnings count too")
@json_option
@config_option
def command(strict: bool, as_json: bool, config: str | None) -> int:
    """Find every mistake in service.yaml, the policies and their tests. Asks no system.

    Exit code 1 where there is one.
    """
    from reports.check import Check, check_json, check_screen
    from reports.screen import show
    from service.settings import called, load
    from sla_engine.policy_files import load as load_policies
    from sla_engine.policy_files import read_sources

    path = settings_path(config)
    settings, problems = load(path, os.environ)
    folder = settings.policies if settings else path.parent / "policies"
    policies, found = load_policies(folder)
    problems += found
    problems += _unnamed_channels(settings, policies) if settings else []
    tests, test_problems = _tests(folder) if not any(map(_is_error, problems)) else ("", [])
    problems += test_problems
    told = Check(
        problems,
        read_sources(folder)[0],
        settings=[(called(path), _counts(settings))],
        tests=tests,
        others={called(path): path.read_bytes()} if path.is_file() else {},
    )
    if as_json:
        click.echo(json.dumps(check_json(told), indent=2, ensure_ascii=False))
    else:
        show(check_screen(told), sys.stdout)
    wrong = problems if strict else [problem for problem in problems if _is_error(problem)]
    return FINDINGS if wrong else 0


def _is_error(problem: Problem) -> bool:
    return problem.severity == "error"


def _counts(settings: Settings | None) -> str:
    return "" if settings is None else f"connections {len(settings.connections)}"


def _tests(folder: Path) -> tuple[str, list[Problem]]:
    """How the policy tests went, in words, and as problems what failed of them."""
    files = test_files(folder) if folder.exists() else []
    if not files:
        return "", []
    report = run_files(files)
    failed = [result for result in report.results if not result.passed]
    problems = list(report.problems)
    for result in failed:
        what = f"the test “{result.name}” fails"
        problems.append(Problem(result.where, what, "sla test shows why", "SLA307"))
    passed = f"{len(report.results) - len(failed)} passed"
    return passed + (f", {len(failed)} failed" if failed else ""), problems


def _unnamed_channels(settings: Settings, policies: Policies) -> Iterator[Problem]:
    """A warning for every channel that a ladder tells and service.yaml does not know."""
    known = OUR_PEOPLE | settings.channels.keys()
    mend = f"add it to channels: in {settings.file.name}; until then nobody gets a message"
    for policy in policies.policies:
        for step in policy.steps:
            for name in dict.fromkeys(_told(step)):
                if name not in known:
                    what = f'"{name}" is told at {step.name}, but no channel has that name'
                    yield Problem(step.where or Where(""), what, mend, "SLA209", "warning")


def _told(step: Step) -> Iterator[str]:
    for action in step.do:
        if action.name == "notify":
            argument = action.argument
            yield from (argument,) if isinstance(argument, str) else map(str, argument)
