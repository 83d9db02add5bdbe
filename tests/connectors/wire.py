"""A loopback server that answers as it is told, breaks off, drips, and keeps what it was asked;
and a client of it."""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple

from requests.auth import HTTPBasicAuth

from connectors.http import Client
from connectors.secret import Secret
from connectors.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "ATATT3x-canary/7f+93=Zq"
JSON = (("Content-Type", "application/json"),)
HTML = (("Content-Type", "text/html; charset=utf-8"),)
LOGIN = b"<!doctype html><title>Log in - Jira</title>"


class Asked(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Reply(NamedTuple):
    """`drop` closes the connection before a byte, `cut` after half the body."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    drop: bool = False
    cut: bool = False
    drip: Callable[[Callable[[bytes], object]], None] | None = None


class Wire(ThreadingHTTPServer):
    """Replies in the order given; the last one stays."""

    daemon_threads = True

    def __init__(self, *replies: Reply) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies = deque(replies or (Reply(),))
        self.asked: list[Asked] = []
        self.connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def next_reply(self) -> Reply:
        return self.replies.popleft() if len(self.replies) > 1 else self.replies[0]

    def process_request(self, request: object, client_address: object) -> None:
        self.connections += 1
        super().process_request(request, client_address)  # type: ignore[arg-type]  # as it came


class _Handler(BaseHTTPRequestHandler):
    server: Wire
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        asked = Asked(self.command, self.path, dict(self.headers), self.rfile.read(length))
        self.server.asked.append(asked)
        reply = self.server.next_reply()
        if reply.drop:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.drip:
            self.close_connection = True
            self.end_headers()
            reply.drip(self.wfile.write)
            return
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)
        self.close_connection = reply.cut

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        """Silence: a test's server has no log."""


@contextmanager
def wire(*replies: Reply) -> Iterator[Wire]:
    """A server for the length of a test."""
    server = Wire(*replies)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def dead_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def server(base: str) -> Server:
    return Server(
        "jira/acme",
        "Jira",
        base,
        "sla-bot@acme.example",
        "SLA_JIRA_ACME_TOKEN",
        Secret(TOKEN),
        ("the token was revoked or expired; API tokens live 1–365 days",),
        "make one at https://id.atlassian.com/manage-profile/security/api-tokens",
    )


def client(base: str, time: Time | None = None, rate: float = 0.0) -> Client:
    time = time or Time()
    auth = HTTPBasicAuth("sla-bot@acme.example", TOKEN)
    return Client(server(base), auth, rate=rate, sleep=time.sleep, clock=time.clock)
