"""Serves a WSGI app on the loopback in daemon threads; stopping cuts every connection."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

HOST = "127.0.0.1"


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept, as a real server keeps them
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet

    def make_environ(self) -> WSGIEnvironment:
        environ = super().make_environ()
        environ["sandbox.stopping"] = getattr(self.server, "stopping", None)
        return environ

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  # werkzeug's name
        """Say nothing: the request log says it."""


class _Listener(ThreadedWSGIServer):
    """Knows its open connections so that it can cut them."""

    def __init__(self, port: int, app: WSGIApplication) -> None:
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(HOST, port, app, _Handler)

    def process_request(self, request: object, client_address: object) -> None:
        if isinstance(request, socket.socket):
            with self._guard:
                self._open.add(request)
        super().process_request(request, client_address)  # type: ignore[arg-type]  # socketserver's

    def shutdown_request(self, request: object) -> None:
        if isinstance(request, socket.socket):
            with self._guard:
                self._open.discard(request)
        super().shutdown_request(request)  # type: ignore[arg-type]  # socketserver's own type

    def cut_all(self) -> None:
        with self._guard:
            connections = list(self._open)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # gone by itself


class Served:
    """A running server: `.url`, `.port`, `.stop()`."""

    def __init__(self, app: WSGIApplication, port: int = 0) -> None:
        self._listener = _Listener(port, app)
        self.port: int = self._listener.port
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
