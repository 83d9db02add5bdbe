"""sla restore: a backup instead of the state."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.session import Clock, config_option, now_option, open_settings

if TYPE_CHECKING:
    from service.state.restoring import Restored
    from sla_engine.units import Instant

NEXT = """The next pass reads every ticket anew and writes nothing, whatever the mode.
What was reached until then is not said in comments or messages again.
Next  sla run --once"""


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="do not ask, even on a terminal")
@now_option
@config_option
@click.pass_obj
def command(clock: Clock, file: Path, yes: bool, now: Instant | None, config: str | None) -> int:
    """Put the backup FILE in the place of the state, which is kept beside it.

    FILE is looked through first, and brought up to date if it is of an older version. Stop
    `sla run` before.
    """
    from service.setup.settings import called
    from service.state.restoring import restore

    settings = open_settings(config)
    if not yes and sys.stdin.isatty():
        said = f"Put {called(file)} in the place of {called(Path(settings.state))}?"
        click.confirm(said, abort=True, err=True)
    names = [one.name for one in settings.connections]
    done = restore(file, settings.state, names, now or clock())
    click.echo(f"{called(Path(settings.state))} is now what {called(file)} holds: {holds(done)}")
    tell_aside(done)
    click.echo(NEXT)
    return 0


def holds(done: Restored) -> str:
    """`240 tickets, 12 deeds, 415 lines of audit`."""
    from reports.words import count

    held = done.contents
    audit = f"{count(held.audit, 'line')} of audit"
    return f"{count(held.tickets, 'ticket')}, {count(held.deeds, 'deed')}, {audit}"


def tell_aside(done: Restored) -> None:
    """Where the state that was there before is now."""
    from service.setup.settings import called

    if done.aside is not None:
        click.echo(f"What was there before is kept as {called(done.aside)}")
