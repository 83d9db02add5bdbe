"""Connections that are refused as they are made: to addresses at which a cloud hands out keys.

A channel's address is the operator's, but the name in it may be made to lead elsewhere by whoever
runs that name's DNS. So not the name is judged but the address that is really connected to, by the
interpreter's own audit hook: whatever library sends the notice, and however often it looks up.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from ipaddress import IPv6Address, ip_address
from threading import Lock
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies

_METADATA = frozenset(
    map(ip_address, ("168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"))
)
"""Azure, Alibaba, Oracle, AWS over IPv6; all others use link-local addresses."""


class _Guard(NamedTuple):
    loopback: bool
    refused: list[str]


_one_at_a_time = Lock()
_on_duty: list[_Guard] = []


class RefusedAddressError(ConnectionError):
    """The connection would have led where no notice belongs; nothing was sent."""


@contextmanager
def guarded(address: str) -> Iterator[list[str]]:
    """While the block runs, this process connects to no link-local, metadata or multicast address,
    and to this machine only if `address`, or a proxy of the environment, is on it by name. The list
    tells the addresses that were refused. All threads are meant: senders have their own."""
    _hook()
    guard = _Guard(any(map(_is_here, (address, *getproxies().values()))), [])
    with _one_at_a_time:
        _on_duty.append(guard)
        try:
            yield guard.refused
        finally:
            _on_duty.remove(guard)


def is_fit(host: str, *, loopback: bool) -> bool:
    """Whether a notice may go to this IP address."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return loopback and host == "localhost"  # libraries look a name up before they connect
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback:
        return loopback
    bad = address.is_link_local or address.is_multicast or address.is_unspecified
    return not bad and address not in _METADATA


def _is_here(address: str) -> bool:
    return (urlsplit(address).hostname or "") in ("localhost", "127.0.0.1", "::1")


@cache
def _hook() -> None:
    """Once in a process, since hooks cannot be taken away again."""
    sys.addaudithook(_on_event)


def _on_event(event: str, arguments: tuple[object, ...]) -> None:
    if event != "socket.connect" or not _on_duty:
        return
    to, guard = arguments[1], _on_duty[0]
    if isinstance(to, tuple) and not is_fit(str(to[0]), loopback=guard.loopback):
        guard.refused.append(str(to[0]))
        raise RefusedAddressError(f"{to[0]} is no place for a notice")
