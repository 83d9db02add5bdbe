"""How the wire fails: whether the request surely never left, and how to say so."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit
from urllib.request import getproxies

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError

from connectors.base import ConnectorError, PermanentError, TransientError, UnreachableError
from connectors.server import Server, is_loopback

_HANDSHAKE = frozenset(
    (
        "UNSUPPORTED_PROTOCOL",
        "WRONG_VERSION_NUMBER",
        "NO_PROTOCOLS_AVAILABLE",
        "TLSV1_ALERT_PROTOCOL_VERSION",
        "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "HTTP_REQUEST",
    )
)
CONNECT_TIMEOUT, READ_TIMEOUT = 3.05, 30.0


class NobodyThereError(UnreachableError):
    """Refused by this very machine: nobody starts listening while we wait."""


class CutOffError(TransientError):
    """The request left, or may have; what became of it is not known."""


def failure(server: Server, tried: str, error: requests.RequestException) -> ConnectorError:
    """The exception of `requests` as one of ours: UnreachableError if nothing arrived for sure,
    CutOffError if something may have. Never bears the original, which may show headers."""
    how = _never_left(server, error)
    if how:
        facts = [("", how), ("tried", tried)]
        here = is_loopback(server.base)  # no proxy is ever asked for it
        facts += [] if here else [("proxy", _proxy(server))]
        nobody = how.endswith(" refused") and here
        kind = NobodyThereError if nobody else UnreachableError
        return kind(f"cannot reach {server.base}", facts)
    if isinstance(error, ValueError):  # InvalidURL, InvalidSchema, InvalidHeader, ...
        return PermanentError(f"no request can be sent to {server.base}", (("tried", tried),))
    said = (
        f"no answer within {READ_TIMEOUT:.0f} s"
        if isinstance(error, requests.Timeout)
        else "the connection broke off"
    )
    return CutOffError(f"{said}: {server.base}", (("tried", tried),))


def _never_left(server: Server, error: requests.RequestException) -> str:
    port = _port(server)
    causes = tuple(_causes(error))
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy cannot be reached, or refused us"
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return f"the certificate is not trusted: {_certificate(causes)}"
    if reason := _handshake(causes):
        return f"no TLS 1.2 or newer could be agreed on ({reason})"
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        return f"DNS knows no {urlsplit(server.base).hostname}"
    if isinstance(error, requests.ConnectTimeout):
        return f"DNS ok · TCP {port} timed out after {CONNECT_TIMEOUT:.0f} s"
    if any(isinstance(cause, NewConnectionError) for cause in causes):
        return f"DNS ok · TCP {port} refused"
    return ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and what it was made from: urllib3 hides it in `reason` or in the arguments."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [getattr(one, "reason", None), one.__cause__, one.__context__, *one.args]


def _certificate(causes: tuple[BaseException, ...]) -> str:
    found = next(cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError))
    return found.verify_message or "it could not be verified"


def _handshake(causes: tuple[BaseException, ...]) -> str:
    """OpenSSL's name of what failed before a byte of ours was sent; "" where that is not sure."""
    reasons = [str(cause.reason) for cause in causes if isinstance(cause, ssl.SSLError)]
    return next((reason for reason in reasons if reason in _HANDSHAKE), "")


def _port(server: Server) -> int:
    parts = urlsplit(server.base)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _proxy(server: Server) -> str:
    scheme = urlsplit(server.base).scheme
    state = "is set" if scheme in getproxies() else "is not set in this shell"
    return f"{scheme.upper()}_PROXY {state}"
