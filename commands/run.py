"""sla run: passes, once or for ever."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from commands.session import (
    Clock,
    config_option,
    json_option,
    now_option,
    open_session,
    ticking,
)
from reports.json_values import json_text

if TYPE_CHECKING:
    from commands.reporters import Form
    from sla_engine.units import Instant


class Address(click.ParamType[tuple[str, int]]):
    """`127.0.0.1:8700`, `[::1]:8700`, or a port alone, which is one of this machine only."""

    name = "address"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        host, colon, port = str(value).rpartition(":")
        if not port.isdecimal() or int(port) > 65_535 or (colon and not host):
            self.fail(f"{value!r} is no address; write 127.0.0.1:8700", param, ctx)
        return host.strip("[]") or "127.0.0.1", int(port)


@click.command()
@click.option("--once", is_flag=True, help="one pass, then end")
@click.option("--force", is_flag=True, help="write even what is over the limits")
@click.option(
    "--http",
    "address",
    type=Address(),
    metavar="HOST:PORT",
    help="answer /livez, /readyz, /healthz and /metrics there",
)
@click.option(
    "--log",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    envvar="SLA_LOG_FORMAT",
    show_default=True,
    help="json: log events as JSON lines on stderr",
)
@now_option
@json_option
@config_option
@click.pass_obj
def command(
    clock: Clock,
    once: bool,
    force: bool,
    address: tuple[str, int] | None,
    form: Form,
    now: Instant | None,
    as_json: bool,
    config: str | None,
) -> int:
    """Pull, evaluate and, in mode write, write back: for ever on schedule, or --once.

    Exit codes: 0 done, 1 a file is wrong, 3 some tickets or one system failed, 4 no permission,
    5 unreachable, 6 refused by the limits.
    """
    clock = ticking(now, clock)
    if not once:
        from commands.loop import run_for_ever
        from commands.reporters import reporter

        says = reporter(form, as_json=as_json, clock=clock)
        return run_for_ever(config, clock, says, force=force, address=address)
    if address:
        raise click.UsageError("--http is for passes that go on: leave out --once")
    from commands.failures import told
    from commands.pass_text import lines, pass_json
    from commands.progress import Progress
    from commands.reporters import Log
    from service.delivery import runs
    from service.passes.passes import run_pass

    session = open_session(config)
    with session.store(writer=True) as store, Progress() as progress:
        terms = session.terms(clock, force=force, progress=progress.step)
        report = run_pass(store, session.sources(), terms, now or clock())
        with store.read() as db:
            screen = lines(report, db, clock())
            wrote = runs.entries(db, report.run) if report.run else []
    if form == "json":
        Log(clock).passed(report, 1, wrote)
        return report.exit_code()
    if as_json:
        click.echo(json_text(pass_json(report)))
    else:
        for line in screen:
            click.echo(line)
    for block in told(report):
        click.echo(f"\n{block}", err=True, nl=False)
    sys.stdout.flush()
    code: int = report.exit_code()
    return code
