"""sla apply: exactly what a plan says, as far as it still holds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

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

if TYPE_CHECKING:
    from service.delivery.outcome import PassReport
    from service.errands.plan_file import Plan
    from sla_engine.units import Instant


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", "dry", is_flag=True, help="read the tickets and show what still holds")
@click.option("--yes", is_flag=True, help="do not ask, even on a terminal")
@now_option
@json_option
@config_option
@click.pass_obj
def command(
    clock: Clock,
    file: Path,
    dry: bool,
    yes: bool,
    now: Instant | None,
    as_json: bool,
    config: str | None,
) -> int:
    """Write what `sla plan --out FILE` kept, and nothing else.

    Every ticket is read anew first. What changed since, by people or by time, is left out and
    listed; what stands there already is not written again. The limits of a pass do not hold here:
    somebody looked at this plan. Exit codes: 0 all of it stands, 3 something was left out or
    failed, 4 no permission, 5 unreachable, 6 refused: other policies, mode observe, a changed file.
    """
    from commands.errand import Telling, caught_up, tell, writable
    from commands.progress import Progress
    from service.errands.applying import apply_plan

    session = open_session(config)
    plan = _plan(session, file)
    sources = writable(session, {one.ref.connection for one in plan.tickets})
    clock = ticking(now, clock)
    if not (dry or yes) and sys.stdin.isatty():
        _ask(plan)
    with session.store(writer=not dry) as store, Progress() as progress:
        caught_up(store, {source.name for source in sources})
        terms = session.terms(clock, progress=progress.step)
        instant = now or clock()
        applied = apply_plan(store, sources, plan, terms, instant, dry=dry)
    telling = Telling(
        _head(plan),
        _next(applied.report, file, dry=dry),
        ("stale", "doubt"),
        as_json,
        dry,
    )
    tell(applied, telling, terms, instant)
    code: int = applied.report.exit_code()
    return 3 if not code and any(one.fate in telling.fates for one in applied.left) else code


def _next(report: PassReport, file: Path, *, dry: bool) -> str:
    if dry:
        return f"sla apply {file}   writes it"
    if report.writes:
        return f"sla revert {report.run} --dry-run   shows what can be undone"
    if report.exit_code():
        return f"sla apply {file}   tries it again, once that is mended"
    return "sla plan   shows what would be written now"


def _plan(session: Session, file: Path) -> Plan:
    """The plan, if it is one and was made by these policies."""
    from commands.errand import refuse
    from service.errands.plan_file import PlanFileError, load

    try:
        plan = load(file)
    except PlanFileError as error:
        refuse("SLA311", str(error))
    version = session.policies.version
    if plan.policies != version:
        what = f"{file} was made by policies {plan.policies}; those in force are {version}"
        refuse("SLA312", what, ("fix", f"make it anew: sla plan --out {file}"))
    return plan


def _ask(plan: Plan) -> None:
    """The last word of whoever looks at it."""
    from reports.words import count
    from service.delivery.outcome import writes

    names = " and ".join(sorted({one.ref.connection for one in plan.tickets}))
    of = writes(one.changes for one in plan.tickets)
    deeds = f"{count(of.comments, 'comment')}, {count(of.escalations, 'escalation')}"
    said = f"{count(of.tickets, 'ticket')}: {count(of.fields, 'field')}, {deeds} to {names}"
    if names:
        click.confirm(f"{_head(plan)}\n{said}. Go on?", abort=True, err=True)


def _head(plan: Plan) -> str:
    from reports.words import date_moment

    made = date_moment(plan.now, local_zone())
    zone = local_zone().key
    return f"Plan of {made} {zone} by {plan.by} · policies {plan.policies}"
