"""What was asked of the sandbox, counted, so that a test can say how many calls something cost."""

from __future__ import annotations

import threading
from collections import Counter
from typing import NamedTuple


class Asked(NamedTuple):
    method: str
    path: str
    route: str  # the path with its variable parts as <name>; "" where no route matched
    query: str
    status: int  # 0 where no answer was sent
    at: int  # by the sandbox's clock, epoch milliseconds


class RequestLog:
    """Every request in order of its end; the sandbox's own `/_sandbox/` calls are left out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: list[Asked] = []

    def add(self, asked: Asked) -> None:
        with self._lock:
            self._asked.append(asked)

    def __len__(self) -> int:
        with self._lock:
            return len(self._asked)

    def all(self) -> list[Asked]:
        """A copy, oldest first."""
        with self._lock:
            return list(self._asked)

    def reset(self) -> None:
        with self._lock:
            self._asked.clear()

    def counts(self) -> dict[str, int]:
        """How often each "METHOD route" was asked, most frequent first."""
        return dict(Counter(f"{a.method} {a.route or a.path}" for a in self.all()).most_common())

    def writes(self, reads: tuple[str, ...] = ()) -> list[Asked]:
        """What was neither a GET nor a POST whose path ends in one of `reads`."""
        return [
            a for a in self.all() if a.method != "GET" and not a.path.endswith(reads or ("\0",))
        ]
