"""Connections as service.yaml and the policies say them, ready for passes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from connectors.base import Connection, Connector
from service.setup.environment import secrets
from service.setup.sources import Source
from service.setup.systems import module_of

if TYPE_CHECKING:
    from service.setup.settings import ConnectionSettings, Settings
    from sla_engine.terms import Policies


def connection(
    one: ConnectionSettings, policies: Policies, environ: Mapping[str, str]
) -> Connection:
    """An entry of service.yaml, with the fields that policies read and write in its system."""
    published = policies.publish.get(one.system)
    return Connection(
        one.name,
        one.system,
        one.options,
        secrets(one.name, environ),
        policies.fields,
        dict(published.fields) if published else {},
    )


def sources(
    settings: Settings, policies: Policies, environ: Mapping[str, str]
) -> tuple[Source, ...]:
    """Every connection, ready for passes; each connects when it is first used, and stays so."""
    return tuple(_source(one, policies, environ) for one in settings.connections)


def _source(one: ConnectionSettings, policies: Policies, environ: Mapping[str, str]) -> Source:
    made = connection(one, policies, environ)

    @cache
    def connect() -> Connector:
        return module_of(one.system).connect(made)

    return Source(one.name, one.system, one.mode, scope(made), connect)


def scope(made: Connection) -> str:
    """What decides what a journal says: another scope means to read all of them anew."""
    asked = [made.system, made.options, made.fields, made.publish]
    said = msgspec.json.encode(asked, order="deterministic")
    return sha256(said).hexdigest()[:16]
