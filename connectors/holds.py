"""What we were asked to leave alone for a while, and waiting until then."""

from __future__ import annotations

from collections.abc import Callable

from connectors.base import AuthError, ConnectorError
from connectors.envelope import Answer, SlowDownError, spent
from connectors.waits import LONGEST, exhausted_wait, scope_of, scopes_of

LOCKED_OUT = 1800.0
"""Seconds without a request after a refused token: Jira answers repeated failures by a CAPTCHA."""
UNSAID = 2.0
"""Seconds after a 429 that does not say how long; twice as long after the next, and so on."""


class Holds:
    """Until when we were asked not to come again, by scope, so that nothing is sent before."""

    def __init__(self, sleep: Callable[[float], None], clock: Callable[[], float]) -> None:
        self._sleep, self._clock = sleep, clock
        self._until: dict[str, tuple[float, ConnectorError]] = {}
        self._unsaid = 0

    def put(self, scope: str, seconds: float, error: ConnectorError) -> None:
        """Close a scope for some seconds, for the reason that `error` says."""
        self._until[scope] = (self._clock() + seconds, error)

    def wait(self, method: str, path: str, most: float) -> ConnectorError | None:
        """Sleeps until the way is free; why it is not, where that is more than `most` seconds."""
        now = self._clock()
        self._until = {scope: hold for scope, hold in self._until.items() if hold[0] > now}
        found = [self._until[scope] for scope in scopes_of(method, path) if scope in self._until]
        if not found:
            return None
        until, error = max(found, key=lambda hold: hold[0])
        if until - now > most:
            return error
        self._sleep(until - now)
        return None

    def refused(self, method: str, path: str, error: ConnectorError) -> None:
        """Close what an answer refused, if it is more than this very request."""
        if isinstance(error, AuthError):
            self.put("", LOCKED_OUT, error)
        elif isinstance(error, SlowDownError):
            wait = error.wait or min(UNSAID * 2**self._unsaid, LONGEST)
            self._unsaid += error.wait is None
            self.put(scope_of(method, path, error.reason), wait, error)

    def heard(self, answer: Answer) -> None:
        """Take from any answer whether the server's own bucket is spent."""
        if wait := exhausted_wait(answer.headers):
            self.put("", wait, spent(answer.server, wait))
        if answer.status < 400:
            self._unsaid = 0
