"""S3: whoever cannot prove who they are gets no token, and no setting changes that."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from pydantic import BaseModel
from requests.auth import HTTPBasicAuth

from connectors.base import UnreachableError
from connectors.event_log.settings import EventLogSettings
from connectors.http import Client
from connectors.jira.settings import JiraSettings
from connectors.secret import Secret
from connectors.server import Server
from connectors.servicenow.settings import ServiceNowSettings

TOKEN = "canary-of-the-tls-tests"
REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

Dress = Callable[[trustme.CA, ssl.SSLContext], None]
"""Gives a server's context its certificate, and whatever else is odd about it."""


class Listener:
    """A TLS server on `localhost` that keeps every byte it could read."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.heard = b""
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return
            try:
                with self._context.wrap_socket(plain, server_side=True) as made:
                    self.heard += made.recv(65_536)
                    made.sendall(REPLY)
            except OSError:
                plain.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@contextmanager
def listening(ca: trustme.CA, dress: Dress) -> Iterator[Listener]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    dress(ca, context)
    listener = Listener(context)
    try:
        yield listener
    finally:
        listener.close()


def sound(ca: trustme.CA, context: ssl.SSLContext) -> None:
    ca.issue_cert("localhost").configure_cert(context)


def expired(ca: trustme.CA, context: ssl.SSLContext) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    ca.issue_cert("localhost", not_after=yesterday).configure_cert(context)


def self_signed(_: trustme.CA, context: ssl.SSLContext) -> None:
    sound(trustme.CA(), context)


def wrong_host(ca: trustme.CA, context: ssl.SSLContext) -> None:
    ca.issue_cert("acme.example").configure_cert(context)


def tls_1_0(ca: trustme.CA, context: ssl.SSLContext) -> None:
    sound(ca, context)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")


@pytest.fixture
def ca(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """A company's own authority, trusted as an operator would have it trusted."""
    made = trustme.CA()
    made.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    # Loopback servers are asked without the environment; these stand for servers elsewhere.
    monkeypatch.setattr("connectors.http.is_loopback", lambda _: False)
    return made


def client(url: str) -> Client:
    server = Server("jira/acme", "Jira", url, "bot", "SLA_JIRA_ACME_TOKEN", Secret(TOKEN))
    return Client(server, HTTPBasicAuth("bot", TOKEN), sleep=lambda _: None)


def test_a_company_authority_is_trusted_by_the_environment(ca: trustme.CA) -> None:
    with listening(ca, sound) as listener:
        assert client(listener.url).read("GET", "/x").status == 200
    assert b"Authorization: Basic" in listener.heard


@pytest.mark.parametrize(
    ("dress", "why"),
    [
        (expired, "certificate has expired"),
        (self_signed, "unable to get local issuer certificate"),
        (wrong_host, "Hostname mismatch, certificate is not valid for 'localhost'"),
        (tls_1_0, "TLS"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_server_that_proves_nothing_hears_nothing(ca: trustme.CA, dress: Dress, why: str) -> None:
    with listening(ca, dress) as listener:
        with pytest.raises(UnreachableError) as raised:
            client(listener.url).read("GET", "/x")
        written = client(listener.url).write("PUT", "/x", body={})
    assert listener.heard == b""
    assert written.kind == "retryable"  # it surely never left
    said = raised.value.facts[0][1]
    assert why in said
    assert TOKEN not in str(raised.value.facts)


@pytest.mark.parametrize("model", [JiraSettings, ServiceNowSettings, EventLogSettings])
def test_no_setting_is_about_certificates(model: type[BaseModel]) -> None:
    names = {name.lower() for name in model.model_fields}
    assert not [n for n in names if any(w in n for w in ("verify", "ssl", "tls", "insecure"))]


def test_nothing_in_the_code_turns_verification_off() -> None:
    root = Path(__file__).resolve().parents[2]
    floors = ("connectors", "service", "commands", "reports", "sla_engine")
    texts = {p: p.read_text("utf-8") for floor in floors for p in (root / floor).rglob("*.py")}
    words = ("verify=False", "verify = False", "CERT_NONE", "_create_unverified", "check_hostname")
    assert not [str(path) for path, text in texts.items() if any(word in text for word in words)]
