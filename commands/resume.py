"""sla resume: the end of sla halt, and of what breakers hold back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from commands.session import Clock, config_option, now_option, open_settings, ticking

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from service.setup.settings import Settings
    from sla_engine.units import Instant


@click.command()
@now_option
@config_option
@click.pass_obj
def command(clock: Clock, now: Instant | None, config: str | None) -> int:
    """Write again: the next pass brings every ticket up to date.

    Ends sla halt. What was refused, or undone by people, so often that it was not tried any more
    (SLA325) is tried anew. Works while `sla run` does.
    """
    from service.delivery.halting import switch
    from service.state.store import file_of, open_beside

    settings = open_settings(config)
    path = switch(settings.file)
    was = path.exists()
    path.unlink(missing_ok=True)
    file = file_of(settings.state)
    if file is None or file.exists():
        with open_beside(settings.state) as store, store.write() as db:
            was |= _close_breakers(db, settings, ticking(now, clock)())
    click.echo("writing goes on with the next pass" if was else "writing was not halted")
    return 0


def _close_breakers(db: Connection, settings: Settings, at: Instant) -> bool:
    """Whether there was one that held something back."""
    from service.delivery import withheld
    from service.state import standing

    reasons = {w.reason for one in settings.connections for w in withheld.noted(db, one.name)}
    standing.resume(db, at)
    return "breaker" in reasons
