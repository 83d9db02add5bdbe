"""A small server beside the loop: waitress in a thread of its own, bounded in what it takes."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from wsgiref.types import WSGIApplication

THREADS = 2
MOST_CONNECTIONS = 50
MOST_BODY = 1_000_000


class Server:
    """Serves while the block runs. OSError where the address cannot be had; `port` is another than
    was asked for where that was 0."""

    def __init__(self, app: WSGIApplication, host: str, port: int) -> None:
        from waitress.server import create_server

        from web.refusals import Channel

        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        bound = socket.create_server((host, port), family=family)
        self.port: int = bound.getsockname()[1]
        self._watched: dict[int, object] = {}
        self._server = create_server(
            app,
            map=self._watched,
            sockets=[bound],
            threads=THREADS,
            connection_limit=MOST_CONNECTIONS,
            max_request_body_size=MOST_BODY,
            ident="sla",
            clear_untrusted_proxy_headers=True,
        )
        self._server.channel_class = Channel
        self._thread = threading.Thread(target=self._server.run, name="web", daemon=True)

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        """The trigger, which all threads write to, is closed when none of them is left: its number
        may then be another file's."""
        self._server.trigger.pull_trigger(self._watched.clear)  # a loop over nothing ends
        self._thread.join()
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()  # wakes the worker who waits for a slow reader
        self._server.task_dispatcher.shutdown()
        self._server.close()
