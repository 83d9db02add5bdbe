"""Who signed in: names of sessions, kept in memory alone, so that a restart ends them all."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

LASTS = 12 * 3600.0
"""Seconds."""
MOST = 100


class Sessions:
    """The oldest ends where there would be more than `MOST`. `passing` is monotonic seconds."""

    def __init__(self, passing: Callable[[], float]) -> None:
        self._passing = passing
        self._ends: OrderedDict[bytes, float] = OrderedDict()  # by a digest: no name can be read
        self._lock = Lock()

    def begin(self) -> str:
        """The name of a new one, which nobody can guess."""
        name = secrets.token_urlsafe(32)
        with self._lock:
            self._ends[_digest(name)] = self._passing() + LASTS
            if len(self._ends) > MOST:
                self._ends.popitem(last=False)
        return name

    def holds(self, name: str) -> bool:
        """Whether it is one that goes on."""
        with self._lock:
            return self._ends.get(_digest(name), 0.0) > self._passing()

    def end(self, name: str) -> None:
        """Signed out."""
        with self._lock:
            self._ends.pop(_digest(name), None)


def _digest(name: str) -> bytes:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
