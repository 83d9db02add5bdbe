"""POST /hooks/CONNECTION: a ticket system says that a ticket changed. All it does is ring a bell.

Refused is whoever does not prove to be the one that service.yaml names, before anything of the body
is read as more than bytes.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING

import msgspec
from flask import Blueprint, Response, jsonify, request

from web.limits import Rate

if TYPE_CHECKING:
    from service.setup.webhooks import Hook

PER_SECOND = 50
REMEMBERED = 10_000
"""Deliveries whose repetition is recognised."""
SIGNATURE = "X-Hub-Signature"
DELIVERY = "X-Atlassian-Webhook-Identifier"
LOGGED_EVERY = 60.0
"""Seconds between two lines that say somebody was refused."""

Ring = Callable[[str, str], None]
Say = Callable[[str, str], None]


class _Named(msgspec.Struct, frozen=True):
    id: str | int = ""


class _Notice(msgspec.Struct, frozen=True):
    """What is read of a body: Jira says `issue`, a business rule of ServiceNow `sys_id`."""

    issue: _Named = _Named()
    sys_id: str = ""


_read = msgspec.json.Decoder(_Notice)


def hook_pages(
    hooks: Sequence[Hook],
    ring: Ring,
    counted: Say,
    refused: Callable[[str], None],
    passing: Callable[[], float] = time.monotonic,
) -> Blueprint:
    """The receiver. `counted` is told the connection ("" where nobody proved one) and what became
    of each request; `refused` gets a line at most once a minute."""
    pages = Blueprint("hooks", __name__, url_prefix="/hooks")
    rate = Rate(PER_SECOND, PER_SECOND, passing)
    known = Deliveries()
    log = _Seldom(refused, passing)

    @pages.post("/<path:place>")
    def receive(place: str) -> Response:
        if not rate.allows():
            counted("", "too_many")
            return _answer("too many requests", 429)
        body = request.get_data(cache=False)
        hook = _prover(hooks, place, request.headers.get(SIGNATURE, ""), body)
        if hook is None:
            counted("", "refused")
            log.say("webhooks: requests without proof were refused")
            return _answer("unauthorized", 401)
        ticket = _ticket(body)
        if not ticket:
            counted(hook.connection, "no_ticket")
            return _answer("names no ticket", 400)
        if known.repeated(hook.connection, request.headers.get(DELIVERY, "")):
            counted(hook.connection, "repeated")
        else:
            counted(hook.connection, "taken")
            ring(hook.connection, ticket)
        return _answer("taken", 202)

    return pages


def _prover(hooks: Sequence[Hook], place: str, signature: str, body: bytes) -> Hook | None:
    """The hook whose sender this is: by a signature, or by a secret after the connection's name."""
    for hook in hooks:
        sent = place.removeprefix(f"{hook.connection}/") if place != hook.connection else ""
        if sent == place:
            continue
        if hook.proven(sent.encode(), signature.encode("utf-8", "replace"), body):
            return hook
    return None


def _ticket(body: bytes) -> str:
    """The id of the ticket that a body names; "" for none."""
    try:
        said = _read.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return ""
    name = str(said.issue.id) or said.sys_id
    return name if re.fullmatch(r"[0-9A-Za-z]{1,64}", name) else ""


def _answer(words: str, code: int) -> Response:
    answer = jsonify(status=words)
    answer.status_code = code
    if code == 429:
        answer.headers["Retry-After"] = "1"
    return answer


class Deliveries:
    """The last deliveries by connection and name. One that bears no name is never a repetition."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = Lock()

    def repeated(self, connection: str, name: str) -> bool:
        one = (connection, name[:200])
        if not name:
            return False
        with self._lock:
            if one in self._seen:
                return True
            self._seen[one] = None
            if len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        return False


class _Seldom:
    """A line that is said at once, and then at most every minute, with how often it was meant."""

    def __init__(self, say: Callable[[str], None], passing: Callable[[], float]) -> None:
        self._say, self._passing = say, passing
        self._next, self._kept_back = passing(), 0
        self._lock = Lock()

    def say(self, words: str) -> None:
        with self._lock:
            now = self._passing()
            if now < self._next:
                self._kept_back += 1
                return
            before, self._kept_back, self._next = self._kept_back, 0, now + LOGGED_EVERY
        self._say(f"{words} ({before} more before)" if before else words)
