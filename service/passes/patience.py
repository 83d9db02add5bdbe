"""How long a connection that failed is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.base import AuthError
from sla_engine.units import MINUTE, Instant, Millis

if TYPE_CHECKING:
    from service.delivery.outcome import PassReport

AUTH = Millis(30 * MINUTE)
"""Credentials that were refused are not tried more often: some systems lock the account."""

MOST = Millis(8 * MINUTE)
"""Any other failure is tried again at least so often, or at every heartbeat."""


class Patience:
    """Twice the wait after each failure of a connection, none after a success."""

    def __init__(self, every: Millis) -> None:
        self._every = every
        self._until: dict[str, Instant] = {}
        self._failures: dict[str, int] = {}

    def ready(self, name: str, now: Instant) -> bool:
        """Whether it is time to try this one."""
        return now >= self._until.get(name, now)

    def shift(self, jump: Millis) -> None:
        """The clock jumped: every wait goes on for as long as it would have."""
        self._until = {name: Instant(at + jump) for name, at in self._until.items()}

    def learn(self, report: PassReport) -> None:
        """Take from a pass who failed and who did not."""
        for source in report.sources:
            if source.error is None:
                self._failures.pop(source.name, None)
                self._until.pop(source.name, None)
                continue
            failures = self._failures.get(source.name, 0) + 1
            self._failures[source.name] = failures
            wait = min(self._every * 2 ** min(failures - 1, 16), max(self._every, MOST))
            refused = isinstance(source.error, AuthError)
            self._until[source.name] = Instant(report.now + (AUTH if refused else wait))
