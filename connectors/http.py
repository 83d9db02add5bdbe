"""The one way to a server: timeouts, a deadline, a pace, reads tried again, writes sent once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from math import inf

import msgspec
import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from connectors.base import (
    GONE,
    Allowance,
    AuthError,
    ConnectorError,
    Outcome,
    OutcomeKind,
    TransientError,
    UnreachableError,
)
from connectors.envelope import Answer, SlowDownError, check, classify, tried_as, unsendable, unset
from connectors.holds import Holds
from connectors.pace import Pace
from connectors.retries import PATIENCE, retrying, tell_attempts
from connectors.server import Server, check_url, is_loopback
from connectors.transport import CONNECT_TIMEOUT, READ_TIMEOUT, CutOffError, failure
from connectors.waits import allowance_of, parse_http_date
from sla_engine.units import Instant

DEADLINE = 60.0
"""Seconds from sending a request to the last byte of its answer."""
MOST_BYTES = 50_000_000
HELD_UP = 4.0
"""Seconds that a write waits where it was asked to; longer, and it is left for another time. Twice
that is less than the time in which what was written down may be sent."""

TOO_LATE = "held up for too long, so it was not sent"
SEND_WINDOW = 10.0
"""Seconds after the begin of a write in which its requests may be sent. Who is held up for longer,
by a slow answer or as a whole process, sends the rest another time."""

Params = Mapping[str, str | int]
Inspect = Callable[[Answer], None]


class Delivery(msgspec.Struct, frozen=True):
    """What became of one write, sent once."""

    kind: OutcomeKind
    answer: Answer | None = None
    error: ConnectorError | None = None

    def outcome(self, remote_id: str = "") -> Outcome:
        """The same as an Outcome; the error's words and code are its message."""
        if self.error is None:
            return Outcome(self.kind, remote_id=remote_id)
        gone = self.answer is not None and self.answer.status in (404, 410)
        return Outcome(self.kind, self.error.what, remote_id, GONE if gone else self.error.code)


class Client:
    """A session with one server, for one thread. Raises ConnectorError and nothing else.

    `inspect` may raise on an answer that looks well but is not (ServiceNow: 200 with an error).
    `renew` gets a new token after a 401 and says whether it could; the request, which surely did
    nothing, is then sent once more.
    """

    def __init__(
        self,
        server: Server,
        auth: AuthBase | None,
        *,
        rate: float = 0.0,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        inspect: Inspect | None = None,
        renew: Callable[[], bool] | None = None,
    ) -> None:
        check_url(server.base)
        self.server = server
        self.sent = 0
        self.allowance: Allowance | None = None  # by the latest answer that tells
        self.server_time: Instant | None = None
        self._told_at = 0.0
        self._send_until = inf
        self._sleep, self._clock = sleep, clock
        self._pace = Pace(rate, sleep, clock)
        self._holds = Holds(sleep, clock)
        self._inspect, self._renew = inspect, renew
        if server.variable and not server.secret:
            self._holds.put("", inf, unset(server))  # nothing is ever sent
        self._session = requests.Session()
        self._session.auth = auth or _no_auth
        self._session.headers["Accept"] = "application/json"
        self._session.headers["User-Agent"] = "sla-sync"
        self._session.trust_env = not is_loopback(
            server.base
        )  # proxies and CA; never for a sandbox

    def read(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: object = None,
        optional: bool = False,
    ) -> Answer:
        """The answer to a GET, or to a POST that only asks; tried again while that may help.

        Its body is JSON. What is not an answer of data is raised. A refused login holds back all
        that follows, so that nobody is locked out, but for an `optional` way to ask: that a
        credential does not reach so far says nothing about the others.
        """
        held = self._holds.wait(method, path, PATIENCE)
        if held:
            raise held
        started = self._clock()
        attempts = 0

        def attempt() -> Answer:
            nonlocal attempts
            attempts += 1
            return self._ask(method, path, params, body)

        try:
            return retrying(self._sleep)(attempt)
        except ConnectorError as error:
            if not (optional and isinstance(error, AuthError)):
                self._holds.refused(method, path, error)
            tell_attempts(error, attempts, self._clock() - started)
            raise

    def begin_writing(self) -> None:
        """What is written from now on is sent within the send window, or not at all."""
        self._send_until = self._clock() + SEND_WINDOW

    def write(
        self, method: str, path: str, *, params: Params | None = None, body: object = None
    ) -> Delivery:
        """Send once, whatever comes, and say what became of it. Never raises.

        Only a 429, which surely did nothing, is waited for if that is short, and sent once more.
        """
        for _ in range(2):
            held = self._holds.wait(method, path, HELD_UP)
            if held:
                return Delivery("retryable", error=held)
            if self._clock() > self._send_until:
                return Delivery("retryable", error=TransientError(TOO_LATE))
            delivery = self._delivered(method, path, params, body)
            if not isinstance(delivery.error, SlowDownError):
                break
        return delivery

    def _delivered(self, method: str, path: str, params: Params | None, body: object) -> Delivery:
        try:
            answer = self._exchange(method, path, params, body)
        except UnreachableError as error:
            return Delivery("retryable", error=error)
        except ConnectorError as error:
            return Delivery(
                "doubtful" if isinstance(error, CutOffError) else "rejected", None, error
            )
        try:
            return Delivery("confirmed", self._examined(answer))
        except ConnectorError as error:
            self._holds.refused(method, path, error)
            return Delivery(classify(answer, error), answer, error)

    def server_now(self) -> Instant | None:
        """The server's clock at this moment, by its latest answer. None before one, and for a
        server on this machine: it has our clock, or as a sandbox a made-up one."""
        if self.server_time is None or is_loopback(self.server.base):
            return None
        return Instant(self.server_time + int((self._clock() - self._told_at) * 1000))

    def _ask(self, method: str, path: str, params: Params | None, body: object) -> Answer:
        answer = self._examined(self._exchange(method, path, params, body))
        if not answer.body.strip():
            raise TransientError(
                f"{self.server.title} answered {answer.status} with nothing in it",
                (("tried", answer.tried),),
            )
        return answer

    def _examined(self, answer: Answer) -> Answer:
        checked = check(answer)
        if self._inspect:
            self._inspect(checked)
        return checked

    def _exchange(self, method: str, path: str, params: Params | None, body: object) -> Answer:
        answer = self._send(method, path, params, body)
        if answer.status == 401 and self._renew and self._renew():
            answer = self._send(method, path, params, body)
        return answer

    def _send(self, method: str, path: str, params: Params | None, body: object) -> Answer:
        self._pace.take()
        tried = f"{method} {path.partition('?')[0]}"
        deadline = self._clock() + DEADLINE
        self.sent += 1
        try:
            response = self._session.request(
                method,
                self.server.base + path,
                params=params,
                data=None if body is None else msgspec.json.encode(body),
                headers=None if body is None else {"Content-Type": "application/json"},
                timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
                allow_redirects=False,
                stream=True,
            )
            with response:
                content = self._body(response, deadline)
        except requests.RequestException as error:
            raise failure(self.server, tried_as(self.server, tried), error) from None
        except ValueError:  # what no header can bear; its text would show it
            raise unsendable(self.server) from None
        except (HTTPError, OSError):  # the body stopped in the middle
            raise self._cut_off("the answer broke off", tried) from None
        answer = Answer(self.server, tried, response.status_code, response.headers, content)
        self._holds.heard(answer)
        self.allowance = allowance_of(response.headers) or self.allowance
        said = parse_http_date(response.headers.get("Date", ""))
        if said is not None:
            self.server_time, self._told_at = said, self._clock()
        return answer

    def _body(self, response: requests.Response, deadline: float) -> bytes:
        """The whole body, as it drips: no byte may come after the deadline or over the cap."""
        parts: list[bytes] = []
        size = 0
        while part := response.raw.read1(65_536, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > MOST_BYTES:
                raise self._cut_off("the answer is larger than 50 MB", response.request.path_url)
            if self._clock() > deadline:
                raise self._cut_off(
                    f"the answer took more than {DEADLINE:.0f} s", response.request.path_url
                )
        return b"".join(parts)

    def _cut_off(self, what: str, tried: str) -> CutOffError:
        return CutOffError(f"{what}: {self.server.base}", (("tried", tried.partition("?")[0]),))


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Stands where there is no secret, so that requests never looks for one in ~/.netrc."""
    return request
