"""The sign of life: after each whole pass, told apart from failure, and never the reason to die."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from connectors.base import UnreachableError
from service.delivery.outcome import PassReport, SourceReport
from service.watch.heartbeat import Heartbeat, is_complete
from sla_engine.units import Instant

FINE = SourceReport("a", "jira", "write")


class Ear(BaseHTTPRequestHandler):
    heard: list[str]
    status = 200

    def do_POST(self) -> None:
        self.heard.append(self.path)
        self.send_response(self.status)
        if self.status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Silent."""


@pytest.fixture
def ear() -> Iterator[tuple[type[Ear], str]]:
    handler = type("OneEar", (Ear,), {"heard": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield handler, f"http://127.0.0.1:{server.server_port}/ping/secret-path"
    server.shutdown()
    thread.join()
    server.server_close()


def test_success_and_failure_are_told_apart(ear: tuple[type[Ear], str]) -> None:
    handler, url = ear
    heartbeat = Heartbeat(lambda: url)
    assert heartbeat.tell(complete=True) == "sent"
    assert heartbeat.tell(complete=False) == "sent"
    assert handler.heard == ["/ping/secret-path", "/ping/secret-path/fail"]


def test_a_redirect_is_not_followed_and_is_not_heard(ear: tuple[type[Ear], str]) -> None:
    handler, url = ear
    handler.status = 302
    assert "answered 302" in Heartbeat(lambda: url).tell(complete=True)
    assert handler.heard == ["/ping/secret-path"]


@pytest.mark.parametrize("address", ["http://watch.example/ping", "ftp://x", "nonsense"])
def test_an_address_that_is_no_good_is_never_used_nor_shown(address: str) -> None:
    said = Heartbeat(lambda: address, lambda _: 1 / 0).tell(complete=True)  # type: ignore[arg-type,return-value]
    assert "no good" in said
    assert address not in said


def test_without_an_address_nobody_is_told() -> None:
    assert Heartbeat(lambda: None).tell(complete=True) == ""


def test_nobody_there_is_a_line_and_no_more() -> None:
    def refused(_: str) -> int:
        raise ConnectionRefusedError

    said = Heartbeat(lambda: "https://watch.example/secret", refused).tell(complete=True)
    assert said == "the heartbeat was not heard: ConnectionRefusedError"


@pytest.mark.parametrize(
    "source",
    [
        SourceReport("b", "jira", "write", error=UnreachableError("no")),
        SourceReport("b", "jira", "write", refused="too much"),
        SourceReport("b", "jira", "write", clock_fault="the clock"),
        SourceReport("b", "jira", "write", left=1),
        None,
    ],
    ids=["failed", "refused", "held", "left", "not tried"],
)
def test_a_pass_is_complete_only_if_every_connection_went_well(source: SourceReport | None) -> None:
    sources = (FINE,) if source is None else (FINE, source)
    assert not is_complete(PassReport(Instant(0), sources), 2)
    assert is_complete(PassReport(Instant(0), (FINE, FINE)), 2)
    assert not is_complete(PassReport(Instant(0), (FINE, FINE), halted="by a person"), 2)
