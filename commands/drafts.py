"""A draft of the policies, to be tried on what is kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.exceptions import Exit

from commands.session import FINDINGS, Command, show_problems

if TYPE_CHECKING:
    from sla_engine.terms import Policies


def policy_option(command: Command) -> Command:
    """`--policy DRAFT`."""
    what = "try a draft: a folder of policies, or one file whose entries win over those in force"
    place = click.Path(exists=True, path_type=Path)
    return click.option("--policy", "draft", type=place, metavar="DRAFT", help=what)(command)


def drafted(folder: Path, draft: Path) -> Policies:
    """The policies of a draft: a whole folder, or one file whose entries stand in for those of the
    same name in the folder in force. Its mistakes are shown, and end the command."""
    from sla_engine.policy_files import load_texts, read_sources

    sources, problems = read_sources(draft)
    name = next(iter(sources), "") if draft.is_file() else ""
    if name:
        sources = {**read_sources(folder)[0], **sources}
    policies, found = load_texts(sources, draft=name)
    problems += found
    if any(problem.severity == "error" for problem in problems):
        show_problems(problems, sources)
        raise Exit(FINDINGS)
    return policies
