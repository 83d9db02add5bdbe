"""sla schema: the JSON Schema of the policy language, for editors."""

from __future__ import annotations

import json

import click


@click.command()
def command() -> None:
    """Print the JSON Schema of the policy language, for editors and checkers."""
    from sla_engine.policy.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
