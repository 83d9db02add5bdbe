"""sla status: how each connection stands, by what the last passes left behind."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from commands.session import (
    Clock,
    Session,
    config_option,
    json_option,
    local_zone,
    now_option,
    open_session,
    ticking,
)
from reports.json_values import json_text
from sla_engine.units import DAY, Instant

if TYPE_CHECKING:
    from service.setup.settings import Settings

RUNS = 20
DAYS = 90


@click.command()
@click.option("--runs", is_flag=True, help="list what the last runs wrote, for sla revert")
@click.option(
    "--restated", is_flag=True, help="list verdicts on finished clocks that were changed, and why"
)
@now_option
@json_option
@config_option
@click.pass_obj
def command(
    clock: Clock,
    runs: bool,
    restated: bool,
    now: Instant | None,
    as_json: bool,
    config: str | None,
) -> int:
    """Show how each connection stands: how old its data are, what failed, what holds writing back.

    Exit code 1 where a connection's data are older than they may be; with --runs or --restated
    always 0.
    """
    if runs and restated:
        raise click.UsageError("--runs and --restated are two lists: ask for one")
    if runs:
        _runs(open_session(config), as_json=as_json)
        return 0
    if restated:
        _restated(open_session(config), ticking(now, clock)(), as_json=as_json)
        return 0
    return _connections(open_session(config), ticking(now, clock)(), as_json=as_json)


def _connections(session: Session, now: Instant, *, as_json: bool) -> int:
    """How they stand, and the exit code."""
    from commands.overview import failing_of, holding_of, row
    from reports.screen import show
    from reports.status import render_status, status_json
    from service.record import verdicts
    from service.watch.health import usual_limit

    settings, policies = session.settings, session.policies.version
    limit = usual_limit(settings)
    with session.store(writer=False) as store, store.read() as db:
        rows = [row(db, one, now, limit) for one in settings.connections]
        clocks = verdicts.tally(db, [one.name for one in settings.connections]).open
        holding, failing = holding_of(db, settings), failing_of(db, settings)
    if as_json:
        told = status_json(
            rows, now=now, policies=policies, clocks=clocks, holding=holding, failing=failing
        )
        click.echo(json_text(told))
    else:
        screen = render_status(
            rows,
            now=now,
            zone=local_zone(),
            policies=policies,
            clocks=clocks,
            state=_state(settings),
            holding=holding,
            failing=failing,
        )
        show(screen, sys.stdout)
    old = [row for row in rows if row.synced_at is None or now - row.synced_at > limit]
    return 1 if old else 0


def _runs(session: Session, *, as_json: bool) -> None:
    from reports.runs import Run, render_runs, runs_json
    from reports.screen import show
    from service.delivery import runs

    with session.store(writer=False) as store, store.read() as db:
        found = [
            Run(
                **msgspec.structs.asdict(run),
                **msgspec.structs.asdict(runs.wrote(runs.entries(db, run.id))),
            )
            for run in runs.latest(db, RUNS)
        ]
    if as_json:
        click.echo(json_text(runs_json(found)))
    else:
        show(render_runs(found), sys.stdout)


def _restated(session: Session, now: Instant, *, as_json: bool) -> None:
    from commands.kept import restated_of
    from reports.restated import render_restated, restated_json
    from reports.screen import show
    from service.record import restatements

    with session.store(writer=False) as store, store.read() as db:
        found = restated_of(restatements.since(db, Instant(now - DAYS * DAY)))[::-1]
    if as_json:
        click.echo(json_text(restated_json(found)))
    else:
        show(render_restated(found, days=DAYS, zone=local_zone()), sys.stdout)


def _state(settings: Settings) -> str:
    """Where the state is, and how large."""
    if "://" in settings.state:
        return "state in a database server"
    from service.setup.settings import called

    path = Path(settings.state)
    return f"{called(path)} {path.stat().st_size / 1_000_000:.1f} MB"
