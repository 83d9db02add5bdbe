"""sla init: settings, policies and tests to begin with."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click

from commands.session import FINDINGS, USAGE, Clock, end, local_zone
from sla_engine.units import to_datetime

if TYPE_CHECKING:
    from rich.console import RenderableType


@click.command()
@click.option("--template", metavar="NAME", help="what to begin with; without it: which there are")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.pass_obj
def command(clock: Clock, template: str | None, folder: Path) -> int:
    """Write service.yaml, policies with tests, hooks and a CI workflow into DIR (or here).

    Nothing that is there already is overwritten: then nothing is written at all.
    """
    from service.setup.templates import TEMPLATES, contents, write
    from sla_engine.problems import did_you_mean

    if template is None:
        _show(_choice(TEMPLATES))
        return USAGE
    if template not in TEMPLATES:
        mend = did_you_mean(template, TEMPLATES) or f"there are {', '.join(TEMPLATES)}"
        raise click.UsageError(f'no template "{template}"; {mend}')
    texts = contents(template, to_datetime(clock(), local_zone()).date())
    if standing := write(folder, texts):
        names = "\n  ".join(map(str, standing))
        end(f"nothing was written; these are there already:\n  {names}", FINDINGS)
    _show(_written(folder, texts))
    return 0


def _show(blocks: Iterable[RenderableType]) -> None:
    from rich.console import Group

    from reports.screen import show

    show(Group(*blocks), sys.stdout)


def _choice(templates: Mapping[str, str]) -> Iterable[RenderableType]:
    from reports.screen import pairs

    yield "Which template?\n"
    yield pairs(templates.items())
    yield "\nThen: sla init --template NAME [DIR]"


def _written(folder: Path, texts: Iterable[PurePosixPath]) -> Iterable[RenderableType]:
    from reports.screen import pairs

    yield from (f"✓ {folder / place}" for place in texts)
    steps = [
        ("edit service.yaml", "your system's address, our account, the name of its secret"),
        ("edit policies/", "field names and values as your system has them; hours; targets"),
        ("sla check", "find every mistake; asks no system"),
        ("sla test", "the examples that show what the policies mean"),
        ("sla docs", "what you promise, in plain language"),
        ("sla run --once", "pull and evaluate; in mode observe nothing is written"),
    ]
    there = [] if folder == Path() else [(f"cd {folder}", "")]
    yield "\nNext"
    yield pairs([*there, *steps])
