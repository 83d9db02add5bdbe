"""What commands share: their options, the settings and policies they work on, how they end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar
from zoneinfo import ZoneInfo

import click
import msgspec
from click.exceptions import Exit

from sla_engine.units import MINUTE, Instant, parse_iso, to_datetime

if TYPE_CHECKING:
    from service.delivery.channels import Channels
    from service.passes.pass_terms import Terms
    from service.setup.settings import Settings
    from service.setup.sources import Source
    from service.state.store import Store
    from sla_engine.problems import Problem
    from sla_engine.terms import Policies

FINDINGS, USAGE = 1, 64

STALE = 15 * MINUTE
"""Older data say nothing about the present."""

Command = TypeVar("Command", bound=Callable[..., Any])
Clock = Callable[[], Instant]


class Moment(click.ParamType[Instant]):
    """An instant as people type it: ISO 8601 with a zone."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Instant:
        at = parse_iso(str(value).replace(" ", "T", 1))
        if at is None:
            self.fail(f"{value!r} is no time; write 2026-11-21T10:52:00+01:00 or …Z", param, ctx)
        return at


def config_option(command: Command) -> Command:
    """`--config FILE`."""
    where = (
        "the settings; else SLA_CONFIG, config/service.yaml, service.yaml, /etc/sla/service.yaml, "
        "sla-demo/service.yaml"
    )
    return click.option("--config", metavar="FILE", help=where)(command)


def now_option(command: Command) -> Command:
    """`--now TIME`: the instant at which to judge, such as the clock of a sandbox."""
    what = "judge at this instant instead of the present one"
    return click.option("--now", type=Moment(), metavar="TIME", help=what)(command)


def json_option(command: Command) -> Command:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="for machines")(command)


def format_option(*forms: str) -> Callable[[Command], Command]:
    """`--format FORM`, the first by default; `--json` is short for one of them."""

    def added(command: Command) -> Command:
        long = click.option(
            "--format", "form", type=click.Choice(forms), default=forms[0], show_default=True
        )
        short = click.option("--json", "form", flag_value="json", help="the same as --format json")
        return long(short(command))

    return added


class Session(msgspec.Struct, frozen=True):
    """Settings and policies without a mistake in them, and the environment they were read in."""

    settings: Settings
    policies: Policies
    environ: Mapping[str, str]

    def sources(self) -> tuple[Source, ...]:
        from service.setup.connections import sources

        return sources(self.settings, self.policies, self.environ)

    def source(self, name: str) -> Source:
        """One connection by name; ends the command where there is none of that name."""
        from sla_engine.problems import did_you_mean

        found = {source.name: source for source in self.sources()}
        if name not in found:
            known = did_you_mean(name, found) or f"there are {', '.join(found)}"
            raise click.UsageError(f'no connection "{name}" in {self.settings.file}; {known}')
        return found[name]

    def secret(self, variable: str) -> str | None:
        """What a variable of the environment, or the file that it names, holds; None without."""
        from service.setup.environment import variable as read

        return read(variable, self.environ) if variable else None

    def channels(self) -> Channels:
        from service.delivery.channels import Channel, Channels
        from service.setup.environment import variable

        def address(name: str) -> Callable[[], str | None]:
            return lambda: variable(name, self.environ)

        return Channels(
            {
                name: Channel(address(said.url_env), said.command)
                for name, said in self.settings.channels.items()
            }
        )

    def terms(self, clock: Clock, **others: Any) -> Terms:
        """What a pass is run under."""
        from service.delivery.halting import halted
        from service.passes.pass_terms import Terms

        return Terms(
            self.policies,
            clock,
            limits=self.settings.limits,
            channels=self.channels(),
            quiet=self.settings.quiet,
            retention=self.settings.retention,
            halted=halted(self.settings.file),
            **others,
        )

    def store(self, *, writer: bool) -> Store:
        """The store; StoreError where it cannot be used."""
        from service.state.store import open_store

        return open_store(self.settings.state, writer=writer)


def open_session(config: str | None) -> Session:
    """Settings and policies, or every mistake in them on stderr and the end of the command."""
    settings = open_settings(config)
    from sla_engine.policy_files import load, read_sources

    policies, problems = load(settings.policies)
    if any(problem.severity == "error" for problem in problems):
        show_problems(problems, read_sources(settings.policies)[0])
        raise Exit(FINDINGS)
    return session_of(settings, policies)


def session_of(settings: Settings, policies: Policies) -> Session:
    """Settings and policies with the environment, to which a .env beside the settings belongs."""
    return Session(settings, policies, _environment(settings.file.parent))


def _environment(folder: Path) -> dict[str, str]:
    from service.setup.environment import check_files, dotenv

    try:
        environ = {**dotenv(folder), **os.environ}
        check_files(environ)
        return environ
    except PermissionError as error:
        end(f"error[SLA303]: {error}", FINDINGS)


def open_settings(config: str | None) -> Settings:
    """The settings alone."""
    from service.setup.settings import load

    path = settings_path(config)
    settings, problems = load(path, os.environ)
    if settings is None:
        show_problems(problems, {problems[0].where.file: _bytes(path)} if problems else {})
        raise Exit(FINDINGS)
    return settings


def settings_path(config: str | None) -> Path:
    """Where the settings are; ends the command where there are none."""
    from service.setup.environment import SEARCHED, locate

    path = locate(config, os.environ, Path.cwd())
    if path is None:
        end(f"no settings found; looked for {', '.join(SEARCHED)}. Try: sla demo", USAGE)
    if not path.exists():
        from service.setup.settings import called

        end(
            f"no settings file {called(path)}; name another with --config or SLA_CONFIG, or make "
            "one: sla demo writes sla-demo/service.yaml to start from",
            USAGE,
        )
    return path


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def show_problems(problems: Sequence[Problem], sources: Mapping[str, str | bytes]) -> None:
    """Problems as people can mend them, on stderr."""
    from reports.problems import render_problems

    texts = {
        name: text if isinstance(text, str) else text.decode("utf-8", "replace")
        for name, text in sources.items()
    }
    click.echo(render_problems(problems, texts), err=True)


def end(words: str, code: int) -> NoReturn:
    """Say why on stderr, as an error like all others, and leave with this code."""
    click.echo(words if words.startswith("error[") else f"error: {words}", err=True)
    raise Exit(code)


def ticking(now: Instant | None, clock: Clock) -> Clock:
    """The clock as it goes, or one that goes on from `now`."""
    if now is None:
        return clock
    began = time.monotonic()
    return lambda: Instant(now + int((time.monotonic() - began) * 1000))


def local_zone() -> ZoneInfo:
    """The zone for times of our own doings: TZ where it names one, else UTC."""
    try:
        return ZoneInfo(os.environ.get("TZ", "") or "UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def as_of(pulled_at: Instant | None, present: Instant) -> Instant:
    """The instant to judge kept tickets at: the present, unless they are too old for that (or of a
    clock of their own); then the instant of the last pull, which is said."""
    if pulled_at is None or 0 <= present - pulled_at <= STALE:
        return present
    zone = local_zone()
    local = to_datetime(pulled_at, zone)
    said = f"{local:%a} {local.day} {local:%b %Y %H:%M %Z}"
    click.echo(f"data of {said}, told as of then; sla run --once pulls anew", err=True)
    return pulled_at
