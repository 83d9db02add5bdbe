"""The three ways to be let in: OAuth client credentials, a password, an API key."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
from requests import PreparedRequest
from requests.auth import AuthBase, HTTPBasicAuth

from connectors.base import AuthError, Connection, PermanentError, TransientError
from connectors.envelope import Answer, StatusError
from connectors.http import Client
from connectors.secret import Secret
from connectors.server import Server, variable_name
from connectors.servicenow.settings import ServiceNowSettings

KINDS = {"oauth": "client_secret", "basic": "password", "api_key": "token"}
"""Way in -> which secret of the environment it takes."""
_CALLED = {"oauth": "client secret", "basic": "password", "api_key": "API key"}
RENEW_AT = 0.8
"""The part of a token's life after which a new one is fetched: there is none to refresh it by."""

_TOKENS = "/oauth_token.do"
_LIKELY = {
    "oauth": (
        "client_id or secret is wrong, or the registry entry has no OAuth Application User",
        "glide.oauth.inbound.client.credential.grant_type.enabled is not true",
    ),
    "basic": (
        "the password is wrong, or the account is locked out",
        "basic authentication is restricted: it wants the role snc_basic_auth_api_access",
    ),
    "api_key": ("the key is wrong, or no REST API access policy lets it read this table",),
}


def server_of(connection: Connection, settings: ServiceNowSettings) -> Server:
    """The instance as messages name it, with the one secret that its way in needs."""
    kind = KINDS[settings.auth]
    return Server(
        connection=connection.name,
        title="ServiceNow",
        base=settings.url,
        user=settings.user or connection.secret("user") or "",
        variable=variable_name(connection.name, kind),
        secret=Secret(connection.secret(kind) or ""),
        likely=_LIKELY[settings.auth],
        renewal=f"set {variable_name(connection.name, kind)} to the account's {kind}",
        kind=_CALLED[settings.auth],
    )


class ApiKey(AuthBase):
    """The header of the token-based plugin."""

    def __init__(self, key: Secret) -> None:
        self._key = key

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["x-sn-apikey"] = self._key.reveal()
        return request


class _Form(AuthBase):
    """Makes a request bear the client's credentials: /oauth_token.do takes forms only."""

    def __init__(self, client_id: str, secret: Secret) -> None:
        self._client_id, self._secret = client_id, secret

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        form = {"grant_type": "client_credentials", "client_id": self._client_id}
        request.prepare_body(form | {"client_secret": self._secret.reveal()}, None)
        return request


_USUAL = 1800
"""Seconds that a token lives where ServiceNow is left as it is."""


class _Token(msgspec.Struct):
    access_token: str
    expires_in: int | str = _USUAL


class OAuth(AuthBase):
    """A bearer token, fetched when first needed and anew before it dies."""

    def __init__(
        self,
        server: Server,
        client_id: str,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        self._client = Client(server, _Form(client_id, server.secret), sleep=sleep, clock=clock)
        self._clock = clock
        self._token = Secret("")
        self._until = 0.0

    @property
    def sent(self) -> int:
        return self._client.sent

    def prepare(self) -> None:
        """Have a token that still lives; whatever goes wrong here, the real request never left."""
        if self._is_due():
            self._keep(self._ask)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if self._is_due():  # after a 401, amid a request that is itself tried again: ask once
            self._keep(self._ask_once)
        request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return request

    def renew(self) -> bool:
        """After a 401: the token is dropped, the next request brings a new one."""
        had, self._token = bool(self._token), Secret("")
        return had

    def _is_due(self) -> bool:
        return not self._token or self._clock() >= self._until

    def _ask(self) -> Answer:
        return self._client.read("POST", _TOKENS)

    def _ask_once(self) -> Answer:
        delivery = self._client.write("POST", _TOKENS)
        if delivery.answer is None or delivery.error is not None:
            raise delivery.error or TransientError("ServiceNow gave no token")
        return delivery.answer

    def _keep(self, ask: Callable[[], Answer]) -> None:
        try:
            answer = ask()
        except StatusError as error:  # 400 invalid_client, access_denied
            raise AuthError(error.what, error.facts) from None
        token = answer.into(_Token)
        self._token = Secret(token.access_token)
        self._until = self._clock() + RENEW_AT * _seconds(token.expires_in)


def _seconds(said: int | str) -> float:
    """How long a token lives, half an hour where that makes no sense."""
    text = str(said)
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else _USUAL


def way_in(
    server: Server,
    settings: ServiceNowSettings,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> AuthBase:
    """What puts the credentials on each request; PermanentError where `client_id` is not said."""
    match settings.auth:
        case "basic":
            return HTTPBasicAuth(server.user.encode(), server.secret.reveal().encode())
        case "api_key":
            return ApiKey(server.secret)
    if not settings.client_id:
        raise lacking_word(server.connection, "client_id")
    return OAuth(server, settings.client_id, sleep, clock)


def lacking_word(connection: str, word: str) -> PermanentError:
    """The error for a connection that does not say something it must."""
    return PermanentError(
        f"connections.{connection} says no {word}",
        (("fix", f"add `{word}:` to the connection in service.yaml"),),
    )
