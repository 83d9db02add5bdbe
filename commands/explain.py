"""sla explain: why a ticket's clocks stand where they stand, each stretch with its evidence."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from commands.session import (
    FINDINGS,
    Clock,
    Moment,
    Session,
    as_of,
    config_option,
    end,
    json_option,
    now_option,
    open_session,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sla_engine.model import Ticket
    from sla_engine.units import Instant


@click.command()
@click.argument("ticket")
@click.option("--at", type=Moment(), metavar="TIME", help="as it stood then; later events left out")
@now_option
@json_option
@config_option
@click.pass_obj
def command(
    clock: Clock,
    ticket: str,
    at: Instant | None,
    now: Instant | None,
    as_json: bool,
    config: str | None,
) -> None:
    """Tell why TICKET's clocks stand where they stand. Reads what the last pass kept."""
    from sla_engine.evaluate import evaluate

    session = open_session(config)
    one, pulled_at, written = _kept(session, ticket)
    instant = at or now or as_of(pulled_at, clock())
    verdicts = evaluate(session.policies, one, instant)
    if as_json:
        from reports.explain_json import explain_json

        told = explain_json(one, verdicts, session.policies, now=instant)
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    from reports.explain import explain
    from reports.screen import console, show

    width = console(sys.stdout).width
    screen = explain(
        one,
        verdicts,
        session.policies,
        now=instant,
        width=width,
        past=at is not None,
        written_at=written,
    )
    show(screen, sys.stdout)


def _kept(session: Session, word: str) -> tuple[Ticket, Instant | None, Instant | None]:
    """(the ticket, when its connection was last pulled, when we last wrote to the ticket)."""
    with session.store(writer=False) as store:
        from service import keeping
        from service.deeds import written_at
        from service.standing import standing

        with store.read() as db:
            one = _only(keeping.find(db, word), word)
            return one, standing(db, one.ref.connection).pulled_at, written_at(db, one.ref)


def _only(found: Sequence[Ticket], word: str) -> Ticket:
    """The ticket meant; ends the command where there is none, or one in several systems."""
    if not found:
        end(f'no ticket "{word}" is kept; sla run --once pulls what changed', FINDINGS)
    if len(found) > 1:
        where = ", ".join(ticket.ref.connection for ticket in found)
        end(f'"{word}" is in several connections ({where}): give the id instead', FINDINGS)
    return found[0]
