"""sla revert: the fields that a run wrote say again what they said before."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from commands.session import (
    Clock,
    Session,
    config_option,
    json_option,
    now_option,
    open_session,
    ticking,
)

if TYPE_CHECKING:
    from service.delivery.runs import Run
    from service.state.store import Store
    from sla_engine.units import Instant


@click.command()
@click.argument("run")
@click.option("--dry-run", "dry", is_flag=True, help="read the tickets and show what would change")
@click.option("--yes", is_flag=True, help="do not ask, even on a terminal")
@now_option
@json_option
@config_option
@click.pass_obj
def command(
    clock: Clock,
    run: str,
    dry: bool,
    yes: bool,
    now: Instant | None,
    as_json: bool,
    config: str | None,
) -> int:
    """Restore the fields that RUN wrote. `sla status --runs` lists the runs.

    Only our own fields (`publish` in the policies) are restored, and of them none that says
    something else now than the run left there. Comments and escalations stay; they are listed. The
    next pass writes what the policies say then: change them, or go to mode observe, first.
    Exit codes: 0 done, 1 no such run, 3 some tickets failed, 4 no permission, 5 unreachable, 6
    refused: mode observe.
    """
    from commands.errand import Telling, caught_up, tell, writable
    from commands.progress import Progress
    from service.delivery import runs
    from service.errands.reverting import revert

    session = open_session(config)
    clock = ticking(now, clock)
    with session.store(writer=not dry) as store, Progress() as progress:
        found = _found(store, run)
        with store.read() as db:
            names = {entry.ref.connection for entry in runs.entries(db, run)}
        sources = writable(session, names)
        caught_up(store, names)
        if not (dry or yes) and sys.stdin.isatty():
            click.confirm(f"Restore what run {run} wrote?", abort=True, err=True)
        terms = session.terms(clock, progress=progress.step)
        instant = now or clock()
        applied = revert(store, sources, found, terms, instant, dry=dry)
    head = f"Run {found.id} ({found.kind}) · policies {found.policies}"
    step = f"sla revert {run}   restores it" if dry else _next(session, found)
    tell(applied, Telling(head, step, ("stale", "kept"), as_json, dry), terms, instant)
    code: int = applied.report.exit_code()
    return code


def _found(store: Store, name: str) -> Run:
    from commands.session import FINDINGS, end
    from reports.errors import render_error
    from service.delivery import runs

    with store.read() as db:
        found = runs.find(db, name)
    if found is None:
        facts = (("fix", "sla status --runs lists those that wrote something"),)
        end(render_error("SLA314", f"there is no run {name}", facts).rstrip(), FINDINGS)
    return found


def _next(session: Session, run: Run) -> str:
    if session.policies.version == run.policies:
        return "the policies are those of that run: change them, or the next pass writes it again"
    return "sla plan   shows what the next pass will write"
