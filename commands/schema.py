"""sla schema: the JSON Schema of the policy language, for editors."""

from __future__ import annotations

import json
from pathlib import Path

import click

from commands.output import deliver, out_option


@click.command()
@out_option
def command(out: Path | None) -> int:
    """Print the JSON Schema of the policy language, for editors and checkers.

    With `# yaml-language-server: $schema=FILE` as first line of a policy file, editors complete
    keys, explain them, and mark what is wrong.
    """
    from sla_engine.policy.schema import json_schema

    deliver(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n", out)
    return 0
