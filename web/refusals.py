"""What the server answers before a page is asked: to what is no HTTP, too large, too slow."""

from __future__ import annotations

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from web.headers import HEADERS


class _Refusal(ErrorTask):  # type: ignore[misc]  # waitress ships no types
    """With the headers of all answers."""

    def build_response_header(self) -> bytes:
        self.response_headers += HEADERS.items()
        header: bytes = super().build_response_header()
        return header


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress ships no types
    """A connection of somebody, whose errors are told so."""

    error_task_class = _Refusal
