"""What sla apply and sla revert share: what holds them back, and how they tell what came of it."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NoReturn

import click
import msgspec

from commands.failures import told
from commands.pass_text import pass_json
from commands.plan import LISTED
from commands.session import Session, end, local_zone
from reports.errand import Left, Wrote, render_look, render_wrote
from reports.errors import render_error
from reports.json_values import json_text
from reports.plan_text import Planned, what_of
from reports.screen import show

if TYPE_CHECKING:
    from service.errands.applying import Applied
    from service.errands.staleness import Fate
    from service.passes.pass_terms import Terms
    from service.setup.sources import Source
    from service.state.store import Store
    from sla_engine.units import Instant

REFUSED = 6


class Telling(msgspec.Struct, frozen=True):
    """How an errand is told. `head` is its first line, `next_step` its last; of what was left,
    these `fates` are listed."""

    head: str
    next_step: str
    fates: Collection[Fate]
    as_json: bool
    dry: bool


def refuse(code: str, what: str, *facts: tuple[str, str]) -> NoReturn:
    """End the command: nothing was written, and this is why."""
    end(render_error(code, what, facts, effect="No ticket was changed.").rstrip(), REFUSED)


def writable(session: Session, names: Collection[str]) -> tuple[Source, ...]:
    """These connections; ends the command where one is not there, or is not to be written to."""
    from service.delivery.halting import halted
    from service.setup.settings import called

    file = called(session.settings.file)
    if why := halted(session.settings.file)():
        refuse("SLA318", "writing is halted", ("reason", why), ("fix", "sla resume"))
    found = {source.name: source for source in session.sources() if source.name in names}
    for name in sorted(names):
        if name not in found:
            refuse("SLA312", f"{file} has no connection {name} any more", ("fix", "put it back"))
        if found[name].mode == "observe":
            held = session.environ.get("SLA_MODE") == "observe"
            fix = "unset SLA_MODE" if held else f"say mode: write in {file}"
            refuse("SLA313", f"{name} is in mode observe: nothing is written to it", ("fix", fix))
    return tuple(found.values())


def caught_up(store: Store, names: Collection[str]) -> None:
    """Ends the command where the store is behind the tickets of one of these connections."""
    from service.state.standing import standing

    with store.read() as db:
        for name in sorted(names):
            if standing(db, name).restored_at is not None:
                what = f"the state was brought back, and the tickets of {name} not read since"
                refuse("SLA315", what, ("fix", "sla run --once reads them"))


def tell(applied: Applied, telling: Telling, terms: Terms, now: Instant) -> None:
    """What was written on stdout, what failed on stderr."""
    report = applied.report
    if telling.as_json:
        click.echo(json_text(_json(applied, telling)))
    else:
        _show(applied, telling, terms, now)
    for block in told(report):
        click.echo(f"\n{block}", err=True, nl=False)
    sys.stdout.flush()


def _show(applied: Applied, telling: Telling, terms: Terms, now: Instant) -> None:
    left = [
        Left(one.ref.key, what_of(one.change), one.why)
        for one in applied.left
        if one.fate in telling.fates
    ]
    already = sum(one.fate == "done" for one in applied.left)
    if telling.dry:
        screen = render_look(
            telling.head,
            _planned(applied, terms, now),
            left,
            already=already,
            now=now,
            zone=local_zone(),
            most=LISTED,
            next_step=telling.next_step,
        )
    else:
        screen = render_wrote(
            telling.head,
            _wrote(applied),
            left,
            already=already,
            most=LISTED,
            next_step=telling.next_step,
        )
    show(screen, sys.stdout)


def _planned(applied: Applied, terms: Terms, now: Instant) -> Sequence[Planned]:
    from reports.words import fields_of

    return [
        Planned(item.ticket, item.changes, fields_of(terms.policies, item.ticket, now))
        for source in applied.report.sources
        for item in source.items
    ]


def _wrote(applied: Applied) -> Wrote:
    sources = applied.report.sources
    return Wrote(
        sum(one.written.tickets for one in sources),
        sum(one.written.fields for one in sources),
        sum(one.written.comments for one in sources),
        sum(one.written.escalations for one in sources),
        sum(len({failure.key for failure in one.failures}) for one in sources),
        applied.report.run,
        sum(one.error is not None for one in sources),
    )


def _json(applied: Applied, telling: Telling) -> dict[str, object]:
    left = [
        {
            "connection": one.ref.connection,
            "ticket": one.ref.key,
            "what": what_of(one.change),
            "fate": one.fate,
            "why": one.why,
        }
        for one in applied.left
    ]
    return pass_json(applied.report) | {"dry_run": telling.dry, "left": left}
