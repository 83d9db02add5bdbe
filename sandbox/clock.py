"""The sandbox's own time: settable, as fast as asked, the same for both systems."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

DEFAULT_NOW = "2026-11-21T10:52:00+01:00"
"""A Saturday morning in Berlin: some desks are open, most are closed."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_moment(text: str) -> int:
    """Epoch milliseconds of an ISO 8601 text; without an offset it is UTC. ValueError otherwise."""
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(milliseconds=1)


def moment_of(at: int) -> datetime:
    """The aware UTC datetime of epoch milliseconds."""
    return _EPOCH + timedelta(milliseconds=at)


class SandboxClock:
    """UTC epoch milliseconds that run `speed` times as fast as the wall clock; 0 stands still."""

    def __init__(
        self,
        now_ms: int | None = None,
        speed: float = 1.0,
        wall: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall = wall
        self._lock = threading.Lock()
        self._at = float(parse_moment(DEFAULT_NOW) if now_ms is None else now_ms)
        self._seen = wall()
        self._speed = speed

    def now(self) -> int:
        """The sandbox's present; never goes back unless it is set back."""
        with self._lock:
            return int(self._catch_up())

    @property
    def speed(self) -> float:
        return self._speed

    def set(self, ms: int) -> None:
        """Jump to an instant, forth or back."""
        with self._lock:
            self._catch_up()
            self._at = float(ms)

    def advance(self, ms: int) -> None:
        """Jump forth by so many milliseconds."""
        with self._lock:
            self._at = self._catch_up() + ms

    def run_at(self, speed: float) -> None:
        """From now on run `speed` times as fast as the wall clock."""
        with self._lock:
            self._catch_up()
            self._speed = speed

    def _catch_up(self) -> float:
        wall = self._wall()
        self._at += (wall - self._seen) * 1000 * self._speed
        self._seen = wall
        return self._at
