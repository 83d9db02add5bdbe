"""What stands before every page for people: the right host, the same site, a person who is known.

Whatever it does not know to be right it refuses; a page cannot forget to ask.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Response, g, jsonify, request

from reports.pages import sign_in_page
from web.limits import Rate
from web.sessions import LASTS, Sessions

if TYPE_CHECKING:
    from service.setup.access import Access

COOKIE = "__Host-sla"
MEANT = "X-SLA-Request"
"""A header that no form and no other site can send."""
READING = frozenset(("GET", "HEAD"))
TRIES = (1.0, 10)
"""Sign-ins a second on average, and at once."""


class Guard:
    """Lets in who holds a session, or whom a trusted proxy names. `g.who` is then their name, ""
    for the one who holds the token."""

    def __init__(self, access: Access, passing: Callable[[], float] = time.monotonic) -> None:
        self._access = access
        self._sessions = Sessions(passing)
        self._tries = Rate(*TRIES, passing)

    def refusal(self, *, public: bool) -> Response | None:
        """Why this request gets no page; None where it does. What is `public` says nothing of
        anybody, and asks for no name."""
        if _name(request.host) not in self._access.hosts:
            return refused("this host is not served; name it in hosts of pages", 403)
        if _foreign() or (request.method not in READING and not _meant()):
            return refused("this was asked for by another site", 403)
        g.who = self._who()
        if g.who is not None or public:
            return None
        if request.method in READING and self._access.token:
            return Response(sign_in_page(), 401)
        return refused("unauthorized", 401)

    def sign_in(self) -> Response:
        """The token for a session."""
        if not self._tries.allows():
            return refused("too many tries; wait a moment", 429)
        said = request.form.get("token", "").strip().encode()
        if not self._access.token or not hmac.compare_digest(said, self._access.token):
            return refused("this is not the token", 401)
        answer = Response(status=204)
        answer.set_cookie(
            COOKIE,
            self._sessions.begin(),
            max_age=int(LASTS),
            secure=True,
            httponly=True,
            samesite="Strict",
        )
        return answer

    def sign_out(self) -> Response:
        """The end of this session, here and in the browser."""
        self._sessions.end(request.cookies.get(COOKIE, ""))
        answer = Response(status=204)
        answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Strict")
        return answer

    def _who(self) -> str | None:
        if self._access.trusts(request.remote_addr or ""):
            named = request.headers.get(self._access.header, "").strip()
            if named:
                return named
        return "" if self._sessions.holds(request.cookies.get(COOKIE, "")) else None


def refused(words: str, code: int) -> Response:
    """An answer that says no."""
    answer = jsonify(status=words)
    answer.status_code = code
    return answer


def _name(host: str) -> str:
    """Without the port: `[::1]:8700` is `[::1]`."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host).lower()


def _foreign() -> bool:
    """Whether another site asks, but for a link that a person follows."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.host.lower():
        return True
    link = request.method in READING and request.headers.get("Sec-Fetch-Mode") == "navigate"
    return request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site") and not link


def _meant() -> bool:
    """Whether a page of ours sends this, as a person told it to."""
    same = request.headers.get("Sec-Fetch-Site") == "same-origin"
    return same and request.headers.get(MEANT) == "1"
