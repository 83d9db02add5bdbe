"""The HTTP client: what is tried again, what is not, and what is said about it."""

from __future__ import annotations

import gzip
import logging
import traceback
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
import requests
import responses
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
)

from connectors import http
from connectors.base import (
    GONE,
    AuthError,
    ConnectorError,
    Outcome,
    PermanentError,
    TransientError,
    UnreachableError,
)
from connectors.envelope import Answer, SlowDownError, StatusError
from connectors.holds import LOCKED_OUT
from connectors.http import SEND_WINDOW, Client
from connectors.jira.auth import BearerAuth
from connectors.secret import Secret, forms
from connectors.server import check_url, variable_name
from connectors.transport import CutOffError
from sla_engine.units import parse_iso
from tests.connectors.wire import (
    HTML,
    JSON,
    LOGIN,
    TOKEN,
    Reply,
    Time,
    client,
    dead_port,
    server,
    wire,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def told(error: ConnectorError) -> str:
    """Everything that an error shows, and the traceback of it."""
    lines = [error.code, error.what, *(f"{label} {text}" for label, text in error.facts)]
    return "\n".join([*lines, *traceback.format_exception(error)])


# Reads


def test_a_read_bears_the_credentials_and_gives_the_data() -> None:
    with wire(Reply(body=b'{"accountId": "b1"}')) as jira:
        answer = client(jira.url).read("GET", "/rest/api/3/myself", params={"expand": "groups"})
    assert answer.into(dict[str, str]) == {"accountId": "b1"}
    (asked,) = jira.asked
    assert asked.path == "/rest/api/3/myself?expand=groups"
    assert (asked.body, "Content-Type" in asked.headers) == (b"", False)
    pair = b64encode(f"sla-bot@acme.example:{TOKEN}".encode()).decode()
    assert asked.headers["Authorization"] == f"Basic {pair}"


def test_a_post_that_asks_sends_json() -> None:
    with wire() as jira:
        client(jira.url).read("POST", "/rest/api/3/search/jql", body={"jql": "project = SUP"})
    (asked,) = jira.asked
    assert msgspec.json.decode(asked.body) == {"jql": "project = SUP"}
    assert asked.headers["Content-Type"] == "application/json"


def test_requests_share_one_connection() -> None:
    with wire() as jira:
        one = client(jira.url)
        for _ in range(5):
            one.read("GET", "/x")
        one.write("PUT", "/x", body={})
    assert jira.connections == 1
    assert one.sent == 6


def test_reads_end_after_five_attempts_and_say_so(caplog: pytest.LogCaptureFixture) -> None:
    time = Time()
    with wire(Reply(status=503)) as jira, pytest.raises(TransientError, match="503") as raised:
        client(jira.url, time).read("GET", "/x")
    assert len(jira.asked) == 5
    assert raised.value.facts[-1] == ("", f"5 attempts in {sum(time.slept):.0f} s")
    waits = [f"{slept:.0f} s · attempt {n} of 5" for n, slept in enumerate(time.slept, 1)]
    assert caplog.messages == [f"waiting: Jira answered 503 · {wait}" for wait in waits]


def test_short_waits_that_are_asked_for_end_after_five_attempts_too() -> None:
    limited = Reply(429, headers=(*JSON, ("Retry-After", "1")))
    with wire(limited) as jira, pytest.raises(SlowDownError):
        client(jira.url).read("GET", "/x")
    assert len(jira.asked) == 5


def test_a_cut_off_read_says_what_broke() -> None:
    with wire(Reply(drop=True)) as jira, pytest.raises(CutOffError, match="broke off"):
        client(jira.url).read("GET", "/x")


# Waiting


def test_a_polite_rate_is_kept_after_a_first_burst() -> None:
    time = Time()
    with wire() as jira:
        one = client(jira.url, time, rate=5)
        for _ in range(10):
            one.read("GET", "/x")
    assert sum(time.slept) == pytest.approx(1.0)


# Writes


def test_an_outcome_of_what_went_well_bears_what_was_made() -> None:
    with wire(Reply(204, b"", ())) as jira:
        outcome = client(jira.url).write("PUT", "/x").outcome("10100")
    assert outcome == Outcome("confirmed", remote_id="10100")


@pytest.mark.parametrize(
    ("status", "code"), [(404, GONE), (410, GONE), (405, "SLA400"), (411, "SLA400")]
)
def test_a_write_to_what_is_gone_says_so(status: int, code: str) -> None:
    with wire(Reply(status)) as jira:
        assert client(jira.url).write("PUT", "/x").outcome().code == code


def test_a_write_that_no_request_can_bear_was_never_sent() -> None:
    with wire() as jira:
        delivery = Client(server(jira.url), BearerAuth(Secret("a\nb"))).write("PUT", "/x")
    assert (delivery.kind, type(delivery.error), jira.asked) == ("rejected", AuthError, [])


def test_an_unsafe_address_is_never_a_clients() -> None:
    with pytest.raises(ValueError, match="would show the token"):
        client("http://acme.example")


def test_a_refusal_of_an_optional_read_holds_nothing_back() -> None:
    with wire(Reply(401), Reply(401), Reply()) as jira:
        one = client(jira.url)
        with pytest.raises(AuthError):
            one.read("GET", "/optional", optional=True)
        with pytest.raises(AuthError):
            one.read("GET", "/x")
        with pytest.raises(AuthError):
            one.read("GET", "/x")
    assert len(jira.asked) == 2


def test_a_write_may_be_sent_until_its_window_ends() -> None:
    time = Time()
    with wire() as jira:
        one = client(jira.url, time)
        one.begin_writing()
        time.now += SEND_WINDOW
        assert one.write("PUT", "/x").kind == "confirmed"
        time.now += 0.001
        assert one.write("PUT", "/x").kind == "retryable"
    assert len(jira.asked) == 1


def test_an_outcome_bears_the_servers_words_and_a_code() -> None:
    with wire(Reply(400, b'{"errorMessages": [], "errors": {"summary": "Too long."}}')) as jira:
        outcome = client(jira.url).write("PUT", "/x").outcome()
    assert outcome.message == "Jira refused: summary: Too long. (400)"
    assert outcome.code == "SLA400"


@pytest.mark.parametrize(
    ("base", "attempts"),
    [
        ("http://127.0.0.1:8701", 1),
        ("http://[::1]:8701", 1),
        ("http://localhost:8701", 1),
        ("https://acme.example", 5),
    ],
)
def test_nobody_starts_listening_on_this_machine_while_we_wait(base: str, attempts: int) -> None:
    refusal = requests.ConnectionError(
        MaxRetryError(None, "/x", NewConnectionError(None, "refused"))  # type: ignore[arg-type]  # as urllib3 itself raises it
    )
    made = client(base)
    with responses.RequestsMock() as mock:
        mock.get(f"{base}/x", body=refusal)
        with pytest.raises(UnreachableError) as raised:
            made.read("GET", "/x")
    assert made.sent == attempts
    assert raised.value.code == "SLA503"


def test_without_a_secret_nothing_is_sent() -> None:
    time = Time()
    with wire(Reply()) as jira:
        bare = msgspec.structs.replace(server(jira.url), secret=Secret(""), kind="password")
        made = Client(bare, None, sleep=time.sleep, clock=time.clock)
        for _ in range(2):
            with pytest.raises(AuthError) as raised:
                made.read("GET", "/x")
            time.sleep(1e9)
        written = made.write("PUT", "/x")
    assert (jira.asked, made.sent) == ([], 0)
    assert raised.value.what == "no password for jira/acme: SLA_JIRA_ACME_TOKEN is not set"
    assert dict(raised.value.facts)["fix"] == (
        "export SLA_JIRA_ACME_TOKEN, or name a file: SLA_JIRA_ACME_TOKEN_FILE"
    )
    assert (written.kind, written.outcome().code) == ("retryable", "SLA401")


def test_a_refused_connection_never_left() -> None:
    base = f"http://127.0.0.1:{dead_port()}"
    delivery = client(base).write("PUT", "/x")
    assert delivery.kind == "retryable"
    assert delivery.outcome().code == "SLA503"


def test_after_a_refused_token_nobody_is_asked_again_for_half_an_hour() -> None:
    time = Time()
    with wire(Reply(401), Reply()) as jira:
        one = client(jira.url, time)
        for _ in range(3):
            with pytest.raises(AuthError):
                one.read("GET", "/x")
            assert one.write("PUT", "/x").outcome().code == "SLA401"
        assert len(jira.asked) == 1
        time.now += LOCKED_OUT + 1
        one.read("GET", "/x")


def test_a_renewed_token_is_used_at_once() -> None:
    with wire(Reply(401), Reply(body=b'{"ok": true}'), Reply(401)) as jira:
        renewals: list[bool] = []

        def renew() -> bool:
            renewals.append(not renewals)
            return renewals[-1]

        one = Client(server(jira.url), None, sleep=lambda _: None, renew=renew)
        one.read("GET", "/x")
        with pytest.raises(AuthError):
            one.read("GET", "/x")
    assert renewals == [True, False]


# What looks like an answer and is none


def test_a_login_page_is_no_data() -> None:
    with wire(Reply(200, LOGIN, HTML)) as jira, pytest.raises(AuthError) as raised:
        client(jira.url).read("GET", "/x")
    assert raised.value.what == f"Jira answered with a login page instead of data at {jira.url}"
    assert len(jira.asked) == 1
    assert raised.value.code == "SLA401"


@pytest.mark.parametrize("method", ["read", "write"])
def test_redirects_are_never_followed(method: str) -> None:
    with wire() as thief, wire(Reply(302, b"", (("Location", f"{thief.url}/sso"),))) as jira:
        one = client(jira.url)
        if method == "read":
            with pytest.raises(AuthError):
                one.read("GET", "/x")
        else:
            assert one.write("PUT", "/x").kind == "doubtful"
    assert thief.asked == []


def test_a_redirect_to_another_address_names_it() -> None:
    moved = Reply(301, b"", (("Location", "https://new.acme.example/rest/api/3/x?token=1"),))
    with wire(moved) as jira, pytest.raises(PermanentError, match="never followed") as raised:
        client(jira.url).read("GET", "/x")
    assert ("sent to", "https://new.acme.example") in raised.value.facts


def test_a_denied_login_is_told_even_with_status_200() -> None:
    denied = (*JSON, ("X-Seraph-LoginReason", "AUTHENTICATION_DENIED"))
    with wire(Reply(200, b"{}", denied)) as jira, pytest.raises(AuthError, match="denied"):
        client(jira.url).read("GET", "/x")


def test_a_hibernating_instance_is_unreachable() -> None:
    page = b"<html>Your instance is hibernating.</html>"
    with wire(Reply(200, page, HTML)) as snow, pytest.raises(UnreachableError, match="hibernating"):
        client(snow.url).read("GET", "/x")


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": "\\ud800!", "b": 1}', {"a": "?!", "b": 1}),
        (b'{"a": NaN, "b": 1}', {"a": None, "b": 1}),
        (b'{"a": Infinity, "b": 1}', {"a": None, "b": 1}),
    ],
    ids=["surrogate", "nan", "infinity"],
)
def test_odd_text_is_mended_so_that_the_rest_can_be_read(body: bytes, value: object) -> None:
    with wire(Reply(body=body)) as jira:
        assert client(jira.url).read("GET", "/x").into(dict[str, object]) == value


def test_a_depth_bomb_is_an_error_of_ours() -> None:
    bomb = b"[" * 100_000 + b"]" * 100_000
    with wire(Reply(body=bomb)) as jira, pytest.raises(TransientError, match="no JSON"):
        client(jira.url).read("GET", "/x")


def test_another_shape_is_told_with_its_place() -> None:
    class Page(msgspec.Struct):
        issues: list[int]

    with wire(Reply(body=b'{"issues": "none"}')) as jira:
        answer = client(jira.url).read("GET", "/x")
    with pytest.raises(PermanentError, match="a shape that we do not know") as raised:
        answer.into(Page)
    assert "$.issues" in told(raised.value)


def test_an_inspector_may_refuse_an_answer_that_looks_well() -> None:
    def inspect(answer: Answer) -> None:
        if b"error" in answer.body:
            raise TransientError("an error inside 200")

    with wire(Reply(body=b'{"error": 1}'), Reply(body=b"{}"), Reply(body=b'{"error": 1}')) as snow:
        one = Client(server(snow.url), None, sleep=lambda _: None, inspect=inspect)
        one.read("GET", "/x")
        assert one.write("PATCH", "/x").kind == "doubtful"
    assert len(snow.asked) == 3


# Bounds


def test_a_dripping_body_ends_at_the_deadline() -> None:
    time = Time()

    def drip(write: Callable[[bytes], object]) -> None:
        for _ in range(100):
            time.now += 10
            write(b" ")

    with wire(Reply(drip=drip)) as jira, pytest.raises(CutOffError, match="more than 60 s"):
        client(jira.url, time)._send("GET", "/x", None, None)


def test_an_endless_body_ends_at_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MOST_BYTES", 1_000_000)
    bomb = gzip.compress(b" " * 20_000_000)
    packed = Reply(body=bomb, headers=(*JSON, ("Content-Encoding", "gzip")))
    with wire(packed) as jira, pytest.raises(CutOffError, match="larger than") as raised:
        client(jira.url)._send("GET", "/x", {"secret": "no"}, None)
    assert raised.value.facts == (("tried", "/x"),)


def test_packed_answers_are_unpacked() -> None:
    body = gzip.compress(msgspec.json.encode({"text": "é" * 200_000}))
    with wire(Reply(body=body, headers=(*JSON, ("Content-Encoding", "gzip")))) as jira:
        answer = client(jira.url).read("GET", "/x")
    assert answer.into(dict[str, str]) == {"text": "é" * 200_000}


def test_the_servers_clock_is_kept() -> None:
    with responses.RequestsMock() as mock:
        mock.get(
            "https://acme.example/x", json={}, headers={"Date": "Sat, 21 Nov 2026 09:52:00 GMT"}
        )
        one = client("https://acme.example")
        assert one.server_time is None
        one.read("GET", "/x")
        mock.replace("GET", "https://acme.example/x", json={})
        one.read("GET", "/x")  # without a Date
    assert one.server_time == parse_iso("2026-11-21T09:52:00Z")


def test_the_servers_clock_goes_on_between_answers() -> None:
    time = Time()
    with responses.RequestsMock() as mock:
        mock.get(
            "https://acme.example/x", json={}, headers={"Date": "Sat, 21 Nov 2026 09:52:00 GMT"}
        )
        one = client("https://acme.example", time)
        assert one.server_now() is None
        one.read("GET", "/x")
    time.now += 2.5
    assert one.server_now() == parse_iso("2026-11-21T09:52:02.5Z")
    here = client("http://127.0.0.1")
    here.server_time = one.server_time
    assert here.server_now() is None  # a sandbox makes its own time up


# Words and secrets


def test_the_message_of_a_refused_token() -> None:
    with wire(Reply(401)) as jira, pytest.raises(AuthError) as raised:
        client(jira.url).read("GET", "/rest/api/3/myself")
    about = f"{len(TOKEN)} characters, fingerprint {Secret(TOKEN).fingerprint}"
    assert raised.value.what == f"Jira refused the token (401) at {jira.url}"
    assert raised.value.facts == (
        ("tried", "GET /rest/api/3/myself as sla-bot@acme.example"),
        ("token", f"from SLA_JIRA_ACME_TOKEN, {about}  (the token itself is never printed)"),
        ("likely", "the token was revoked or expired; API tokens live 1–365 days"),
        ("fix", "make one at https://id.atlassian.com/manage-profile/security/api-tokens"),
    )


def test_the_message_of_a_dead_host() -> None:
    port = dead_port()
    with pytest.raises(UnreachableError) as raised:
        client(f"http://127.0.0.1:{port}").read("GET", "/x")
    assert raised.value.what == f"cannot reach http://127.0.0.1:{port}"
    how, tried = raised.value.facts
    assert how[1] == f"DNS ok · TCP {port} refused"
    assert tried == ("tried", "GET /x as sla-bot@acme.example")


@pytest.mark.parametrize(
    ("error", "how"),
    [
        (requests.ConnectTimeout(), "DNS ok · TCP 443 timed out after 3 s"),
        (
            requests.ConnectionError(
                MaxRetryError(None, "/x", NameResolutionError("acme.example", None, OSError()))  # type: ignore[arg-type]  # as urllib3 itself raises it
            ),
            "DNS knows no acme.example",
        ),
        (
            requests.exceptions.ProxyError(MaxRetryError(None, "/x", ConnectTimeoutError())),  # type: ignore[arg-type]  # as urllib3 itself raises it
            "the proxy cannot be reached, or refused us",
        ),
    ],
    ids=["timeout", "dns", "proxy"],
)
def test_why_a_host_is_out_of_reach(error: Exception, how: str) -> None:
    with responses.RequestsMock() as mock:
        mock.get("https://acme.example/x", body=error)
        with pytest.raises(UnreachableError) as raised:
            client("https://acme.example").read("GET", "/x")
    assert raised.value.facts[0][1].startswith(how)


def test_the_message_of_a_rate_limit() -> None:
    headers = (*JSON, ("Retry-After", "120"), ("RateLimit-Reason", "jira-burst-based"))
    with wire(Reply(429, headers=headers)) as jira, pytest.raises(SlowDownError) as raised:
        client(jira.url).read("GET", "/x")
    assert raised.value.code == "SLA429"
    assert raised.value.what == "Jira asked us to slow down (429, jira-burst-based)"
    assert raised.value.facts[0] == ("", "Retry-After 120 s")


def test_no_secret_is_ever_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    pair = b64encode(f"sla-bot@acme.example:{TOKEN}".encode()).decode()
    echo = msgspec.json.encode({"errorMessages": [f"bad header Basic {pair} for {TOKEN}"]})
    shown: list[str] = [repr(server("https://acme.example")), str(Secret(TOKEN))]
    for reply in (
        Reply(400, echo),
        Reply(401, echo),
        Reply(403, echo),
        Reply(503, echo),
        Reply(302, b"", (("Location", f"/login?token={TOKEN}"),)),
        Reply(200, LOGIN + TOKEN.encode(), HTML),
        Reply(200, b'{"x": '),
        Reply(drop=True),
    ):
        with wire(reply) as jira:
            one = client(jira.url)
            with pytest.raises(ConnectorError) as raised:
                one.read("GET", "/x", params={"q": "1"})
            shown += [told(raised.value), repr(client(jira.url).write("POST", "/x").outcome())]
    text = "\n".join([*shown, caplog.text])
    for form in (*forms(TOKEN), TOKEN[:12], pair):
        assert form not in text


def test_control_characters_of_a_server_do_not_reach_the_terminal() -> None:
    body = msgspec.json.encode({"errorMessages": ["red \x1b[31m\u202e text\r\n"]})
    with wire(Reply(400, body)) as jira, pytest.raises(StatusError) as raised:
        client(jira.url).read("GET", "/x")
    assert raised.value.said == "red [31m text"


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("https://acme.example/", True),
        ("http://127.0.0.1:8701", True),
        ("http://localhost:8701/jira", True),
        ("http://[::1]:8701", True),
        ("http://acme.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("https://bot:secret@acme.example", False),
        ("https://acme.example/?token=1", False),
        ("ftp://acme.example", False),
        ("file:///etc/passwd", False),
        ("acme.example", False),
    ],
)
def test_only_safe_addresses_are_taken(url: str, right: bool) -> None:
    if right:
        assert check_url(url) == url.rstrip("/")
    else:
        with pytest.raises(ValueError, match=r"write it like|write https|bears no"):
            check_url(url)


def test_a_sandbox_is_never_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{dead_port()}")
    with wire() as jira:
        client(jira.url).read("GET", "/x")
    assert len(jira.asked) == 1


def test_a_netrc_is_never_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with wire() as jira:
        Client(server(jira.url), None).read("GET", "/x")
    assert "Authorization" not in jira.asked[0].headers


@pytest.mark.parametrize(
    ("name", "variable"),
    [("jira/acme", "SLA_JIRA_ACME_TOKEN"), ("snow-eu.1", "SLA_SNOW_EU_1_TOKEN")],
)
def test_the_variable_of_a_connection(name: str, variable: str) -> None:
    assert variable_name(name, "token") == variable


def test_tls_is_always_verified() -> None:
    with wire() as plain, pytest.raises(ConnectorError) as raised:
        # The server speaks no TLS at all: that is never taken as a reason to go on without.
        Client(server(plain.url.replace("http://", "https://")), None, sleep=lambda _: None).read(
            "GET", "/x"
        )
    assert isinstance(raised.value, TransientError)
    assert plain.asked == []
