"""sla run: passes, once or for ever."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from commands.session import (
    Clock,
    config_option,
    json_option,
    now_option,
    open_session,
    ticking,
)

if TYPE_CHECKING:
    from sla_engine.units import Instant


@click.command()
@click.option("--once", is_flag=True, help="one pass, then end")
@click.option("--force", is_flag=True, help="write even what is over the limits")
@now_option
@json_option
@config_option
@click.pass_obj
def command(
    clock: Clock, once: bool, force: bool, now: Instant | None, as_json: bool, config: str | None
) -> int:
    """Pull, evaluate and, in mode write, write back: for ever on schedule, or --once.

    Exit codes: 0 done, 1 a file is wrong, 3 some tickets or one system failed, 4 no permission,
    5 unreachable, 6 refused by the limits.
    """
    clock = ticking(now, clock)
    if not once:
        from commands.loop import run_for_ever

        return run_for_ever(config, clock, force=force, as_json=as_json)
    from commands.failures import told
    from commands.pass_text import lines, pass_json
    from commands.progress import Progress
    from service.passes import run_pass

    session = open_session(config)
    with session.store(writer=True) as store, Progress() as progress:
        terms = session.terms(clock, force=force, progress=progress.step)
        report = run_pass(store, session.sources(), terms, now or clock())
        with store.read() as db:
            screen = lines(report, db, clock())
    if as_json:
        click.echo(json.dumps(pass_json(report), indent=2, ensure_ascii=False))
    else:
        for line in screen:
            click.echo(line)
    for block in told(report):
        click.echo(f"\n{block}", err=True, nl=False)
    sys.stdout.flush()
    code: int = report.exit_code()
    return code
