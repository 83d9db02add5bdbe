"""sla backup: a copy of the state, made while it is in use."""

from __future__ import annotations

from pathlib import Path

import click

from commands.session import Clock, config_option, now_option, open_settings
from sla_engine.units import Instant, to_datetime


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@now_option
@config_option
@click.pass_obj
def command(clock: Clock, file: Path | None, now: Instant | None, config: str | None) -> int:
    """Copy the state to FILE, also while `sla run` is at work.

    Without FILE the copy lies beside the state and bears the time. A file that is there already is
    never overwritten. The copy is looked through before it gets its name.
    """
    from service.setup.settings import called
    from service.state.backup import back_up, place_of

    state = open_settings(config).state
    path = place_of(state)
    stamp = f"{to_datetime(now or clock()):%Y-%m-%dT%H%M%SZ}"
    to = file or path.with_name(f"{path.stem}-{stamp}{path.suffix}")
    back_up(state, to)
    size = f"{to.stat().st_size / 1_000_000:.1f} MB"
    click.echo(f"{called(path)} copied to {called(to)} ({size})")
    click.echo(f"It comes back with: sla restore {called(to)}")
    return 0
