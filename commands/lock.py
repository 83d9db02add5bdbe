"""sla lock: imported holidays are frozen, and what has changed in them is shown."""

from __future__ import annotations

from os.path import relpath
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.session import FINDINGS, Clock, config_option, now_option, open_session
from sla_engine.units import Instant, to_datetime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sla_engine.holiday_lock import Lock
    from sla_engine.terms import Policies

AHEAD = 2
"""So many years after this one are locked as well."""


@click.command()
@click.option("--check", "only_check", is_flag=True, help="write nothing; exit 1 if it would")
@now_option
@config_option
@click.pass_obj
def command(clock: Clock, only_check: bool, now: Instant | None, config: str | None) -> int:
    """Freeze imported holidays in holidays.lock.yaml, and show what has changed in them.

    Locks this year and the next two; years that were locked before stay as they are. From then on
    neither an upgrade nor a changed feed moves a due date until you run this again.
    """
    from service.setup import files
    from service.setup.settings import called
    from sla_engine.holiday_lock import NAME, differences, lock_text

    session = open_session(config)
    folder = session.settings.policies
    path = (folder if folder.is_dir() else folder.parent) / NAME
    year = to_datetime(clock() if now is None else now).year
    old, new = _locks(session.policies, folder, path, range(year, year + AHEAD + 1))
    changes = differences(old, new)
    for line in changes:
        click.echo(line)
    if changes and not only_check:
        files.write(path, lock_text(new))
    counted = f"{len(changes)} change{'s' * (len(changes) != 1)}"
    done = f"{counted}, {'not written' if only_check else 'written'}"
    click.echo(f"{called(path)}: {done if changes else 'nothing has changed'}")
    return FINDINGS if changes and only_check else 0


def _locks(policies: Policies, folder: Path, path: Path, years: Sequence[int]) -> tuple[Lock, Lock]:
    """The lock as it is, and as it would be written now."""
    from sla_engine.holiday_lock import imports_of, read_lock, renewed
    from sla_engine.policy_files import read_sources
    from sla_engine.resolving.holidays import FEED, feeds_of

    old = read_lock(path.read_bytes(), str(path))[0] if path.is_file() else {}
    imports = imports_of(policies)
    named = {
        Path(relpath(name, path.parent)).as_posix(): dates
        for name, dates in feeds_of(read_sources(folder)[0], []).items()
        if name in imports
    }
    codes = [code for code in imports if not code.endswith(FEED)]
    return old, renewed(old, codes, named, years)
