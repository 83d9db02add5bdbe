"""sla explain: why a ticket's clocks stand where they stand, each stretch with its evidence."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from commands.drafts import drafted, policy_option
from commands.kept import kept_ticket, on_record, with_case_of
from commands.output import deliver, out_option
from commands.session import (
    Clock,
    Moment,
    Session,
    as_of,
    config_option,
    format_option,
    now_option,
    open_session,
)
from reports.json_values import json_text

if TYPE_CHECKING:
    from pathlib import Path

    from commands.kept import Kept
    from reports.explanation import Explanation
    from sla_engine.units import Instant


@click.command()
@click.argument("ticket")
@click.option("--at", type=Moment(), metavar="TIME", help="as it stood then; later events left out")
@click.option("--known-at", type=Moment(), metavar="TIME", help="as we knew it then")
@policy_option
@format_option("text", "json", "html")
@out_option
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
    out: Path | None,
    now: Instant | None,
    config: str | None,
) -> None:
    """Tell why TICKET's clocks stand where they stand. Reads what the last pass kept.

    With --policy the figures are those under a draft, beside those of the policies in force.
    --known-at leaves out what was pulled later, however long ago it happened. --format html is one
    page to hand to the customer: no names, no internal notes.
    """
    if at is not None and now is not None:
        raise click.UsageError("--at and --now both say as of when: give one")
    if draft is not None and form == "html":
        raise click.UsageError("a customer's page is about the policies in force: no --policy here")
    session = open_session(config)
    kept = kept_ticket(session, ticket, known_at)
    instant = at or now or known_at or as_of(kept.pulled_at, clock())
    what = _explanation(session, kept, instant, draft, past=at is not None or known_at is not None)
    match form:
        case "json":
            from reports.explain_json import explain_json

            deliver(json_text(explain_json(what)) + "\n", out)
        case "html":
            from reports.customer import customer_page
            from reports.customer_html import customer_html

            deliver(customer_html(customer_page(what)), out)
        case _:
            _show(what, out)


def _show(what: Explanation, out: Path | None) -> None:
    from reports import screen
    from reports.explain import explain

    if out is None:
        screen.show(explain(what, width=screen.console(sys.stdout).width), sys.stdout)
    else:
        deliver(screen.text(explain(what)), out)


def _explanation(
    session: Session, kept: Kept, at: Instant, draft: Path | None, *, past: bool
) -> Explanation:
    from reports.explanation import Explanation, InForce
    from sla_engine.evaluate import evaluate
    from sla_engine.outlook import outlook

    policies, in_force = session.policies, None
    if draft is not None:
        in_force = InForce(draft.as_posix(), policies.version, evaluate(policies, kept.ticket, at))
        policies = drafted(session.settings.policies, draft)
        if kept.known is None:
            kept = kept._replace(ticket=with_case_of(session, policies, kept.ticket))
    verdicts, record = evaluate(policies, kept.ticket, at), None
    if draft is None and not past:
        verdicts, record = on_record(session, kept.ticket, verdicts, at)
    return Explanation(
        kept.ticket,
        verdicts,
        policies,
        at,
        past=past,
        written_at=kept.written_at,
        coming=outlook(policies, kept.ticket, at, session.channels().names),
        in_force=in_force,
        known=kept.known,
        record=record,
    )
