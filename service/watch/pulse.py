"""Whether the loop turns: touched by whoever works, asked by whoever watches, across threads."""

from __future__ import annotations

import time
from collections.abc import Callable

HUNG = 600.0
"""Seconds without a sign of life while at work: longer than any read with all its tries."""
LATE = 60.0
"""Seconds by which a wait may end late."""


class Pulse:
    """One float that one thread writes and others read. Monotonic seconds, so that a step of the
    wall clock neither kills nor hides anything."""

    def __init__(self, passing: Callable[[], float] = time.monotonic) -> None:
        self._passing = passing
        self._until = passing() + HUNG

    def touch(self) -> None:
        """At work."""
        self._until = self._passing() + HUNG

    def rest(self, seconds: float) -> None:
        """Waiting for so long."""
        self._until = self._passing() + seconds + LATE

    @property
    def alive(self) -> bool:
        """Whether the last promise of a sign of life is not overdue."""
        return self._passing() <= self._until
