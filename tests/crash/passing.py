"""What the process that is killed does: one command, as it is typed."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import sync

for _needed in (
    *("commands.apply", "commands.errand", "commands.plan_keep", "service.applying"),
    *("commands.pass_text", "commands.run", "commands.failures", "commands.progress"),
    *("connectors.jira", "connectors.servicenow", "jira", "holidays"),
    *("service.connections", "service.passes", "service.settings", "service.store"),
    *("sla_engine.policy_files", "sqlalchemy.dialects.sqlite"),
):
    import_module(_needed)  # before processes are forked, so that each starts at once


def run_command(words: tuple[str, ...], failpoint: str) -> None:
    """Ends the process with the exit code of the command, or dies at the fail-point."""
    os.environ["SLA_FAILPOINT"] = failpoint
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115 -- until the process ends
    os._exit(sync.run(words))
