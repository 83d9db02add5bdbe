"""sla explain: why a ticket's clocks stand where they stand, each stretch with its evidence."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, NamedTuple

import click

from commands.drafts import drafted, policy_option
from commands.session import (
    FINDINGS,
    Clock,
    Moment,
    Session,
    as_of,
    config_option,
    end,
    format_option,
    now_option,
    open_session,
)
from sla_engine.units import to_iso

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from reports.knowledge import Known
    from reports.what_if import InForce
    from sla_engine.model import Ticket
    from sla_engine.units import Instant


@click.command()
@click.argument("ticket")
@click.option("--at", type=Moment(), metavar="TIME", help="as it stood then; later events left out")
@click.option("--known-at", type=Moment(), metavar="TIME", help="as we knew it then")
@policy_option
@format_option("text", "json")
@now_option
@config_option
@click.pass_obj
def command(
    clock: Clock,
    ticket: str,
    at: Instant | None,
    known_at: Instant | None,
    draft: Path | None,
    form: str,
    now: Instant | None,
    config: str | None,
) -> None:
    """Tell why TICKET's clocks stand where they stand. Reads what the last pass kept.

    With --policy the figures are those under a draft, beside those of the policies in force.
    --known-at leaves out what was pulled later, however long ago it happened.
    """
    from sla_engine.evaluate import evaluate
    from sla_engine.outlook import outlook

    session = open_session(config)
    kept = _kept(session, ticket, known_at)
    one = kept.ticket
    instant = at or known_at or now or as_of(kept.pulled_at, clock())
    policies, in_force = session.policies, None
    if draft is not None:
        policies = drafted(session.settings.policies, draft)
        in_force = _in_force(session, one, instant, draft)
    verdicts = evaluate(policies, one, instant)
    coming = outlook(policies, one, instant, session.channels().names)
    if form == "json":
        from reports.explain_json import explain_json

        told = explain_json(
            one, verdicts, policies, now=instant, coming=coming, in_force=in_force, known=kept.known
        )
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    from reports.explain import explain
    from reports.screen import console, show

    screen = explain(
        one,
        verdicts,
        policies,
        now=instant,
        width=console(sys.stdout).width,
        past=at is not None or known_at is not None,
        written_at=kept.written_at,
        coming=coming,
        in_force=in_force,
        known=kept.known,
    )
    show(screen, sys.stdout)


def _in_force(session: Session, ticket: Ticket, at: Instant, draft: Path) -> InForce:
    """What a draft is compared with."""
    from reports.what_if import InForce
    from sla_engine.evaluate import evaluate

    verdicts = evaluate(session.policies, ticket, at)
    return InForce(draft.as_posix(), session.policies.version, verdicts)


class _Kept(NamedTuple):
    """A ticket, when its connection was last pulled, and when we last wrote to it; `known` where
    the ticket is as it was known before."""

    ticket: Ticket
    pulled_at: Instant | None
    written_at: Instant | None
    known: Known | None = None


def _kept(session: Session, word: str, known_at: Instant | None) -> _Kept:
    with session.store(writer=False) as store:
        from service import keeping
        from service.deeds import written_at
        from service.standing import standing

        with store.read() as db:
            one = _only(keeping.find(db, word), word)
            kept = _Kept(one, standing(db, one.ref.connection).pulled_at, written_at(db, one.ref))
            return kept if known_at is None else _as_known(db, kept, known_at)


def _as_known(db: Connection, kept: _Kept, at: Instant) -> _Kept:
    from reports.knowledge import Known
    from service.knowledge import as_known

    then = as_known(db, kept.ticket.ref, at)
    if then is None:
        end(f"{kept.ticket.ref.key} was not known yet at {to_iso(at)}", FINDINGS)
    return kept._replace(ticket=then, known=Known(at, kept.ticket.journal))


def _only(found: Sequence[Ticket], word: str) -> Ticket:
    """The ticket meant; ends the command where there is none, or one in several systems."""
    if not found:
        end(f'no ticket "{word}" is kept; sla run --once pulls what changed', FINDINGS)
    if len(found) > 1:
        where = ", ".join(ticket.ref.connection for ticket in found)
        end(f'"{word}" is in several connections ({where}): give the id instead', FINDINGS)
    return found[0]
