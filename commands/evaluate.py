"""sla evaluate: every verdict of one connection as rows, read anew and kept nowhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from commands.progress import Progress
from commands.session import Clock, Session, config_option, now_option, open_session, ticking

if TYPE_CHECKING:
    from service.setup.sources import Source
    from sla_engine.cases import Key
    from sla_engine.model import Ticket, Verdict
    from sla_engine.units import Instant


@click.command()
@click.option("--connection", metavar="NAME", required=True, help="as service.yaml calls it")
@click.option(
    "--format", "form", type=click.Choice(("csv", "json")), default="csv", show_default=True
)
@now_option
@config_option
@click.pass_obj
def command(
    clock: Clock, connection: str, form: str, now: Instant | None, config: str | None
) -> int:
    """Print the verdicts of one connection, a row for each cycle of a clock.

    Tickets are read anew with their whole history; nothing is kept or written. The columns are
    ticket, policy, clock, cycle, state, target and elapsed (seconds of business time), started_at,
    stopped_at, due_at, breached_at, of (the team whose clock it is) and type (sla, ola or uc).
    """
    from commands.failures import error_text
    from connectors.base import ConnectorError
    from reports.rows import write_csv, write_json
    from service.delivery.outcome import exit_code

    session = open_session(config)
    source = session.source(connection)
    failures: list[str] = []
    with Progress() as progress:
        rows = _rows(session, source, now or ticking(now, clock)(), progress, failures)
        try:
            written = (write_csv if form == "csv" else write_json)(rows, sys.stdout)
        except ConnectorError as error:
            click.echo(error_text(error), err=True, nl=False)
            return exit_code([error])
    for failure in failures:
        click.echo(failure, err=True)
    click.echo(f"{written} rows, {len(failures)} tickets failed", err=True)
    return 3 if failures else 0


def _rows(
    session: Session, source: Source, now: Instant, progress: Progress, failures: list[str]
) -> Iterator[tuple[Ticket, Verdict]]:
    """Rows as they come; what cannot be read or judged is added to `failures`."""
    from sla_engine.evaluate import evaluate
    from sla_engine.kinship import with_members
    from sla_engine.mergers import kinships

    policies, read = session.policies, 0
    related = bool(kinships(policies))
    kin = _kin(session, progress) if related else {}
    for batch in source.connect().pull(""):
        failures += [f"{key}: {why}" for key, why in batch.unreadable]
        for ticket in batch.tickets:
            try:
                whole = with_members(policies, kin, ticket) if related else ticket
                verdicts = evaluate(policies, whole, now)
            except Exception as error:  # told at the end; the others go on
                failures.append(f"{ticket.ref.key}: {type(error).__name__}: {error}")
            else:
                yield from ((ticket, verdict) for verdict in verdicts)
        read += len(batch.tickets)
        progress.step(source.name, "read", read, 0)


def _kin(session: Session, progress: Progress) -> Mapping[Key, Sequence[Ticket]]:
    """Every ticket of any connection that may belong to a case, by what it has of its parent."""
    from sla_engine.kinship import children

    def tickets() -> Iterator[Ticket]:
        for source in session.sources():
            read = 0
            for batch in source.connect().pull(""):
                yield from batch.tickets
                read += len(batch.tickets)
                progress.step(source.name, "read for cases", read, 0)

    return children(session.policies, tickets())
