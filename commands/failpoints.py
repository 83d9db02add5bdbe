"""sla failpoints: the places at which a test may kill the process."""

from __future__ import annotations

import json

import click

from commands.session import json_option


@click.command()
@json_option
def command(as_json: bool) -> int:
    """List the places at which SLA_FAILPOINT kills a command, and what has happened there.

    `SLA_FAILPOINT=apply.after_write:3 sla run --once` ends with SIGKILL at the third time there.
    Started again, the service loses nothing and repeats nothing: docs/testing.md says how that is
    proved for each of them.
    """
    from service.state.failpoints import POINTS

    if as_json:
        click.echo(json.dumps(POINTS, indent=2))
        return 0
    width = max(map(len, POINTS))
    for name, what in POINTS.items():
        click.echo(f"{name:<{width}}  {what}")
    return 0
