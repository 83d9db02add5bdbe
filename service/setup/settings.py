"""service.yaml and the environment as settings: which systems, how, how often, how much at most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from pydantic import BeforeValidator, Field, model_validator

from service.setup.access import PageSettings
from service.setup.entries import Entry, entries, secrets_in
from service.setup.retention import Retention, RetentionSettings
from service.setup.settings_reading import Part
from service.setup.settings_reading import read as read_model
from service.setup.sources import Mode
from service.setup.webhooks import WebhookSettings, strangers
from sla_engine.document import read
from sla_engine.plan import Limits
from sla_engine.problems import Problem, Where
from sla_engine.units import DAY, MINUTE, SECOND, Instant, Millis, parse_duration


class ConnectionSettings(msgspec.Struct, frozen=True):
    """One entry of `connections:`; `options` are checked against the connector's own model. Its
    credentials end when it `expires`, as far as anybody said so."""

    name: str
    system: str
    mode: Mode
    options: Mapping[str, object]
    expires: Instant | None = None


class ChannelSettings(msgspec.Struct, frozen=True):
    """One entry of `channels:`: the variable that holds its address, or the command to run."""

    url_env: str = ""
    command: tuple[str, ...] = ()


class Settings(msgspec.Struct, frozen=True):
    """What a pass needs to know beside the policies."""

    file: Path
    connections: tuple[ConnectionSettings, ...]
    policies: Path
    state: str
    pull: Millis
    quiet: Millis
    limits: Limits
    channels: Mapping[str, ChannelSettings]
    heartbeat: str = ""  # the variable that holds its address; "" for none
    webhooks: Mapping[str, WebhookSettings] = {}
    pages: PageSettings | None = None
    retention: Retention = Retention()


def _length(value: object) -> object:
    length = parse_duration(value) if isinstance(value, str) else None
    if length is None or length.business_days or length.months or not length.millis:
        raise ValueError(f'"{value}" is not a duration; write 30s, 60s or 10m')
    return length.millis


def _share(value: object) -> object:
    text = str(value)
    if not text.endswith("%") or not text[:-1].isdigit() or int(text[:-1]) > 100:
        raise ValueError(f'"{value}" is not a percentage; write 20%')
    return int(text[:-1]) / 100


Length = Annotated[int, BeforeValidator(_length)]


class _Schedule(Part):
    pull: Annotated[Length, Field(ge=5 * SECOND, le=DAY)] = int(MINUTE)


class _Limits(Part):
    comments_per_run: Annotated[int, Field(ge=0)] = 50
    escalations_per_run: Annotated[int, Field(ge=0)] = 20
    share_of_tickets: Annotated[float, BeforeValidator(_share)] = 0.2


class _Heartbeat(Part):
    url_env: str = Field(description="name the variable that holds its address")


class _Channel(Part):
    url_env: str = ""
    command: Annotated[tuple[str, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _is_one(self) -> _Channel:
        if bool(self.url_env) == bool(self.command):
            raise ValueError(
                "a channel is an address or a command; write url_env: SLA_CHANNEL_X, which names "
                "the variable that holds the address, or command: [/usr/bin/restart, web]"
            )
        return self


class _File(Part):
    connections: Annotated[
        dict[str, object],
        Field(description="add connections: {jira/acme: {system: jira, url: https://…}}"),
    ]
    policies: str = "policies"
    state: str = "state.db"
    mode: Mode = "observe"
    schedule: _Schedule = _Schedule()
    limits: _Limits = _Limits()
    quiet: Annotated[Length, Field(ge=0, le=DAY)] = int(10 * MINUTE)
    channels: dict[str, _Channel] = Field(default_factory=dict)
    heartbeat: _Heartbeat | None = None
    webhooks: dict[str, WebhookSettings] = Field(default_factory=dict)
    pages: PageSettings | None = None
    retention: RetentionSettings = RetentionSettings()


def load(path: Path, environ: Mapping[str, str]) -> tuple[Settings | None, list[Problem]]:
    """The settings in a file, overridden by SLA_MODE and SLA_STATE, or every mistake in it."""
    try:
        source = path.read_bytes()
    except OSError as error:
        what = f"cannot be read: {error.strerror or type(error).__name__}"
        mend = "say where it is with --config or SLA_CONFIG"
        return None, [Problem(Where(called(path)), what, mend, "SLA001")]
    return load_text(source, path, environ)


def called(path: Path) -> str:
    """How people find a file from where they are."""
    here = Path.cwd()
    whole = path.resolve()
    return (whole.relative_to(here) if whole.is_relative_to(here) else path).as_posix()


def load_text(
    source: str | bytes, path: Path, environ: Mapping[str, str]
) -> tuple[Settings | None, list[Problem]]:
    """`load`, of a text that was read already; paths in it are relative to the folder of `path`."""
    node, problems = read(source, called(path))
    if node is None:
        return None, problems
    secret = {problem.where: problem for problem in secrets_in(node)}
    file, wrong = read_model(_File, node, node.where)
    read_as, found = entries(node, path.parent)
    others = [
        p for p in (*wrong, *found, *strangers(node), *_override(environ)) if p.where not in secret
    ]
    problems += [*secret.values(), *others]
    if problems or file is None:
        return None, sorted(problems, key=lambda problem: problem.where)
    return _settings(path, file, read_as, environ), []


def _settings(
    path: Path, file: _File, read_as: tuple[Entry, ...], environ: Mapping[str, str]
) -> Settings:
    """All modes resolved: a connection writes where it, or failing that the file, says so, unless
    SLA_MODE holds it back."""
    overall = environ.get("SLA_MODE") or file.mode
    held_back = environ.get("SLA_MODE") == "observe"
    connections = tuple(
        ConnectionSettings(
            one.name,
            one.system,
            "write" if (one.mode or overall) == "write" and not held_back else "observe",
            one.options,
            one.expires,
        )
        for one in read_as
    )
    state = environ.get("SLA_STATE") or file.state
    limits = file.limits
    return Settings(
        file=path,
        connections=connections,
        policies=path.parent / file.policies,
        state=state if "://" in state else str(path.parent / state),
        pull=Millis(file.schedule.pull),
        quiet=Millis(file.quiet),
        limits=Limits(limits.comments_per_run, limits.escalations_per_run, limits.share_of_tickets),
        heartbeat=file.heartbeat.url_env if file.heartbeat else "",
        webhooks=file.webhooks,
        pages=file.pages,
        retention=file.retention.terms(),
        channels={
            name: ChannelSettings(one.url_env, one.command) for name, one in file.channels.items()
        },
    )


def _override(environ: Mapping[str, str]) -> Iterator[Problem]:
    word = environ.get("SLA_MODE", "")
    if word not in ("", "observe", "write"):
        mend = "write observe or write"
        yield Problem(Where("SLA_MODE"), f'"{word}" is not known here', mend, "SLA105")
