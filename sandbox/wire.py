"""Between a socket and a Flask app: holds limits, carries faults out and counts requests."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from sandbox.clock import SandboxClock, moment_of
from sandbox.controls import PREFIX, Dials, controls
from sandbox.faults import AFTER, Fault, Faults
from sandbox.limits import Limits
from sandbox.request_log import Asked, RequestLog
from sandbox.server import shut

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>Log in</title></head><body>"
    "<h1>Log in to continue</h1><form action='/login'><input name='user'></form></body></html>"
)


def attach(
    app: Flask,
    clock: SandboxClock,
    faults: Faults,
    log: RequestLog,
    dials: Dials | None = None,
) -> Flask:
    """Give an app the sandbox's control paths, and put faults and the request log before it.

    The app's `after_request` route is what the log counts by. Call it last, once.
    """
    limits = Limits(clock)
    app.register_blueprint(controls(clock, faults, log, limits, {} if dials is None else dials))

    @app.after_request
    def remember_route(response: Response) -> Response:
        note = request.environ.get("sandbox.note", {})
        note.setdefault("route", str(request.url_rule or ""))
        response.headers["Date"] = moment_of(clock.now()).strftime("%a, %d %b %Y %H:%M:%S GMT")
        return response

    faulty = _Faulty(app.wsgi_app, clock, faults, limits, log)
    app.wsgi_app = faulty  # type: ignore[method-assign,assignment]  # Flask's own way of wrapping
    return app


class _Faulty:
    """WSGI in, WSGI out: the request as the fault dial would have it."""

    def __init__(
        self,
        app: WSGIApplication,
        clock: SandboxClock,
        faults: Faults,
        limits: Limits,
        log: RequestLog,
    ) -> None:
        self._app, self._clock, self._log = app, clock, log
        self._faults, self._limits = faults, limits

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if path.startswith(PREFIX):
            return self._app(environ, start)
        environ["sandbox.note"] = {}  # what the app tells about the request, for the log
        taken = self._limits.take(environ["REQUEST_METHOD"], path)
        if taken.refused:
            return self._before(environ, start, Fault("status", status=429, headers=taken.headers))
        fault = self._faults.next(environ["REQUEST_METHOD"], path)
        if self._faults.chaos.slow:
            time.sleep(self._faults.chaos.slow)
        if fault is None or fault.kind == "slow":
            if fault is not None:
                time.sleep(fault.seconds)
            return self._plain(environ, start, taken.headers)
        return (
            self._after(environ, start, fault)
            if fault.kind in AFTER
            else self._before(environ, start, fault)
        )

    def _plain(
        self, environ: WSGIEnvironment, start: StartResponse, limits: Mapping[str, str]
    ) -> Iterable[bytes]:
        answer = Response.from_app(self._app, environ, buffered=True)
        answer.headers.update(limits)
        self._note(environ, answer.status_code)
        return answer(environ, start)

    def _before(
        self, environ: WSGIEnvironment, start: StartResponse, fault: Fault
    ) -> Iterable[bytes]:
        if fault.kind in ("drop", "hang"):
            if fault.kind == "hang":
                _wait(environ, fault.seconds)
            self._note(environ, 0)
            _cut(environ)
        answer = _PAGES[fault.kind](fault)
        self._note(environ, answer.status_code)
        return answer(environ, start)

    def _after(
        self, environ: WSGIEnvironment, start: StartResponse, fault: Fault
    ) -> Iterable[bytes]:
        answer = Response.from_app(self._app, environ, buffered=True)
        if fault.kind == "apply-then-drop":
            self._note(environ, 0)
            _cut(environ)
        if fault.kind == "apply-then-status":
            answer = _failure(fault)
        self._note(environ, answer.status_code)
        body = answer.get_data()
        if fault.kind == "truncate":
            body = body[: len(body) // 2]
        pieces = answer(environ, start)
        if fault.kind == "truncate":
            return _then_cut(environ, body)
        return _drip(environ, body, fault.seconds) if fault.kind == "drip" else pieces

    def _note(self, environ: WSGIEnvironment, status: int) -> None:
        route, path = environ["sandbox.note"].get("route", ""), str(environ.get("PATH_INFO", ""))
        method = environ["REQUEST_METHOD"]
        query, now = environ.get("QUERY_STRING", ""), self._clock.now()
        self._log.add(Asked(method, path, route, query, status, now))


def _failure(fault: Fault) -> Response:
    reason = HTTPStatus(fault.status).phrase
    body = fault.body or f'{{"errorMessages":["{reason}"],"errors":{{}}}}'
    return Response(body, fault.status, fault.headers, content_type="application/json")


def _verbatim(fault: Fault) -> Response:
    status = 200 if fault.status == 503 else fault.status
    return Response(fault.body, status, fault.headers, content_type="application/json")


def _login(fault: Fault) -> Response:
    headers = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"} | fault.headers
    return Response(LOGIN_PAGE, 200, headers, content_type="text/html; charset=utf-8")


def _redirect(fault: Fault) -> Response:
    return Response(b"", 302, {"Location": "/login"} | fault.headers)


_PAGES: dict[str, Callable[[Fault], Response]] = {
    "status": _failure,
    "retry-after": _failure,
    "html": _login,
    "redirect": _redirect,
    "body": _verbatim,
}


class CutError(ConnectionError):
    """The socket was closed on purpose; the server takes it for a client that went away."""


def _cut(environ: WSGIEnvironment) -> None:
    connection = environ.get("sandbox.socket")
    if isinstance(connection, socket.socket):
        shut(connection)
    raise CutError


def _then_cut(environ: WSGIEnvironment, body: bytes) -> Iterator[bytes]:
    yield body
    _cut(environ)


def _drip(environ: WSGIEnvironment, body: bytes, seconds: float) -> Iterator[bytes]:
    pieces = max(1, min(len(body), 20))
    size = -(-len(body) // pieces)
    for begin in range(0, len(body), size or 1):
        _wait(environ, seconds / pieces)
        yield body[begin : begin + size]


def _wait(environ: WSGIEnvironment, seconds: float) -> None:
    """Sleep, but no longer than the server lives."""
    stopping = environ.get("sandbox.stopping")
    if isinstance(stopping, threading.Event):
        stopping.wait(seconds)
    else:
        time.sleep(seconds)
