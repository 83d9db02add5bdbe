"""sla halt: nothing is written any more, by whatever process, until sla resume."""

from __future__ import annotations

import click

from commands.session import config_option, open_settings


@click.command()
@click.argument("why", nargs=-1)
@config_option
def command(why: tuple[str, ...], config: str | None) -> int:
    """Stop all writing at once; WHY is for those who wonder.

    Puts a file beside service.yaml, which may as well be made by hand. A running `sla run` heeds it
    before its next ticket, and goes on reading. Nothing is lost: `sla resume` brings every ticket
    up to date.
    """
    from service.delivery.halting import put
    from service.setup.settings import called

    path = put(open_settings(config).file, " ".join(why) or "halted with sla halt")
    click.echo(f"halted: nothing is written while {called(path)} is there; sla resume ends it")
    return 0
