"""sla check: every mistake in service.yaml, the policies and their tests, at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.session import (
    FINDINGS,
    Clock,
    config_option,
    format_option,
    now_option,
    session_of,
    settings_path,
    ticking,
)
from commands.test import run_files, test_files
from reports.json_values import json_text
from sla_engine.problems import Problem, Where

if TYPE_CHECKING:
    from connectors.base import ConnectorError
    from reports.check import Check
    from service.setup.settings import Settings
    from sla_engine.resolving.files import Reading
    from sla_engine.terms import Policies, Step
    from sla_engine.units import Instant

OUR_PEOPLE = frozenset(("assignee", "team_lead", "owner", "requester", "duty_manager"))


@click.command()
@click.option("--online", is_flag=True, help="ask the systems which values and fields they have")
@click.option("--strict", is_flag=True, help="warnings count too")
@format_option("text", "json", "github", "sarif")
@now_option
@config_option
@click.pass_obj
def command(
    clock: Clock, online: bool, strict: bool, form: str, now: Instant | None, config: str | None
) -> int:
    """Find every mistake in service.yaml, the policies and their tests, and what may not be meant.

    Asks no system without --online: what is known of them comes from the last passes and the last
    --online. Exit code 1 where there is a mistake.
    """
    told, errors = _check(settings_path(config), ticking(now, clock)(), online)
    _say(told, form)
    unanswered = _unanswered(errors)
    return FINDINGS if told.errors or (strict and told.warnings) else unanswered


def _unanswered(errors: Sequence[ConnectorError]) -> int:
    """Say who did not answer, and the exit code for it."""
    from commands.failures import error_text
    from service.delivery.outcome import exit_code

    for error in errors:
        click.echo(error_text(error), err=True)
    return exit_code(errors) if errors else 0


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
        click.echo(json_text(said))


def _check(path: Path, now: Instant, online: bool) -> tuple[Check, Sequence[ConnectorError]]:
    from reports.check import Check
    from service.setup.settings import called, load
    from sla_engine.policy_files import read_sources
    from sla_engine.resolving.files import in_order, read_texts

    settings, problems = load(path, os.environ)
    folder = settings.policies if settings else path.parent / "policies"
    sources, unreadable = read_sources(folder)
    reading = read_texts(sources)
    problems += [*unreadable, *reading.problems]
    problems += _unnamed_channels(settings, reading.policies) if settings else []
    tests, remarks = "", ["not looked further: tests and lints wait until the errors are mended"]
    errors: Sequence[ConnectorError] = ()
    if settings and not any(problem.severity == "error" for problem in problems):
        tests, failed = _tests(folder)
        suspicions, remarks, errors = _lints(settings, reading, now, online)
        problems += [*failed, *suspicions]
    told = Check(
        in_order(problems),
        sources,
        settings=[(called(path), _counts(settings))],
        tests=tests,
        others={called(path): path.read_bytes()} if path.is_file() else {},
        remarks=remarks,
    )
    return told, errors


def _lints(
    settings: Settings, reading: Reading, now: Instant, online: bool
) -> tuple[list[Problem], list[str], Sequence[ConnectorError]]:
    """What may not be meant; what could not be looked for, and why; who did not answer."""
    from service.replay.seeing import look
    from service.setup.declared import declared
    from sla_engine.lints import Subject, lint

    asking = session_of(settings, reading.policies).sources() if online else ()
    looked = look(settings, reading, now, asking)
    remarks = [f"not looked at: tickets; {looked.why}"] if looked.why else []
    if looked.seen and looked.seen.blind:
        systems = ", ".join(sorted(looked.seen.blind))
        remarks.append(f"not looked at: tickets of {systems}; none is kept yet")
    if looked.unkept:
        remarks.append(f"what was read is not kept; {looked.unkept}")
    known = {one.connection for one in looked.known}
    unread = [one.name for one in settings.connections if one.name not in known]
    if unread and not online:
        why = "not read yet; run: sla check --online"
        remarks.append(f"not looked at: the words of {', '.join(unread)}; {why}")
    times = declared(reading, now)
    if "exclusions" in reading.sections and not times:
        remarks.append("not looked at: when exclusions were declared; git does not know the files")
    subject = Subject(reading, now, looked.seen, looked.known, times)
    return lint(subject), remarks, looked.errors


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
    """A warning for every channel that a ladder tells or calls and service.yaml does not know."""
    mend = f"add it to channels: in {settings.file.name}; until then nothing is sent"
    for policy in policies.policies:
        for step in policy.steps:
            for name in dict.fromkeys(_called(step)):
                if name not in settings.channels:
                    what = f'"{name}" is told at {step.name}, but no channel has that name'
                    yield Problem(step.where or Where(""), what, mend, "SLA209", "warning")


def _called(step: Step) -> Iterator[str]:
    """The channels of a step; our people are told in the comment."""
    for action in step.do:
        argument = action.argument
        names = (argument,) if isinstance(argument, str) else map(str, argument)
        if action.name == "notify":
            yield from (name for name in names if name not in OUR_PEOPLE)
        elif action.name in ("page", "webhook", "run"):
            yield from names
