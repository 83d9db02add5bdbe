"""What `sla backtest` and `sla diff` share: two sets of policies over one history, shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import click
import msgspec

from commands.session import (
    Clock,
    Command,
    as_of,
    config_option,
    local_zone,
)
from reports.backtest import Backtest
from reports.json_values import json_text
from sla_engine.attainment import Period
from sla_engine.comparison import Comparison, Trial
from sla_engine.problems import did_you_mean
from sla_engine.units import Instant, from_datetime, parse_duration, parse_iso

if TYPE_CHECKING:
    from service.replay.editions import Edition
    from service.replay.histories import History
    from service.setup.settings import Settings

LISTED, POSTED = 20, 100
"""Changes named on a screen and in a comment, unless all are asked for."""

BEGINNING = Instant(0)

Form = Literal["text", "markdown", "json"]
Back = Callable[[Instant], Instant]
"""An instant, perhaps so long before another."""


class Asked(msgspec.Struct, frozen=True):
    """The options of both commands."""

    since: Back | None
    until: Back | None
    connection: str | None
    jobs: int
    form: Form
    whole: bool
    config: str | None


class When(click.ParamType[Back]):
    """An instant as people type it: a length to go back (90d), a date, or a time with its zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Back:
        text = str(value)
        length = parse_duration(text)
        if length and not length.business_days and not length.months:
            return lambda end: Instant(max(BEGINNING, end - length.millis))
        at = parse_iso(text.replace(" ", "T", 1)) or _midnight(text)
        if at is None:
            self.fail(
                f"{value!r} is no time; write 90d, 2026-08-01 or 2026-08-01T09:00Z", param, ctx
            )
        return lambda _: at


def _midnight(text: str) -> Instant | None:
    """Where a date begins in our own zone."""
    try:
        return from_datetime(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=local_zone()))
    except ValueError:
        return None


def replay_options(command: Command) -> Command:
    """The options of both commands, by the names that `Asked` has."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return config_option(command)


_OPTIONS = (
    click.option(
        "--since",
        type=When(),
        metavar="TIME",
        help="count what was decided from then on: 90d, a date or a time; else everything",
    ),
    click.option(
        "--until", type=When(), metavar="TIME", help="judge as of then; else as of the data"
    ),
    click.option("--connection", metavar="NAME", help="only this one of service.yaml"),
    click.option(
        "--jobs",
        type=click.IntRange(1, 64),
        default=1,
        show_default=True,
        help="processes at once; the answer is the same",
    ),
    click.option(
        "--format",
        "form",
        type=click.Choice(("text", "markdown", "json")),
        default="text",
        show_default=True,
        help="markdown is for a pull request",
    ),
    click.option("--all", "whole", is_flag=True, help="name every change"),
)


def compare(clock: Clock, settings: Settings, before: Edition, after: Edition, asked: Asked) -> int:
    """Replay, show, and the exit code: 3 where a ticket could not be read or judged."""
    from commands.failures import error_text
    from connectors.base import ConnectorError
    from service.delivery.outcome import exit_code

    histories = _histories(settings, asked.connection)
    _warn_of_fields(before, after, settings, histories)
    trial = Trial(before.policies, after.policies, _period(settings, histories, clock(), asked))
    try:
        found = _replayed(trial, histories, _histories(settings, None), asked.jobs)
    except ConnectorError as error:
        click.echo(error_text(error), err=True, nl=False)
        return exit_code([error])
    _show(Backtest(before.name, after.name, trial, found), asked)
    for key, why in found.failures:
        click.echo(f"{key}: {why}", err=True)
    return 3 if found.failures else 0


def _histories(settings: Settings, connection: str | None) -> list[History]:
    """A log is read anew, every other connection from what is kept."""
    from service.replay.histories import Kept, Log
    from service.setup.settings import called

    known = {one.name: one for one in settings.connections}
    if connection is not None and connection not in known:
        hint = did_you_mean(connection, known) or f"there are {', '.join(known)}"
        raise click.UsageError(f'no connection "{connection}" in {called(settings.file)}; {hint}')
    return [
        Log(one) if one.system == "event_log" else Kept(one.name, settings.state)
        for one in known.values()
        if connection in (None, one.name)
    ]


def _period(
    settings: Settings, histories: Sequence[History], present: Instant, asked: Asked
) -> Period:
    until = asked.until(present) if asked.until else as_of(_pulled_at(settings, histories), present)
    since = asked.since(until) if asked.since else BEGINNING
    if since >= until:
        raise click.UsageError("--since is not before --until")
    return Period(since, until)


def _pulled_at(settings: Settings, histories: Sequence[History]) -> Instant | None:
    """When the oldest of what is kept was read; None where all is read anew."""
    from service.replay.histories import Kept
    from service.state.standing import standing
    from service.state.store import open_store

    kept = [one.name for one in histories if isinstance(one, Kept)]
    if not kept:
        return None
    with open_store(settings.state, writer=False) as store, store.read() as db:
        read_at = [standing(db, name).pulled_at for name in kept]
    return min((at for at in read_at if at is not None), default=None)


def _warn_of_fields(
    before: Edition, after: Edition, settings: Settings, histories: Sequence[History]
) -> None:
    from service.replay.histories import Kept, fields_elsewhere

    kept = {one.name for one in histories if isinstance(one, Kept)}
    systems = {one.system for one in settings.connections if one.name in kept}
    if names := fields_elsewhere(before.policies, after.policies, systems):
        said = ", ".join(f'"{name}"' for name in names)
        click.echo(
            f"warning: the two read {said} from other fields of the tickets, and tickets are kept "
            "as they were pulled: verdicts that hang on it may be wrong",
            err=True,
        )


def _replayed(
    trial: Trial, histories: Sequence[History], among: Sequence[History], jobs: int
) -> Comparison:
    from commands.progress import Progress
    from service.replay.replaying import replay

    with Progress() as progress:
        return replay(
            trial,
            histories,
            among=among,
            jobs=jobs,
            progress=lambda name, done, of: progress.step(name, "replay", done, of),
        )


def _show(told: Backtest, asked: Asked) -> None:
    from reports.backtest_json import backtest_json
    from reports.backtest_markdown import backtest_markdown
    from reports.backtest_text import render_backtest
    from reports.screen import show

    zone = local_zone()
    if asked.form == "json":
        click.echo(json_text(backtest_json(told)))
    elif asked.form == "markdown":
        most = None if asked.whole else POSTED
        click.echo(backtest_markdown(told, zone=zone, most=most), nl=False)
    else:
        most = None if asked.whole else LISTED
        show(render_backtest(told, zone=zone, most=most), sys.stdout)
