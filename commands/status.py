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
from sla_engine.units import DAY, Instant, Millis

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from reports.held import Failing, Holding
    from reports.status import Source as Row
    from service.settings import ConnectionSettings, Settings

RUNS = 20
HELD = "observe (restored)"
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
    from reports.screen import show
    from reports.status import render_status, status_json
    from service import verdicts
    from service.health import usual_limit

    session = open_session(config)
    settings, policies = session.settings, session.policies.version
    instant = ticking(now, clock)()
    limit = usual_limit(settings)
    with session.store(writer=False) as store, store.read() as db:
        rows = [_row(db, one, instant, limit) for one in settings.connections]
        clocks = verdicts.tally(db, [one.name for one in settings.connections]).open
        holding, failing = _holding(db, settings), _failing(db, settings)
    if as_json:
        told = status_json(
            rows,
            now=instant,
            policies=policies,
            clocks=clocks,
            holding=holding,
            failing=failing,
        )
        click.echo(json_text(told))
    else:
        screen = render_status(
            rows,
            now=instant,
            zone=local_zone(),
            policies=policies,
            clocks=clocks,
            state=_state(settings),
            holding=holding,
            failing=failing,
        )
        show(screen, sys.stdout)
    old = [row for row in rows if row.synced_at is None or instant - row.synced_at > limit]
    return 1 if old else 0


def _runs(session: Session, *, as_json: bool) -> None:
    from reports.runs import Run, render_runs, runs_json
    from reports.screen import show
    from service import runs

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
    from service import restatements

    with session.store(writer=False) as store, store.read() as db:
        found = restated_of(restatements.since(db, Instant(now - DAYS * DAY)))[::-1]
    if as_json:
        click.echo(json_text(restated_json(found)))
    else:
        show(render_restated(found, days=DAYS, zone=local_zone()), sys.stdout)


def _row(db: Connection, one: ConnectionSettings, now: Instant, limit: Millis) -> Row:
    from reports.status import Source as Row
    from service import absences, deeds, keeping, rereading
    from service.standing import standing

    stands = standing(db, one.name)
    midnight = Instant(now - now % DAY)
    return Row(
        name=one.name,
        synced_at=stands.pulled_at,
        tried_at=stands.tried_at,
        failure=f"{stands.error_code} {stands.error}".strip(),
        backlog=len(keeping.due(db, one.name, now)),
        writes_today=deeds.writes_since(db, one.name, midnight),
        mode=one.mode if stands.restored_at is None else HELD,
        tickets=keeping.count(db, one.name, open_only=False),
        limit=limit,
        counted_at=stands.counted_at,
        counted=stands.counted,
        rereads=rereading.backlog(db, one.name, now),
        absent=tuple((gone.ref.key, gone.since) for gone in absences.searched(db, one.name)),
    )


def _holding(db: Connection, settings: Settings) -> list[Holding]:
    """What holds writing back: a person's word, and what the last pass met."""
    from reports.held import Holding
    from service import withheld
    from service.halting import halt

    found = [
        Holding(one.name, held.reason, held.why, held.since, plan=held.plan)
        for one in settings.connections
        for held in withheld.noted(db, one.name)
    ]
    stop = halt(settings.file)
    return found if stop is None else [Holding("", "halted", stop.why, stop.since, stop.by), *found]


def _failing(db: Connection, settings: Settings) -> list[Failing]:
    from reports.held import Failing
    from service import quarantine

    return [
        Failing(
            one.connection,
            one.key,
            one.stage,
            one.what,
            one.since,
            one.failures,
            one.next_at,
            one.quarantined,
        )
        for one in quarantine.listed(db, [one.name for one in settings.connections])
    ]


def _state(settings: Settings) -> str:
    """Where the state is, and how large."""
    if "://" in settings.state:
        return "state in a database server"
    from service.settings import called

    path = Path(settings.state)
    return f"{called(path)} {path.stat().st_size / 1_000_000:.1f} MB"
