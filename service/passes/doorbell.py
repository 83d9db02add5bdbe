"""What rings from outside: tickets that are said to have changed. It never says what they are.

A ring makes the next pass come early and read those tickets from their records. Everything that is
believed of them is read by us, so a lost, repeated or invented ring changes no verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from threading import Lock

MOST = 500
"""Tickets that are remembered for one connection. Beyond it a ring still hastens the pass, which
finds by its cursor what changed."""
GATHER = 5.0
"""Seconds from the begin of a pass to one that rings ask for: what rings together is read once."""


class Doorbell:
    """Rung by the web's threads, answered by the loop's. `wake` is called by the first ring after
    an answer."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = Lock()
        self._tickets: dict[str, set[str]] = {}
        self.rung = False

    def ring(self, connection: str, ticket: str) -> None:
        """Somebody who may says that this ticket, by its id, changed."""
        with self._lock:
            waiting = self._tickets.setdefault(connection, set())
            if len(waiting) < MOST:
                waiting.add(ticket)
            first, self.rung = not self.rung, True
        if first:
            self._wake()

    def answer(self, connection: str) -> Set[str]:
        """The ids that rang since the last answer; the bell is silent again."""
        with self._lock:
            self.rung = False
            return self._tickets.pop(connection, set())
