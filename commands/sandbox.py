"""sla sandbox: a local Jira and ServiceNow to try things on."""

from __future__ import annotations

import click


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> int:
    """Start a local Jira and ServiceNow with a made-up desk; `sla sandbox --help` has the dials."""
    from sandbox.command import main

    return main(list(arguments))
