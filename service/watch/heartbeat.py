"""A sign of life to somebody outside, who raises the alarm when it stays away."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from connectors.server import check_url

if TYPE_CHECKING:
    from service.delivery.outcome import PassReport

TIMEOUT = 10.0


class Heartbeat:
    """`address` gives the URL, a secret, or None where there is none. The way of healthchecks.io:
    a POST to the URL is success, one to URL/fail is failure. Never raises."""

    def __init__(
        self,
        address: Callable[[], str | None],
        post: Callable[[str], int] | None = None,
    ) -> None:
        self._address = address
        self._post = post or _post

    def tell(self, complete: bool) -> str:
        """ "sent", or why it was not; "" where nobody is to be told."""
        said = self._address()
        if not said:
            return ""
        try:
            url = check_url(said)
        except ValueError as error:
            return f"the heartbeat's address is no good: {_without(str(error), said)}"
        try:
            status = self._post(url if complete else _failing(url))
        except OSError as error:  # requests' errors are such
            return f"the heartbeat was not heard: {type(error).__name__}"
        if not 200 <= status < 300:
            return f"the heartbeat was not heard: it was answered {status}"
        return "sent"


def is_complete(report: PassReport, connections: int) -> bool:
    """Whether every connection was pulled to now, judged and, where it may, written. A single
    ticket that failed does not count: it has a metric of its own. A halt that a person asked for
    leaves a pass incomplete too: nobody should forget it."""
    whole = [
        s
        for s in report.sources
        if s.error is None and not s.refused and not s.clock_fault and not s.left
    ]
    return len(whole) == connections and not report.halted


def _failing(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/fail"))


def _without(words: str, secret: str) -> str:
    return words.replace(secret, "***")


def _post(url: str) -> int:
    import requests

    answer = requests.post(url, timeout=TIMEOUT, allow_redirects=False)
    answer.close()
    return answer.status_code
