"""sla plan: what a run would write, ticket by ticket, and why. No ticket is written to."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.session import (
    Clock,
    Session,
    as_of,
    config_option,
    json_option,
    local_zone,
    now_option,
    open_session,
    ticking,
)
from reports.json_values import json_text

if TYPE_CHECKING:
    from connectors.base import ConnectorError
    from reports.plan_text import Planned
    from service.passes.survey import Survey
    from service.state.store import Store
    from sla_engine.units import Instant

LISTED = 40


@click.command()
@click.option("--offline", is_flag=True, help="plan on what is kept; ask no system")
@click.option("--all", "whole", is_flag=True, help=f"list every ticket, not {LISTED}")
@click.option("--detailed-exitcode", is_flag=True, help="exit 2 when something would be written")
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="keep the plan for sla apply",
)
@now_option
@json_option
@config_option
@click.pass_obj
def command(
    clock: Clock,
    offline: bool,
    whole: bool,
    detailed_exitcode: bool,
    out: Path | None,
    now: Instant | None,
    as_json: bool,
    config: str | None,
) -> int:
    """Show what would be written, and why. Reads the systems; writes to no ticket.

    Exit codes: 0 done, 2 with --detailed-exitcode where something would be written, 3 some tickets
    or one system could not be read, 4 no permission, 5 unreachable.
    """
    from commands.plan_impact import impact_json_of
    from commands.plan_keep import keep
    from reports.plan_text import Planned, plan_json

    session = open_session(config)
    clock = ticking(now, clock)
    errors: list[ConnectorError] = []
    with _store(session, offline=offline) as store:
        if not offline and store.writable:
            errors = _refresh(session, store, now or clock())
        instant, seen = _survey(session, store, clock, now)
    items = [Planned(item.ticket, item.changes) for one in seen for item in one.items]
    if out is not None:
        keep(session, seen, instant, out)
    if as_json:
        told = plan_json(items, version=session.policies.version, now=instant)
        click.echo(json_text(told | impact_json_of(seen)))
    else:
        _show(session, seen, items, instant, most=None if whole else LISTED, out=out)
    for one in seen:
        for failure in one.failures:
            click.echo(f"{failure.key}: {failure.what}", err=True)
    return _code(errors, seen, 2 if detailed_exitcode and items else 0)


def _code(errors: Sequence[ConnectorError], seen: Sequence[Survey], well: int) -> int:
    from service.delivery.outcome import exit_code

    if errors and len(errors) == len(seen):
        return exit_code(errors)
    return 3 if errors or any(one.failures for one in seen) else well


def _show(
    session: Session,
    seen: Sequence[Survey],
    items: Sequence[Planned],
    instant: Instant,
    *,
    most: int | None,
    out: Path | None,
) -> None:
    import msgspec

    from commands.plan_impact import impact_of
    from commands.plan_limits import against, waiting
    from reports.plan_text import render_plan
    from reports.screen import show
    from reports.words import fields_of

    shown = [
        msgspec.structs.replace(one, fields=fields_of(session.policies, one.ticket, instant))
        for one in items[:most]
    ]
    modes = {one.mode for one in session.settings.connections}
    screen = render_plan(
        [*shown, *items[len(shown) :]],
        version=session.policies.version,
        tickets=sum(one.tickets for one in seen),
        now=instant,
        zone=local_zone(),
        mode="write" if "write" in modes else "observe",
        refusals=tuple(against(seen, session.settings.limits, instant)),
        waiting=waiting(seen, instant),
        most=most,
        before=", ".join(sorted({one.impact.of for one in seen if one.impact})),
        impact=impact_of(seen),
        kept=str(out or ""),
    )
    show(screen, sys.stdout)


def _store(session: Session, *, offline: bool) -> Store:
    """The store for keeping what is read anew; for reading alone where a service is at work."""
    from service.state.store import StoreError, open_store

    if not offline:
        try:
            return open_store(session.settings.state, writer=True)
        except StoreError as error:
            click.echo(f"planning on what is kept: {error}", err=True)
    return session.store(writer=False)


def _refresh(session: Session, store: Store, now: Instant) -> list[ConnectorError]:
    """Pull what changed; where a system does not answer, what is kept must do, and why is told."""
    from commands.failures import error_text
    from service.passes.survey import refresh
    from service.state.bugs import as_error

    errors = []
    for source in session.sources():
        try:
            refresh(store, source, now)
        except Exception as error:  # told; the plan goes on with older data
            errors.append(as_error(error))
            effect = "The plan is made on what was read before."
            click.echo(error_text(errors[-1], effect), err=True, nl=False)
    return errors


def _survey(
    session: Session, store: Store, clock: Clock, now: Instant | None
) -> tuple[Instant, Sequence[Survey]]:
    """Every connection judged at one instant: `now`, or as fresh as the data are."""
    from commands.progress import Progress
    from service.passes.survey import survey
    from service.state.standing import standing

    sources = session.sources()
    with store.read() as db:
        read_at = [standing(db, source.name).pulled_at for source in sources]
    oldest = min((at for at in read_at if at is not None), default=None)
    instant = now or as_of(oldest, clock())
    channels = session.channels().names
    with Progress() as progress:
        return instant, [
            survey(
                store,
                source,
                session.policies,
                instant,
                channels=channels,
                progress=lambda done, of, name=source.name: progress.step(name, "plan", done, of),  # type: ignore[misc]  # a default binds
            )
            for source in sources
        ]
