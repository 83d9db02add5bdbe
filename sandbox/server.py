"""Serves a WSGI app on the loopback in daemon threads; stopping cuts every connection.

Werkzeug's own server closes each connection after one answer, and waitress hands out no socket;
a sandbox needs connections that are kept, as real servers keep them, and that it can cut.
"""

from __future__ import annotations

import io
import socket
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

HOST = "127.0.0.1"
Headers = list[tuple[str, str]]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet
    server: _Listener

    def serve(self) -> None:
        """One request: all of its body is read first, so that the connection can be kept."""
        told: list[tuple[str, Headers]] = []

        def start(status: str, headers: Headers, _: object = None) -> Callable[[bytes], object]:
            told[:] = [(status, headers)]
            return self.wfile.write

        try:
            pieces = self.server.app(self._environ(), start)
            self._head(*told[0])
            for piece in pieces:
                self.wfile.write(piece)
                self.wfile.flush()
        except ConnectionError:  # the client left, or a fault cut it off
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = serve  # noqa: N815  # http.server's names

    def _head(self, status: str, headers: Headers) -> None:
        code, _, reason = status.partition(" ")
        self.send_response_only(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in headers) and code != "204":
            self.send_header("Connection", "close")
        self.end_headers()

    def _environ(self) -> WSGIEnvironment:
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(length),
            "SERVER_NAME": HOST,
            "SERVER_PORT": str(self.server.port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": HOST,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.rfile.read(length)),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "sandbox.socket": self.connection,
            "sandbox.stopping": self.server.stopping,
        }
        for name, value in self.headers.items():
            environ["HTTP_" + name.upper().replace("-", "_")] = value
        return environ

    def log_message(self, *_: object) -> None:
        """Say nothing: the request log says it."""


class _Listener(socketserver.ThreadingTCPServer):
    """Knows its open connections so that it can cut them."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, app: WSGIApplication) -> None:
        self.app = app
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__((HOST, port), _Handler)
        self.port: int = self.server_address[1]

    def process_request(self, request: object, client_address: object) -> None:
        assert isinstance(request, socket.socket)
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: object) -> None:
        assert isinstance(request, socket.socket)
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no error; anything else is ours and is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # as it came

    def cut_all(self) -> None:
        with self._guard:
            connections = list(self._open)
        for connection in connections:
            shut(connection)


def shut(connection: socket.socket) -> None:
    """Both ways, at once, whatever was still to be said."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it went away by itself


class Served:
    """A running server: `.url`, `.port`, `.stop()`."""

    def __init__(self, app: WSGIApplication, port: int = 0) -> None:
        self._listener = _Listener(port, app)
        self.port = self._listener.port
        self.url = f"http://{HOST}:{self.port}"
        self._thread = threading.Thread(
            target=self._listener.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and cut what is open; returns once the port is free."""
        self._listener.stopping.set()
        self._listener.shutdown()
        self._listener.cut_all()
        self._listener.server_close()
        self._thread.join()
