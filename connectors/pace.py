"""A polite pace: so many requests a second, a second's worth at once after a rest."""

from __future__ import annotations

from collections.abc import Callable


class Pace:
    """A token bucket that sleeps. A rate of 0 is no limit."""

    def __init__(
        self, rate: float, sleep: Callable[[float], None], clock: Callable[[], float]
    ) -> None:
        self._rate = rate
        self._room = max(rate, 1.0)
        self._sleep, self._clock = sleep, clock
        self._tokens = self._room
        self._seen = clock()
        self._rest_until = 0.0

    def take(self) -> None:
        """Returns when one more request may be sent."""
        now = self._clock()
        if self._rest_until > now:
            self._sleep(self._rest_until - now)
            now, self._rest_until = self._rest_until, 0.0
        if not self._rate:
            return
        self._tokens = min(self._room, self._tokens + (now - self._seen) * self._rate)
        self._seen = now
        if self._tokens < 1:
            self._sleep((1 - self._tokens) / self._rate)
            self._seen, self._tokens = now + (1 - self._tokens) / self._rate, 1.0
        self._tokens -= 1

    def rest(self, seconds: float) -> None:
        """No request for so many seconds: the server's own bucket is spent."""
        if seconds > 0:
            self._rest_until = max(self._rest_until, self._clock() + seconds)
