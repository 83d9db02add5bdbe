"""How often something may happen: a bucket that fills at a steady rate."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock


class Rate:
    """At most `burst` at once, and `per_second` on average. `passing` is monotonic seconds."""

    def __init__(self, per_second: float, burst: int, passing: Callable[[], float]) -> None:
        self._per_second, self._burst, self._passing = per_second, burst, passing
        self._left, self._at = float(burst), passing()
        self._lock = Lock()

    def allows(self) -> bool:
        """Whether one more may happen now; then it is counted."""
        with self._lock:
            now = self._passing()
            grown = (now - self._at) * self._per_second
            self._left, self._at = min(self._burst, self._left + grown), now
            if self._left < 1:
                return False
            self._left -= 1
            return True
