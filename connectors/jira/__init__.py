"""Jira Cloud (v3) and Jira Data Center (v2)."""

from __future__ import annotations

import time
from collections.abc import Callable

from requests.auth import AuthBase, HTTPBasicAuth

from connectors.base import Connection, Connector
from connectors.http import Client
from connectors.jira.auth import BearerAuth
from connectors.jira.connector import JiraConnector
from connectors.jira.settings import JiraSettings
from connectors.secret import Secret
from connectors.server import Server, variable_name

Settings = JiraSettings

__all__ = ["JiraSettings", "Settings", "connect"]

_CLOUD_TOKENS = "https://id.atlassian.com/manage-profile/security/api-tokens"


def connect(
    connection: Connection,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Connector:
    """A connector to the Jira that the connection describes; sends nothing yet."""
    settings = JiraSettings.model_validate(dict(connection.options))
    secret = Secret(connection.secret("token") or "")
    user = settings.user or connection.secret("user") or ""
    server = Server(
        connection.name,
        "Jira",
        settings.base,
        user,
        variable_name(connection.name, "token"),
        secret,
        _likely(settings),
        _renewal(settings),
    )
    auth = _auth(settings, user, secret)
    client = Client(server, auth, rate=settings.rate, sleep=sleep, clock=clock)
    return JiraConnector(
        connection.name, settings, client, connection.fields, tuple(connection.publish)
    )


def _auth(settings: JiraSettings, user: str, secret: Secret) -> AuthBase | None:
    if not secret:
        return None
    if settings.deployment == "cloud":
        return HTTPBasicAuth(user, secret.reveal())
    return BearerAuth(secret)


def _likely(settings: JiraSettings) -> tuple[str, ...]:
    if settings.deployment == "data_center":
        return ("the personal access token was revoked or expired",)
    expired = "the token was revoked or expired; API tokens live 1–365 days"
    if settings.api_base:
        return (expired,)
    return (
        expired,
        "or it has scopes: such tokens need api_base: https://api.atlassian.com/ex/jira/<cloudId>",
    )


def _renewal(settings: JiraSettings) -> str:
    if settings.deployment == "cloud":
        return f"make one at {_CLOUD_TOKENS}"
    return f"make one in the profile of the account at {settings.url}"
