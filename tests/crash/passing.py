"""What the process that is killed does: one command, as it is typed."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.resources import as_file, files

import sync
from service.state import failpoints
from sla_engine.policy_files import load

# All that a command may need is there before processes are forked, so that each starts at once.
for _needed in (
    *("commands.apply", "commands.approve", "commands.backup", "commands.errand", "commands.plan"),
    *("commands.plan_impact", "commands.plan_keep", "commands.purge", "commands.rebuild"),
    *("commands.restore", "commands.revert", "commands.run", "commands.pass_text"),
    *("commands.failures", "commands.progress", "connectors.jira", "connectors.servicenow", "jira"),
    *("service.errands.applying", "service.setup.connections", "service.passes.passes"),
    *("service.setup.settings", "service.state.restoring", "service.state.store"),
    *("sqlalchemy.dialects.sqlite.pysqlite", "apprise", "holidays"),
    *("sqlalchemy.dialects.postgresql.psycopg", "alembic.command", "alembic.autogenerate"),
):
    import_module(_needed)
with as_file(files("service") / "starter" / "policies") as _policies:
    load(_policies)[0].version  # noqa: B018 -- what reading policies imports


def run_command(
    words: tuple[str, ...], environ: Mapping[str, str], failpoint: str, trace: str
) -> None:
    """Ends the process with the exit code of the command, or dies at the fail-point. The places it
    came by are in the file `trace`, one a line."""
    os.environ.update(environ, SLA_FAILPOINT=failpoint)
    reached: list[str] = []
    failpoints.watchers.append(reached.append)
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115 -- until the process ends
    code = sync.run(words)
    with open(trace, "w", encoding="utf-8") as file:
        file.write("\n".join(reached))
    os._exit(code)
