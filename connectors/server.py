"""A server as people know it, and whether its address is a safe one."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

from connectors.secret import Secret, blot


class Server(msgspec.Struct, frozen=True):
    """Where we talk to, as whom.

    `base` has no slash at its end; `variable` is the environment variable that the secret came
    from and `kind` what people call that secret; `likely` are the probable reasons of a 401 and
    `renewal` what mends it.
    """

    connection: str
    title: str
    base: str
    user: str = ""
    variable: str = ""
    secret: Secret = Secret("")
    likely: tuple[str, ...] = ("the token was revoked or expired",)
    renewal: str = ""
    kind: str = "token"

    @staticmethod
    def redact(text: str) -> str:
        """The text on one line without control characters and without a secret in any form."""
        flat = re.sub(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+", " ", text)
        return " ".join(blot(flat).split())


def variable_name(connection: str, kind: str) -> str:
    """`SLA_JIRA_ACME_TOKEN` for the token of `jira/acme`."""
    return re.sub(r"[^A-Z0-9]+", "_", f"sla_{connection}_{kind}".upper())


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def check_url(url: str) -> str:
    """The URL without its last slash; ValueError where it is no safe address of a server."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f'"{url}" is no address of a server; write it like https://host.example')
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("an address bears no user, password, query or fragment")
    if parts.scheme == "http" and not is_loopback(url):
        raise ValueError("http:// would show the token to the network; write https://")
    return url.rstrip("/")
