"""sla purge: forget tickets, because they are old or because somebody has a right to it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.exceptions import Exit

from commands.session import FINDINGS, Moment, config_option, open_settings
from reports.words import count

if TYPE_CHECKING:
    from service.setup.settings import Settings
    from service.state.purging import Identity, Purged
    from service.state.store import Store
    from sla_engine.units import Instant

BESIDE = """Backups, kept plans and logs still have them: see docs/operations.md.
A ticket that changes in its system is read again, with all that the system tells."""


@click.command()
@click.option("--ticket", "words", multiple=True, metavar="KEY", help="this one; may be repeated")
@click.option("--before", type=Moment(), metavar="TIME", help="all that are closed and older")
@click.option("--yes", is_flag=True, help="do not ask, even on a terminal")
@config_option
def command(words: tuple[str, ...], before: Instant | None, yes: bool, config: str | None) -> int:
    """Forget tickets: histories, verdicts, restatements, and what the audit says of them.

    Lines of the audit stay in their chain, empty. Nothing is changed in Jira or ServiceNow, and
    nothing that was said is said again. Stop `sla run` before. Exit code 1 where a ticket is not
    known or must wait.
    """
    if not words and before is None:
        raise click.UsageError("say which: --ticket KEY or --before TIME")
    from service.state.failpoints import reach
    from service.state.purging import purge
    from service.state.store import open_store

    settings = open_settings(config)
    with open_store(settings.state, writer=True) as store:
        chosen, unknown = _chosen(store, words, before)
        for word in unknown:
            click.echo(f'nothing is kept of "{word}"', err=True)
        if not chosen:
            click.echo("nothing to purge", err=True)
            raise Exit(FINDINGS if unknown else 0)
        if not yes and sys.stdin.isatty():
            asked = f"Forget {count(len(chosen), 'ticket')} for good?"
            click.confirm(asked, abort=True, err=True)
        with store.write() as db:
            done = purge(db, chosen)
        reach("purge.after_commit")
        store.compact()
    _tell(done, settings)
    return FINDINGS if unknown or done.doubtful else 0


def _chosen(
    store: Store, words: tuple[str, ...], before: Instant | None
) -> tuple[set[Identity], list[str]]:
    from service.state.purging import closed_before, named

    with store.read() as db:
        by_word = named(db, words)
        old = set() if before is None else closed_before(db, before)
    unknown = [word for word, found in by_word.items() if not found]
    return old.union(*by_word.values()), unknown


def _tell(done: Purged, settings: Settings) -> None:
    size = ""
    if "://" not in settings.state:
        size = f" · state {Path(settings.state).stat().st_size / 1e6:.1f} MB"
    lines = count(done.lines, "line")
    click.echo(f"✓ forgot {count(done.tickets, 'ticket')} · {lines} of audit emptied{size}")
    for key in done.doubtful:
        click.echo(f"! {key} stays: a write to it is in doubt; run a pass, then again", err=True)
    if done.tickets:
        click.echo(BESIDE)
