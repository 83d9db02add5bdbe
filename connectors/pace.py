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

    def take(self) -> None:
        """Returns when one more request may be sent."""
        if not self._rate:
            return
        now = self._clock()
        self._tokens = min(self._room, self._tokens + (now - self._seen) * self._rate)
        self._seen = now
        if self._tokens < 1:
            self._sleep((1 - self._tokens) / self._rate)
            self._seen, self._tokens = now + (1 - self._tokens) / self._rate, 1.0
        self._tokens -= 1
