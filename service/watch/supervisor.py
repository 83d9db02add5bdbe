"""What systemd is told of us: ready, alive, stopping (sd_notify(3), a datagram to a socket)."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Mapping


class Supervisor:
    """Tells it while used by `with`: ready at once, stopping at the end, and in between that we are
    alive, as often as it asks (`WatchdogSec`) and as long as it is true. Without systemd it is
    silent.

    It has a thread of its own: a loop that waits for an hour is alive, one that hangs is not.
    """

    def __init__(self, environ: Mapping[str, str], alive: Callable[[], bool]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        ours = environ.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
        asked = environ.get("WATCHDOG_USEC", "") if self._address and ours else ""
        self.every = int(asked) / 2_000_000 if asked.isdecimal() else 0.0
        self._alive = alive
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._assure, name="watchdog", daemon=True)

    def __enter__(self) -> Supervisor:
        self._tell("READY=1")
        if self.every:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._tell("STOPPING=1")

    def _assure(self) -> None:
        while not self._over.wait(self.every):
            if self._alive():
                self._tell("WATCHDOG=1")

    def _tell(self, said: str) -> None:
        """Nobody there is nobody to tell: what we do is worth more than to be heard."""
        if not self._address:
            return
        address = self._address.replace("@", "\0", 1) if self._address[0] == "@" else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.settimeout(1.0)
            try:
                to.sendto(said.encode(), address)
            except OSError:
                return
