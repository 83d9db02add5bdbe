"""sla rebuild: a new state, with what of the old one cannot be read again from the systems."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.restore import NEXT, tell_aside
from commands.session import Clock, config_option, now_option, open_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.state.salvage import Saved
    from sla_engine.units import Instant

CALLED = {
    "deeds": ("deed", "deeds"),
    "audit": ("line of audit", "lines of audit"),
    "runs": ("run", "runs"),
    "bases": ("edition of the policies", "editions of the policies"),
    "restatements": ("restatement", "restatements"),
    "superseded": ("history as it was before", "histories as they were before"),
    "verdicts": ("verdict on a finished clock", "verdicts on finished clocks"),
    "connections": ("connection", "connections"),
    "holds": ("hold", "holds"),
    "veils": ("pseudonym", "pseudonyms"),
    "tickets": ("history", "histories"),
}
"""By table, what one row of it is, and what several are."""


@click.command()
@click.option("--yes", is_flag=True, help="do not ask, even on a terminal")
@now_option
@config_option
@click.pass_obj
def command(clock: Clock, yes: bool, now: Instant | None, config: str | None) -> int:
    """Make the state anew: for a damaged file, or where its tickets are in doubt.

    What the systems do not tell again is taken over as far as it can be read: deeds, audit,
    verdicts on finished clocks, histories as they were known. The old file is kept. A backup is
    better, if there is one: see sla restore. Exit code 1 where something could not be read.
    """
    from service.setup.settings import called
    from service.state.restoring import rebuild

    settings = open_settings(config)
    place = called(Path(settings.state))
    if not yes and sys.stdin.isatty():
        click.confirm(f"Make {place} anew?", abort=True, err=True)
    names = [one.name for one in settings.connections]
    done = rebuild(settings.state, names, now or clock())
    click.echo(told(place, done.saved))
    tell_aside(done)
    click.echo(NEXT)
    return 1 if any(saved.damaged for saved in done.saved) else 0


def told(place: str, saved: Sequence[Saved]) -> str:
    """What was taken over, a line for each kind of which there is something or was more."""
    lines = [_line(one) for one in saved if one.rows or one.damaged]
    if any(one.rows for one in saved):
        return "\n".join((f"{place} is made anew. Taken over:", *lines))
    nothing = "Nothing of it can be read." if lines else "There was nothing to take over."
    return f"{place} is made anew. {nothing}"


def _line(saved: Saved) -> str:
    from reports.words import number

    if not saved.rows:
        return f"  {'—':>7} {CALLED[saved.table][True]} cannot be read"
    lost = "; more cannot be read" if saved.damaged else ""
    return f"  {number(saved.rows):>7} {CALLED[saved.table][saved.rows != 1]}{lost}"
