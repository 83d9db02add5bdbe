"""sla retry: tickets that fail are tried at once, whatever they still had to wait."""

from __future__ import annotations

import click

from commands.session import FINDINGS, config_option, end, open_settings


@click.command()
@click.argument("tickets", nargs=-1)
@config_option
def command(tickets: tuple[str, ...], config: str | None) -> int:
    """Let the next pass try TICKETS that fail once more; without any, all that fail.

    For after a repair: by itself a ticket is tried later and later, in the end once a day. Works
    while `sla run` does. Exit codes: 0 done, 1 one of them does not fail.
    """
    from reports.words import count
    from service.state import quarantine
    from service.state.store import open_beside

    with open_beside(open_settings(config).state) as store, store.write() as db:
        found = {word: quarantine.retry(db, word) for word in tickets or ("",)}
    keys = [key for some in found.values() for key in some]
    if missed := [word for word, some in found.items() if word and not some]:
        said = f"error[SLA324]: {', '.join(missed)} does not fail; sla status lists what does"
        end(said, FINDINGS)
    click.echo(f"the next pass tries {count(len(keys), 'ticket')}" if keys else "no ticket fails")
    return 0
