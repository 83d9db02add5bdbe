"""Who may see the pages for people: `pages:` of service.yaml with its secret."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated

import msgspec
from pydantic import AfterValidator, Field, model_validator

from service.setup.settings_reading import Part
from service.setup.webhooks import SENT, guessable

Network = IPv4Network | IPv6Network
HERE = frozenset(("localhost", "127.0.0.1", "[::1]"))
"""Names of this machine, under which no other site can be reached."""


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError:
        raise ValueError(f'"{text}" is no address; write 10.0.0.5 or 10.0.0.0/24') from None
    return text


class _Proxy(Part):
    """A proxy that lets in nobody it does not know, and says in a header whom it let in."""

    peers: Annotated[
        tuple[Annotated[str, AfterValidator(_network)], ...],
        Field(strict=False, min_length=1, description="say from which addresses: [10.0.0.5]"),
    ]
    header: Annotated[
        str,
        Field(pattern=r"^[A-Za-z][A-Za-z0-9-]*$", description="name one header: X-Forwarded-User"),
    ] = "X-Forwarded-User"


class PageSettings(Part):
    """Nobody sees a page who proves nothing, on this machine neither."""

    token_env: str = ""
    hosts: Annotated[tuple[str, ...], Field(strict=False)] = ()
    proxy: _Proxy | None = None

    @model_validator(mode="after")
    def _asks_for_proof(self) -> PageSettings:
        if not self.token_env and self.proxy is None:
            raise ValueError(
                "pages are for those who prove who they are; write token_env: SLA_PAGES_TOKEN, "
                "which names the variable that holds the token, or proxy: {peers: [10.0.0.5]}"
            )
        return self


class Access(msgspec.Struct, frozen=True):
    """Under which names the pages are reached, and by what somebody may see them. `token` is b""
    where none opens them."""

    hosts: frozenset[str]
    token: bytes = b""
    peers: tuple[Network, ...] = ()
    header: str = ""

    def trusts(self, address: str) -> bool:
        """Whether what comes from this address is let in by a proxy of ours."""
        try:
            peer = ip_address(address)
        except ValueError:
            return False
        return any(peer in network for network in self.peers)


def access(
    said: PageSettings, secret: Callable[[str], str | None], host: str
) -> tuple[Access, str]:
    """Who may see pages served at `host`, and why it cannot be told: what the token lacks."""
    token = secret(said.token_env) if said.token_env else ""
    why = guessable(token, SENT) if said.token_env else ""
    names = {f"[{host}]" if ":" in host else host.lower(), *map(str.lower, said.hosts), *HERE}
    proxy = said.proxy
    found = Access(
        frozenset(names - {"0.0.0.0", "[::]"}),  # noqa: S104  # not bound to: no name of anybody
        (token or "").encode(),
        tuple(map(ip_network, proxy.peers)) if proxy else (),
        proxy.header if proxy else "",
    )
    return found, f"{said.token_env}, the token of the pages, {why}" if why else ""
