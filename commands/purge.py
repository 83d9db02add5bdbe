"""sla purge: forget tickets or people, because they are old or have a right to it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.exceptions import Exit

from commands.session import FINDINGS, Clock, Moment, config_option, open_settings
from reports.words import count

if TYPE_CHECKING:
    from service.record.pseudonyms import Person, Veiled
    from service.setup.settings import Settings
    from service.state.purging import Identity, Purged
    from service.state.store import Store
    from sla_engine.units import Instant

BESIDE = """Backups, kept plans and logs still have them: see docs/operations.md.
A ticket that changes in its system is read again, with all that the system tells."""


OF_PEOPLE = """Backups, kept plans and logs still have them: see docs/operations.md.
Where the system still tells of them, they get the same pseudonym when a ticket is read again."""


@click.command()
@click.option("--ticket", "words", multiple=True, metavar="KEY", help="this one; may be repeated")
@click.option("--before", type=Moment(), metavar="TIME", help="all that are closed and older")
@click.option("--user", metavar="ACCOUNT", help="a person, by the id of their account")
@click.option("--yes", is_flag=True, help="do not ask, even on a terminal")
@config_option
@click.pass_obj
def command(
    clock: Clock,
    words: tuple[str, ...],
    before: Instant | None,
    user: str | None,
    yes: bool,
    config: str | None,
) -> int:
    """Forget tickets: histories, verdicts, restatements, and what the audit says of them.

    Or forget a person: a pseudonym takes the place of their account and names in everything that is
    kept, and no figure changes. Lines of the audit stay in their chain. Nothing is changed in Jira
    or ServiceNow, and nothing that was said is said again. Stop `sla run` before. Exit code 1 where
    something is not known or must wait.
    """
    if bool(user and user.strip()) == bool(words or before is not None):
        raise click.UsageError("say which: --ticket KEY, --before TIME, or --user ACCOUNT alone")
    from service.state.store import open_store

    settings = open_settings(config)
    with open_store(settings.state, writer=True) as store:
        if user:
            return _purge_person(store, user, clock(), settings, yes=yes)
        return _purge_tickets(store, words, before, settings, yes=yes)


def _purge_tickets(
    store: Store, words: tuple[str, ...], before: Instant | None, settings: Settings, *, yes: bool
) -> int:
    from service.state.purging import purge

    chosen, unknown = _chosen(store, words, before)
    for word in unknown:
        click.echo(f'nothing is kept of "{word}"', err=True)
    if not chosen:
        click.echo("nothing to purge", err=True)
        raise Exit(FINDINGS if unknown else 0)
    _ask(f"Forget {count(len(chosen), 'ticket')} for good?", yes=yes)
    with store.write() as db:
        done = purge(db, chosen)
    _compact(store)
    _tell(done, settings)
    return FINDINGS if unknown or done.doubtful else 0


def _purge_person(
    store: Store, account: str, now: Instant, settings: Settings, *, yes: bool
) -> int:
    from service.record.pseudonyms import accounts_called, find, in_doubt, veil

    with store.read() as db:
        person = find(db, account)
        doubtful = in_doubt(db, person)
        called = [one for one in accounts_called(db, {account, *person.names}) if one != account]
    if not person.tickets:
        mend = f"; accounts of that name: {', '.join(called)}" if called else ""
        click.echo(f'no history tells of an account "{account}"{mend}', err=True)
        return FINDINGS
    if doubtful:
        keys = ", ".join(doubtful)
        click.echo(f"nothing was purged: a write to {keys} is in doubt; run a pass first", err=True)
        return FINDINGS
    _ask(f"Put a pseudonym for {_called(account, person)} for good?", yes=yes)
    with store.write() as db:
        done = veil(db, account, person, now)
    _compact(store)
    _tell_person(account, done, settings)
    if called:
        click.echo(f"! accounts of the same name stay as they are: {', '.join(called)}", err=True)
    return 0


def _compact(store: Store) -> None:
    from service.state.failpoints import reach

    reach("purge.after_commit")
    store.compact()


def _called(account: str, person: Person) -> str:
    names = f" ({', '.join(sorted(person.names))})" if person.names - {"", account} else ""
    return f"{account}{names} in {count(len(person.tickets), 'ticket')}"


def _ask(question: str, *, yes: bool) -> None:
    if not yes and sys.stdin.isatty():
        click.confirm(question, abort=True, err=True)


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
    lines = count(done.lines, "line")
    forgot = f"✓ forgot {count(done.tickets, 'ticket')} · {lines} of audit emptied"
    click.echo(forgot + _size(settings))
    for key in done.doubtful:
        click.echo(f"! {key} stays: a write to it is in doubt; run a pass, then again", err=True)
    if done.tickets:
        click.echo(BESIDE)


def _tell_person(account: str, done: Veiled, settings: Settings) -> None:
    lines = f"{count(done.lines, 'line')} of audit told anew"
    told = f"✓ {account} is {done.pseudonym} in {count(done.tickets, 'ticket')} · {lines}"
    click.echo(told + _size(settings))
    if done.policies:
        click.echo("! policies name them, and stay: verdicts were judged by those", err=True)
    click.echo(OF_PEOPLE)


def _size(settings: Settings) -> str:
    if "://" in settings.state:
        return ""
    return f" · state {Path(settings.state).stat().st_size / 1e6:.1f} MB"
