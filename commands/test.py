"""sla test: the admins' own tests of their policies."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.output import deliver, out_option
from commands.session import (
    FINDINGS,
    config_option,
    format_option,
    now_option,
    open_session,
    open_settings,
    show_problems,
)
from reports.json_values import json_text

if TYPE_CHECKING:
    from sla_engine.policy_tests import Report
    from sla_engine.units import Instant

_ENDS = (".test.yaml", ".test.yml")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--record", "ticket", metavar="TICKET", help="write a test from this ticket")
@format_option("text", "junit", "json")
@out_option
@now_option
@config_option
def command(
    paths: Sequence[Path],
    ticket: str | None,
    form: str,
    out: Path | None,
    now: Instant | None,
    config: str | None,
) -> int:
    """Run the tests of the policies: PATHS are *.test.yaml files or folders of them.

    Without PATHS, those in the policies folder. Exit code 1 where one fails. --record writes a test
    from the history of a real ticket, as of --now or the last pull: people are roles, the title and
    whatever no policy asks for are left out.
    """
    if ticket is None and now is not None:
        raise click.UsageError("--now is for --record: tests say for themselves as of when")
    if ticket is not None:
        from commands.recording import record

        if paths or form != "text":
            raise click.UsageError("--record writes one test: no PATHS and no other format")
        record(open_session(config), ticket, now, out)
        return 0
    from service.setup.settings import called

    began = time.perf_counter()
    folders = paths or [open_settings(config).policies]
    files = [file for folder in folders for file in test_files(folder)]
    if not files:
        places = ", ".join(map(called, folders))
        click.echo(f"there is no *.test.yaml in {places}: nothing was tested", err=True)
        return FINDINGS
    report = run_files(files)
    _print(report, form, time.perf_counter() - began, out)
    if report.problems and form != "json":
        names = {problem.where.file for problem in report.problems}
        show_problems(report.problems, {name: _text(name) for name in names})
    return 0 if report.passed else FINDINGS


def _print(report: Report, form: str, seconds: float, out: Path | None) -> None:
    from reports.screen import show, text
    from reports.tests_junit import tests_junit
    from reports.tests_text import render_tests, tests_json

    match form:
        case "json":
            deliver(json_text(tests_json(report)) + "\n", out)
        case "junit":
            deliver(tests_junit(report, seconds=seconds), out)
        case _ if out is not None:
            deliver(text(render_tests(report, seconds=seconds)), out)
        case _:
            show(render_tests(report, seconds=seconds), sys.stdout)


def test_files(place: Path) -> list[Path]:
    """The test file itself, that of a file of policies beside it, or every one below a folder."""
    if place.is_file() and place.suffixes[-2:-1] != [".test"]:
        return [test for end in _ENDS if (test := place.with_suffix(end)).is_file()]
    if place.is_file():
        return [place]
    return [test for end in _ENDS for test in sorted(place.rglob(f"*{end}"))]


def run_files(files: Sequence[Path]) -> Report:
    """Run these; names are as people find them from where they are."""
    from service.setup.settings import called
    from sla_engine.policy_tests import run

    return run([called(file) for file in files], lambda name: Path(name).read_bytes())


def _text(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
