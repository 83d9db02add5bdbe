"""A draft of the policies, to be tried on what is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.exceptions import Exit

from commands.session import FINDINGS, Command, show_problems

if TYPE_CHECKING:
    from service.replay.editions import Edition
    from sla_engine.terms import Policies


def policy_option(command: Command, *, required: bool = False) -> Command:
    """`--policy DRAFT`."""
    what = "try a draft: a folder of policies, or one file whose entries win over those in force"
    return click.option(
        "--policy",
        "draft",
        type=click.Path(exists=True, path_type=Path),
        metavar="DRAFT",
        required=required,
        help=what,
    )(command)


def drafted(folder: Path, draft: Path) -> Policies:
    """The policies of a draft over those in a folder. Its mistakes are shown, and end the
    command."""
    from service.replay.editions import of_draft

    return sound(lambda: of_draft(draft, folder)).policies


def sound(find: Callable[[], Edition]) -> Edition:
    """An edition without a mistake in it; else the mistakes are shown, and end the command."""
    from service.replay.editions import EditionError

    try:
        found = find()
    except EditionError as error:
        raise click.UsageError(str(error)) from None
    if any(problem.severity == "error" for problem in found.problems):
        show_problems(found.problems, found.sources)
        raise Exit(FINDINGS)
    return found
