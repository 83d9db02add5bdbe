"""The command `sla`: reads the clock, finds the command, answers for how it ends.

Everything heavy is imported by the command that needs it, so that `sla --help` is there at once.
"""

from __future__ import annotations

import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sla_engine.units import Instant

FAILED, USAGE, BUG, INTERRUPTED = 1, 64, 70, 130

COMMANDS = {
    "demo": "See the whole promise kept in a minute, on a made-up desk.",
    "init": "Begin with settings, policies and tests for a kind of desk.",
    "doctor": "Look whether systems, rights, fields and this machine are as they must be.",
    "check": "Find every mistake in service.yaml and the policies.",
    "lock": "Freeze imported holidays, and show what has changed in them.",
    "test": "Run the tests of the policies (*.test.yaml).",
    "plan": "Show what would be written, and why. Writes nothing.",
    "apply": "Write exactly what a plan kept by sla plan --out says.",
    "approve": "Let changed policies write to many tickets at once.",
    "halt": "Stop all writing at once, until sla resume.",
    "resume": "Write again after sla halt.",
    "retry": "Try tickets that fail once more, at once.",
    "revert": "Restore the fields that a run wrote.",
    "run": "Pull, evaluate and, in mode write, write back: for ever, or --once.",
    "backtest": "Replay history under a draft of the policies.",
    "diff": "Show what differs between two editions of the policies, ticket by ticket.",
    "explain": "Tell why a ticket's clocks stand where they stand.",
    "evaluate": "Print the verdicts of one connection as rows.",
    "status": "Show how each connection stands.",
    "docs": "Write what the policies promise in plain language.",
    "purge": "Forget tickets: their histories, verdicts, and what the audit says of them.",
    "health": "Say in one line whether the service does its work; exit code 0, 1 or 2.",
    "audit": "Prove that the audit is as it was written, or export it.",
    "backup": "Copy the state, also while it is in use.",
    "restore": "Put a backup in the place of the state.",
    "rebuild": "Make a damaged state anew, with what of it can be read.",
    "schema": "Print the JSON Schema of the policy language.",
    "sandbox": "Start a local Jira and ServiceNow to try things on.",
}

ASIDE = {"failpoints": "List the places at which a test may kill the process."}
"""Commands for those who test sla-sync itself: not in the list of `sla --help`."""


class Commands(click.Group):
    """Commands by name, each a module that is imported when its command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS and cmd_name not in ASIDE:
            return None
        command: click.Command = import_module(f"commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sla-sync", message="%(prog)s %(version)s")
@click.pass_context
def sla(ctx: click.Context) -> None:
    """Keeps service promises: SLA policies in YAML over Jira and ServiceNow tickets.

    Start with `sla demo`. Settings are service.yaml, policies the YAML files beside it.
    """
    ctx.obj = wall_clock


def wall_clock() -> Instant:
    """The one place where the time of day is read."""
    from sla_engine.units import Instant

    return Instant(time.time_ns() // 1_000_000)


def run(arguments: Sequence[str]) -> int:
    """One command; its exit code. Only what nobody expected leaves a crash file behind."""
    try:
        _arm()
        result = sla.main(list(arguments), prog_name="sla", standalone_mode=False)
    except click.ClickException as error:
        click.echo(_told(error), err=True)
        return USAGE if isinstance(error, click.UsageError) else error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on
        return 0
    except Exception as error:  # whatever it is, main answers for it
        return _answered(error)
    return result if isinstance(result, int) else 0


def _told(error: click.ClickException) -> str:
    """What was typed wrongly, in the shape of all other errors, and where help is."""
    said = error.format_message().removesuffix(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    asked = f"\n  help   {context.command_path} --help" if context else ""
    if said[1:2].islower():
        said = said[0].lower() + said[1:]
    return f"error: {said}{asked}"


def _arm() -> None:
    """Where a test of ours wants this process killed."""
    if point := os.environ.get("SLA_FAILPOINT"):
        from service.state.failpoints import arm

        try:
            arm(point)
        except ValueError as error:
            raise click.UsageError(str(error)) from None


def _answered(error: Exception) -> int:
    """A state that cannot be used is no bug, nor is a file that cannot be written; anything else
    that came this far is."""
    from service.setup.files import FileError
    from service.state.store_errors import StoreError

    codes = {StoreError: "SLA310", FileError: "SLA327"}
    if code := codes.get(type(error)):
        click.echo(f"error[{code}]: {error}", err=True)
        return FAILED
    return _crashed(error)


def _crashed(error: Exception) -> int:
    """Keep what happened, without a secret in it, and ask for a report."""
    import traceback

    from service.setup import files, private
    from service.setup.environment import hidden

    report = hidden("".join(traceback.format_exception(error)), os.environ)
    path = Path(f"sla-crash-{wall_clock():x}.txt")
    try:
        files.write(path, f"sla {' '.join(sys.argv[1:])}\n\n{report}", private.FILE)
        kept = f"what happened is in {path}: please report it"
    except files.FileError:
        kept = report
    said = hidden(f"{type(error).__name__}: {error}", os.environ)
    click.echo(f"error[SLA900]: a bug in sla-sync: {said}\n  {kept}", err=True)
    return BUG


def main() -> None:
    """The entry point of the command."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
