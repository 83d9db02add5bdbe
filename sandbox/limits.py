"""Rate limits as Jira Cloud has them, counted by the sandbox's own time. There are none at first.

Three kinds, told apart by `RateLimit-Reason`: a burst of one kind of request, writes to one issue,
and a quota of everything. Each lets so many requests through in a stretch of time, and refuses
what comes before the stretch is over.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from typing import NamedTuple

from sandbox.clock import SandboxClock, moment_of

BURST, ISSUE, QUOTA = "jira-burst-based", "jira-per-issue-on-write", "jira-quota-tenant-based"
_ISSUE = re.compile(r"/issue/([0-9]+|[A-Z][A-Z0-9_]*-[0-9]+)")


class Limit(NamedTuple):
    """So many requests in so many seconds; the stretches follow each other from the epoch on."""

    reason: str
    requests: int
    seconds: int

    @classmethod
    def read(cls, reason: str, requests: int, seconds: int) -> Limit:
        """From outside; ValueError where it is none."""
        if reason not in (BURST, ISSUE, QUOTA) or requests < 1 or seconds < 1:
            raise ValueError(f"a limit has a reason ({BURST}, {ISSUE}, {QUOTA}), requests, seconds")
        return cls(reason, requests, seconds)

    def scope(self, method: str, path: str) -> str | None:
        """What a request counts towards; None where the limit is not about it."""
        issue = _ISSUE.search(path)
        if self.reason == ISSUE:
            return issue[1] if issue and method != "GET" else None
        return f"{method} {_ISSUE.sub('/issue/*', path)}" if self.reason == BURST else ""

    def ends(self, at: int) -> int:
        """The end of the stretch that an instant is in; epoch milliseconds."""
        return (at // (self.seconds * 1000) + 1) * self.seconds * 1000


class Taken(NamedTuple):
    """What becomes of a request: whether it is one too many, and what its answer tells."""

    refused: bool
    left: int
    headers: dict[str, str]


class Limits:
    """Counts requests, and says which is one too many. `said` may be set at any time."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._counted: Counter[tuple[Limit, str, int]] = Counter()
        self.said: tuple[Limit, ...] = ()

    def take(self, method: str, path: str) -> Taken:
        """Count a request, and tell what the narrowest limit of it leaves, or who refuses."""
        now = self._clock.now()
        narrowest = Taken(refused=False, left=0, headers={})
        with self._lock:
            for limit in self.said:
                scope, ends = limit.scope(method, path), limit.ends(now)
                if scope is None:
                    continue
                self._counted[limit, scope, ends] += 1
                left = limit.requests - self._counted[limit, scope, ends]
                if left < 0:
                    why = {"Retry-After": str(-(-(ends - now) // 1000))}
                    why["RateLimit-Reason"] = limit.reason
                    return Taken(True, 0, _headers(limit, 0, ends) | why)
                if not narrowest.headers or left < narrowest.left:
                    narrowest = Taken(False, left, _headers(limit, left, ends))
        return narrowest


def _headers(limit: Limit, left: int, ends: int) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit.requests),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": moment_of(ends).strftime("%Y-%m-%dT%H:%MZ"),
    }
