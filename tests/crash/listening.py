"""Who is told: a server on loopback that takes messages and webhooks, and counts them."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ABOUT = re.compile(r"\S+: \[\w.*?(?= was due| due)|The review of the policy \w+")
"""In a message, a line about a ticket's clock, without its figures, or about a review."""


class Ear(ThreadingHTTPServer):
    """`heard` counts what was told of each clock and review, and each webhook by its
    Idempotency-Key."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.heard: Counter[str] = Counter()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Ear

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers.get("Idempotency-Key")
        self.server.heard.update([key] if key else ABOUT.findall(said["message"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its signature
        pass


@contextmanager
def ear() -> Iterator[Ear]:
    with Ear() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()
