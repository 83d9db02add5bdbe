"""sla resume: the end of sla halt."""

from __future__ import annotations

import click

from commands.session import config_option, open_settings


@click.command()
@config_option
def command(config: str | None) -> int:
    """Write again: the next pass brings every ticket up to date."""
    from service.halting import switch

    path = switch(open_settings(config).file)
    was = path.exists()
    path.unlink(missing_ok=True)
    click.echo("writing goes on with the next pass" if was else "writing was not halted")
    return 0
