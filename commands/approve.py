"""sla approve: a person's word for what changed policies want to write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from commands.session import (
    FINDINGS,
    Clock,
    config_option,
    end,
    json_option,
    now_option,
    open_settings,
    ticking,
)

if TYPE_CHECKING:
    from service.delivery.holds import Hold
    from sla_engine.units import Instant


@click.command()
@click.argument("plan", default="")
@now_option
@json_option
@config_option
@click.pass_obj
def command(clock: Clock, plan: str, now: Instant | None, as_json: bool, config: str | None) -> int:
    """Let a pass write what changed policies want. Without PLAN, list what waits.

    Works while `sla run` does: its next pass writes. An approval holds for a day, and for as many
    tickets as it names; more than that waits anew. Exit codes: 0 done, 1 no such plan waits.
    """
    import msgspec

    from service.delivery import holds
    from service.state.failpoints import reach
    from service.state.store import open_beside

    with open_beside(open_settings(config).state) as store:
        with store.read() as db:
            waiting = holds.waiting(db)
        if not plan:
            if as_json:
                click.echo(json.dumps(msgspec.to_builtins(waiting), indent=2))
            else:
                click.echo("\n".join(map(_line, waiting)) or "nothing waits for approval")
            return 0
        found = next((one for one in waiting if one.id == plan), None)
        with store.write() as db:
            approved = holds.approve(db, plan, ticking(now, clock)())
            reach("approve.in_word")
        reach("approve.after_word")
    if found is None or not approved:
        there = "; ".join(map(_line, waiting)) or "nothing waits for approval"
        end(f"error[SLA309]: no plan {plan!r} waits; {there}", FINDINGS)
    tickets = holds.grouped(found.tickets)
    click.echo(f"approved: the next pass writes to {tickets} tickets of {found.connection}")
    return 0


def _line(hold: Hold) -> str:
    return f"{hold.id}  {hold.connection}: {hold.words}"
