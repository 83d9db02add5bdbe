"""systemd hears that we are ready, alive as long as it is true, and stopping."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from threading import Event

import pytest

from service.watch.supervisor import Supervisor


@pytest.fixture(params=["a file", "abstract"])
def ear(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """systemd's end of the socket, and what it would call it."""
    name = str(tmp_path / "notify") if request.param == "a file" else f"@sla-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hears:
        hears.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        hears.settimeout(10)
        yield hears, name


def heard(ear: socket.socket) -> str:
    return ear.recv(100).decode()


def test_it_is_told_of_the_beginning_the_life_and_the_end(ear: tuple[socket.socket, str]) -> None:
    hears, name = ear
    environ = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "20000", "WATCHDOG_PID": str(os.getpid())}
    with Supervisor(environ, lambda: True) as told:
        assert told.every == 0.01
        assert [heard(hears) for _ in range(3)] == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
    while (last := heard(hears)) == "WATCHDOG=1":
        pass
    assert last == "STOPPING=1"


def test_who_hangs_is_not_called_alive(ear: tuple[socket.socket, str]) -> None:
    hears, name = ear
    times, long_after = count(), Event()

    def alive() -> bool:
        time = next(times)
        if time == 20:
            long_after.set()
        return time in (0, 3)

    with Supervisor({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "2000"}, alive):
        assert long_after.wait(10)
        assert [heard(hears) for _ in range(3)] == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
        hears.setblocking(False)
        with pytest.raises(BlockingIOError):
            heard(hears)


UNASKED = [
    {},
    {"WATCHDOG_USEC": "20000"},
    {"NOTIFY_SOCKET": "/nowhere/at/all"},
    {"NOTIFY_SOCKET": "/nowhere/at/all", "WATCHDOG_USEC": "20000", "WATCHDOG_PID": "1"},
    {"NOTIFY_SOCKET": "/nowhere/at/all", "WATCHDOG_USEC": "soon"},
]


@pytest.mark.parametrize("environ", UNASKED)
def test_without_systemd_nothing_is_told_and_nothing_fails(environ: dict[str, str]) -> None:
    with Supervisor(environ, lambda: True) as told:
        assert told.every == 0.0
