"""The server keeps connections, serves many at once, and outlives clients that leave."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests

from sandbox.server import Served
from tests.sandbox.jira_site import adf, jira_site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def echo(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """The body back; `/long` without a length, in pieces."""
    body = environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/long":
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"piece "] * 1000
    start("200 OK", [("Content-Length", str(len(body))), ("X-Path", environ["PATH_INFO"])])
    return [body]


@pytest.fixture
def served() -> Iterator[Served]:
    server = Served(echo)
    yield server
    server.stop()


def test_one_connection_carries_many_requests(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), 5) as client:
        for body in (b"one", b"", b"three"):
            head = f"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
            client.sendall(head.encode() + body)
            answer = client.recv(4096)
            assert answer.startswith(b"HTTP/1.1 200 OK")
            assert answer.endswith(b"\r\n\r\n" + body)


def test_an_answer_of_unknown_length_ends_with_the_connection(served: Served) -> None:
    answer = requests.get(f"{served.url}/long", timeout=5)
    assert (len(answer.content), answer.headers["Connection"]) == (6000, "close")


def test_a_path_is_unquoted(served: Served) -> None:
    assert requests.get(f"{served.url}/a%20b", timeout=5).headers["X-Path"] == "/a b"


def test_a_client_that_leaves_is_no_error(
    served: Served, capfd: pytest.CaptureFixture[str]
) -> None:
    for head in (b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n", b"GET /lo", b""):
        with socket.create_connection(("127.0.0.1", served.port), 5) as client:
            client.sendall(head)
    assert requests.get(served.url, timeout=5).status_code == 200
    served.stop()
    assert capfd.readouterr().err == ""


def test_stopping_cuts_connections_that_are_open(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), 5) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(4096)
        served.stop()
        assert client.recv(1) == b""


def test_writers_at_the_same_time_lose_nothing() -> None:
    with jira_site(empty=True) as site:
        site.post("issue", fields={"project": {"key": "SUP"}, "summary": "x"})

        def say(number: int) -> int:
            return site.post("issue/SUP-1/comment", body=adf(f"no. {number}")).status

        with ThreadPoolExecutor(8) as threads:
            assert set(threads.map(say, range(40))) == {201}
        issue = site.desk.find("SUP-1")
        assert issue
        assert len({comment.id for comment in issue.comments}) == 40
