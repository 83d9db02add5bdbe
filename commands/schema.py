"""sla schema: the JSON Schema of the policy language, for editors."""

from __future__ import annotations

from pathlib import Path

import click

from commands.output import deliver, out_option
from reports.json_values import json_text


@click.command()
@out_option
def command(out: Path | None) -> int:
    """Print the JSON Schema of the policy language, for editors and checkers.

    With `# yaml-language-server: $schema=FILE` as first line of a policy file, editors complete
    keys, explain them, and mark what is wrong.
    """
    from sla_engine.policy.schema import json_schema

    deliver(json_text(json_schema()) + "\n", out)
    return 0
