"""sla check: every mistake in service.yaml, the policies and their tests, at once."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.session import (
    FINDINGS,
    Clock,
    config_option,
    json_option,
    now_option,
    settings_path,
    ticking,
)
from commands.test import run_files, test_files
from sla_engine.problems import Problem, Where

if TYPE_CHECKING:
    from reports.check import Check
    from service.settings import Settings
    from sla_engine.resolving.files import Reading
    from sla_engine.terms import Policies, Step
    from sla_engine.units import Instant

OUR_PEOPLE = frozenset(("assignee", "team_lead", "owner", "requester", "duty_manager"))

FORMATS = ("text", "json", "github", "sarif")


@click.command()
@click.option("--strict", is_flag=True, help="warnings count too")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@json_option
@now_option
@config_option
@click.pass_obj
def command(
    clock: Clock, strict: bool, form: str, as_json: bool, now: Instant | None, config: str | None
) -> int:
    """Find every mistake in service.yaml, the policies and their tests, and what may not be meant.

    Asks no system; what was seen of tickets is taken from the last passes. Exit code 1 where there
    is a mistake.
    """
    told = _check(settings_path(config), ticking(now, clock)())
    _say(told, "json" if as_json else form)
    return FINDINGS if told.errors or (strict and told.warnings) else 0


def _say(told: Check, form: str) -> None:
    from reports.check import check_json, check_screen
    from reports.check_github import github_commands
    from reports.check_sarif import sarif
    from reports.screen import show

    if form == "text":
        show(check_screen(told), sys.stdout)
    elif form == "github":
        click.echo(github_commands(told), nl=False)
    else:
        said = check_json(told) if form == "json" else sarif(told)
        click.echo(json.dumps(said, indent=2, ensure_ascii=False))


def _check(path: Path, now: Instant) -> Check:
    from reports.check import Check
    from service.settings import called, load
    from sla_engine.policy_files import read_sources
    from sla_engine.resolving.files import in_order, read_texts

    settings, problems = load(path, os.environ)
    folder = settings.policies if settings else path.parent / "policies"
    sources, unreadable = read_sources(folder)
    reading = read_texts(sources)
    problems += in_order([*unreadable, *reading.problems])
    problems += _unnamed_channels(settings, reading.policies) if settings else []
    tests, skipped = "", ["tests and lints: mend the errors first"]
    if not any(problem.severity == "error" for problem in problems):
        tests, failed = _tests(folder)
        suspicions, skipped = _lints(settings, reading, now)
        problems += [*failed, *suspicions]
    return Check(
        problems,
        sources,
        settings=[(called(path), _counts(settings))],
        tests=tests,
        others={called(path): path.read_bytes()} if path.is_file() else {},
        skipped=skipped,
    )


def _lints(
    settings: Settings | None, reading: Reading, now: Instant
) -> tuple[list[Problem], list[str]]:
    """What may not be meant, and which lints could not look for it, and why."""
    from service.seeing import seen
    from sla_engine.lints import OF_TICKETS, Subject, lint

    summed = seen(settings, reading, now) if settings else "the settings are wrong"
    if isinstance(summed, str):
        return lint(Subject(reading, now)), [f"{', '.join(OF_TICKETS)}: {summed}"]
    return lint(Subject(reading, now, summed)), []


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
