"""The server beside the loop ends at any time, whoever is at work and whichever thread is first."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.trigger import trigger

from web.server import Server

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

HOST = "127.0.0.1"
PATIENCE = 20.0
"""Seconds until a test that cannot go on fails."""
Pull = trigger._physical_pull


def web() -> threading.Thread:
    return next(one for one in threading.enumerate() if one.name == "web")


@pytest.fixture(autouse=True)
def nothing_goes_wrong(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """Nobody is left who may use what is closed. Waitress logs what fails in its threads."""
    left: list[object] = []
    close = TcpWSGIServer.close

    def closing(server: TcpWSGIServer) -> None:
        left.extend(one.name for one in threading.enumerate() if one.name == "web")
        left.extend(server.task_dispatcher.threads)
        close(server)

    monkeypatch.setattr(TcpWSGIServer, "close", closing)
    yield
    assert left == []
    told = (one for one in caplog.get_records("call") if one.name == "waitress")
    assert [one.getMessage() for one in told if one.levelno >= logging.WARNING] == []


def short(_: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    start("200 OK", [("Content-Length", "2")])
    return [b"ok"]


def endless(_: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    start("200 OK", [])
    while True:
        yield b" " * 1_000_000


def asking(server: Server) -> socket.socket:
    """Somebody who asks and reads nothing."""
    asker = socket.create_connection((HOST, server.port))
    asker.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    return asker


def test_it_ends_before_its_thread_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    awaited = threading.Event()
    run = TcpWSGIServer.run

    def late(server: TcpWSGIServer) -> None:
        awaited.wait(PATIENCE)
        run(server)

    monkeypatch.setattr(TcpWSGIServer, "run", late)
    with Server(short, HOST, 0):
        thread = web()
        join = thread.join

        def joined() -> None:
            awaited.set()
            join()

        monkeypatch.setattr(thread, "join", joined)


def test_it_ends_when_its_thread_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TcpWSGIServer, "run", lambda _: None)
    with Server(short, HOST, 0) as server:
        pass
    with pytest.raises(ConnectionRefusedError):
        asking(server)


def test_whoever_wakes_a_loop_that_is_over_writes_to_nothing_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker with his answer and the closer, both between their decision and their writing."""
    waking = threading.Event()
    closer = threading.current_thread()

    def late(one: trigger) -> None:
        waking.set()
        if threading.current_thread() is closer:
            Pull(one)  # as another worker may
        thread.join()
        Pull(one)

    monkeypatch.setattr(trigger, "_physical_pull", late)
    with ExitStack() as askers, Server(short, HOST, 0) as server:
        thread = web()
        askers.enter_context(asking(server))
        assert waking.wait(PATIENCE)


def test_a_reader_who_does_not_read_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    full = threading.Event()
    flush = HTTPChannel._flush_outbufs_below_high_watermark

    def waits(channel: HTTPChannel) -> None:
        """With the lock that only waiting gives back."""
        if channel.total_outbufs_len > channel.adj.outbuf_high_watermark:
            full.set()
        flush(channel)

    monkeypatch.setattr(HTTPChannel, "_flush_outbufs_below_high_watermark", waits)
    with ExitStack() as askers, Server(endless, HOST, 0) as server:
        askers.enter_context(asking(server))
        assert full.wait(PATIENCE)
