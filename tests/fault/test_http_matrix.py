"""Every fault of HTTP and of the wire, once against a read and once against a write.

The numbers are those of the faults in the design (13 to 31). A read may be tried again, five times
in all; a write never, unless it surely did nothing and the wait is short.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import NamedTuple

import pytest
import requests
import responses
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

from connectors import http
from connectors.base import (
    AuthError,
    ConnectorError,
    ForbiddenError,
    OutcomeKind,
    PermanentError,
    TransientError,
    UnreachableError,
)
from connectors.envelope import SlowDownError, StatusError
from connectors.secret import forms
from connectors.transport import CutOffError
from tests.connectors.wire import HTML, JSON, LOGIN, TOKEN, Reply, Time, Wire, client, wire

SOUND = Reply(body=b'{"ok": true}')


def said(status: int, *headers: tuple[str, str], body: bytes = b'{"message": "No."}') -> Reply:
    return Reply(status, body, (*JSON, *headers))


def sent_to(place: str) -> Reply:
    return Reply(302, b"", (("Location", place),))


def dripping(time: Time) -> Reply:
    """A byte now and then, each soon enough after the last, and no end."""

    def drip(write: Callable[[bytes], object]) -> None:
        for _ in range(100):
            time.now += 10
            write(b" ")

    return Reply(drip=drip)


class Row(NamedTuple):
    """What a read comes to after how many requests, what a write; `closed`: from then on nothing is
    sent any more."""

    fault: int
    name: str
    reply: Reply | Callable[[Time], Reply]
    read: type[ConnectorError] | None
    asked: int
    write: OutcomeKind
    closed: bool = False


PACKED = (*JSON, ("Content-Encoding", "gzip"))
BOMB = Reply(200, gzip.compress(b" " * 3_000_000), PACKED)
PAGE = Reply(200, LOGIN, HTML)
ASLEEP = Reply(200, b"<p>Your instance is hibernating", HTML)
DENIED = ("X-Seraph-LoginReason", "AUTHENTICATION_DENIED")
LATER, SOON = ("Retry-After", "600"), ("Retry-After", "1")
QUOTA = ("RateLimit-Reason", "jira-quota-tenant-based")
FAILED = ("X-Seraph-LoginReason", "AUTHENTICATED_FAILED")
MATRIX = [
    Row(13, "401", said(401), AuthError, 1, "retryable", closed=True),
    Row(13, "401 by header alone", said(400, FAILED), AuthError, 1, "retryable", closed=True),
    Row(13, "a CAPTCHA is wanted", said(403, DENIED), AuthError, 1, "retryable", closed=True),
    Row(13, "a CAPTCHA, with 200", said(200, DENIED), AuthError, 1, "doubtful", closed=True),
    Row(14, "403", said(403), ForbiddenError, 1, "rejected"),
    Row(15, "404", said(404), StatusError, 1, "rejected"),
    Row(15, "410", said(410), StatusError, 1, "rejected"),
    Row(16, "409", said(409), StatusError, 1, "rejected"),
    Row(16, "412", said(412), StatusError, 1, "rejected"),
    Row(16, "422", said(422), StatusError, 1, "rejected"),
    Row(17, "400", said(400, body=b'{"errors": {"x": "No."}}'), StatusError, 1, "rejected"),
    Row(18, "413", said(413), StatusError, 1, "rejected"),
    Row(19, "429", said(429, LATER), SlowDownError, 1, "retryable", closed=True),
    Row(19, "429 of a quota", said(429, LATER, QUOTA), SlowDownError, 1, "retryable", closed=True),
    Row(20, "408", said(408), TransientError, 5, "doubtful"),
    Row(20, "425", said(425), TransientError, 5, "retryable"),
    Row(20, "500", said(500), TransientError, 5, "doubtful"),
    Row(20, "502 with a page", Reply(502, LOGIN, HTML), TransientError, 5, "doubtful"),
    Row(20, "503", said(503), TransientError, 5, "doubtful"),
    Row(20, "503 with Retry-After", said(503, SOON), TransientError, 5, "doubtful"),
    Row(20, "504", said(504), TransientError, 5, "doubtful"),
    Row(23, "cut before an answer", Reply(drop=True), CutOffError, 5, "doubtful"),
    Row(27, "a body that drips for ever", dripping, CutOffError, 5, "doubtful"),
    Row(27, "a bomb", BOMB, CutOffError, 5, "doubtful"),
    Row(28, "a body cut in the middle", SOUND._replace(cut=True), CutOffError, 5, "doubtful"),
    Row(28, "JSON cut in the middle", Reply(body=b'{"issues": ['), TransientError, 5, "doubtful"),
    Row(28, "200 with nothing", Reply(body=b""), TransientError, 5, "confirmed"),
    Row(28, "200 with blanks", Reply(body=b" \n"), TransientError, 5, "confirmed"),
    Row(29, "deeper than we can read", Reply(body=b"[" * 100_000), TransientError, 5, "doubtful"),
    Row(29, "half a character", Reply(body=b'{"a": "\\ud800"}'), None, 1, "confirmed"),
    Row(29, "no number", Reply(body=b'{"a": NaN}'), None, 1, "confirmed"),
    Row(30, "a login page with 200", PAGE, AuthError, 1, "doubtful", closed=True),
    Row(30, "a page said to be JSON", Reply(200, LOGIN), AuthError, 1, "doubtful", closed=True),
    Row(30, "hibernating", ASLEEP, UnreachableError, 5, "doubtful"),
    Row(30, "sent to a login", sent_to("/login"), AuthError, 1, "doubtful", closed=True),
    Row(31, "sent elsewhere", sent_to("https://evil.example/"), PermanentError, 1, "doubtful"),
]  # fmt: skip


def named(row: Row) -> str:
    return f"{row.fault} {row.name}"


every = pytest.mark.parametrize("row", MATRIX, ids=named)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MOST_BYTES", 1_000_000)


def faulty(row: Row, time: Time) -> Reply:
    return row.reply if isinstance(row.reply, Reply) else row.reply(time)


def cleared(server: Wire) -> None:
    """The fault is over."""
    server.replies.clear()
    server.replies.append(SOUND)


@every
def test_a_read(row: Row) -> None:
    time = Time()
    with wire(faulty(row, time)) as server:
        one = client(server.url, time)
        if row.read is None:
            assert one.read("GET", "/x").into(dict[str, object])
        else:
            with pytest.raises(ConnectorError) as raised:
                one.read("GET", "/x")
            assert type(raised.value) is row.read
            told = [raised.value.what, *(text for fact in raised.value.facts for text in fact)]
            assert not [form for form in forms(TOKEN) if form in "\n".join(told)]
        assert len(server.asked) == row.asked
        assert all(asked.path == "/x" for asked in server.asked)
        cleared(server)
        if row.closed:
            with pytest.raises(row.read or ConnectorError):
                one.read("GET", "/y")
            assert len(server.asked) == row.asked
        else:
            assert one.read("GET", "/y").into(dict[str, bool]) == {"ok": True}


@every
def test_a_write(row: Row) -> None:
    time = Time()
    with wire(faulty(row, time)) as server:
        one = client(server.url, time)
        assert one.write("POST", "/x", body={}).kind == row.write
        assert len(server.asked) == 1
        cleared(server)
        again = one.write("POST", "/x", body={}).kind
        assert again == ("retryable" if row.closed else "confirmed")
        assert len(server.asked) == (1 if row.closed else 2)


@pytest.mark.parametrize("row", [row for row in MATRIX if row.asked > 1], ids=named)
def test_a_read_goes_on_as_soon_as_the_fault_is_over(row: Row) -> None:
    time = Time()
    with wire(faulty(row, time), faulty(row, time), SOUND) as server:
        assert client(server.url, time).read("GET", "/x").into(dict[str, bool]) == {"ok": True}
        assert len(server.asked) == 3
    assert 2 <= time.slept[0] <= 3
    assert 4 <= time.slept[1] <= 5


# What never left: there is nobody to ask

NOWHERE = "https://acme.example"
UNSENT: dict[str, Exception] = {
    "22 refused": requests.ConnectionError(
        MaxRetryError(None, "/x", NewConnectionError(None, "refused"))  # type: ignore[arg-type]  # as urllib3 itself raises it
    ),
    "22 connecting takes too long": requests.ConnectTimeout(),
    "22 no such name": requests.ConnectionError(
        MaxRetryError(None, "/x", NameResolutionError("acme.example", None, OSError()))  # type: ignore[arg-type]  # dito
    ),
    "22 the proxy": requests.exceptions.ProxyError(),
}


@pytest.mark.parametrize("error", UNSENT.values(), ids=UNSENT)
def test_what_never_left_may_be_sent_again(error: Exception) -> None:
    time = Time()
    one = client(NOWHERE, time)
    with responses.RequestsMock() as mock:
        mock.get(f"{NOWHERE}/x", body=error)
        mock.post(f"{NOWHERE}/x", body=error)
        with pytest.raises(UnreachableError):
            one.read("GET", "/x")
        assert one.sent == 5
        assert one.write("POST", "/x").kind == "retryable"
        assert one.sent == 6


def test_what_may_have_arrived_is_in_doubt() -> None:
    """24 and 25: nothing came back in time."""
    one = client(NOWHERE, Time())
    with responses.RequestsMock() as mock:
        mock.post(f"{NOWHERE}/x", body=requests.ReadTimeout())
        assert one.write("POST", "/x").kind == "doubtful"
    assert one.sent == 1
