"""What every kind of answer, and every way in which the wire fails, is taken for: as a read, as a
write, and in words."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator

import msgspec
import pytest
import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

from connectors.base import ConnectorError
from connectors.envelope import Answer, check, classify, spent, unsendable, unset
from connectors.secret import Secret
from connectors.server import Server
from connectors.transport import failure

ACME = Server(
    "jira/acme",
    "Jira",
    "https://acme.example",
    user="sla-bot@acme.example",
    variable="SLA_JIRA_ACME_TOKEN",
    secret=Secret("correct-horse"),
    renewal="make one at https://acme.example/tokens",
)
BARE = Server("snow/acme", "ServiceNow", "https://snow.example")
HTML = {"Content-Type": "text/html"}
LOGIN_PAGE = b"<!doctype html><title>Log in</title>"
SNOW_PAGE = b"<html>" + b" " * 19_986


def reason(word: str) -> dict[str, str]:
    return {"X-Seraph-LoginReason": word}


def answer(
    status: int, body: bytes = b"", headers: dict[str, str] | None = None, server: Server = ACME
) -> Answer:
    return Answer(server, "GET /x", status, CaseInsensitiveDict(headers or {}), body)


ANSWERS = {
    "data": answer(200, b'{"a": 1}'),
    "nothing": answer(204),
    "only spaces": answer(200, b" \n"),
    "an odd number": answer(299, b'{"a": NaN}'),
    "cut short": answer(200, b'{"a": '),
    "a login page": answer(200, LOGIN_PAGE, HTML),
    "a page that says it is JSON": answer(200, b" <p>", {"Content-Type": "application/json"}),
    "a page by its type alone": answer(200, b"Log in", {"Content-Type": "TEXT/HTML"}),
    "a page of a server without a token": answer(200, LOGIN_PAGE, HTML, BARE),
    "hibernating": answer(200, SNOW_PAGE + b"Hibernating", HTML, BARE),
    "a page that says it too late": answer(200, SNOW_PAGE + b" Hibernating", HTML, BARE),
    "login denied with 200": answer(200, b"{}", reason("AUTHENTICATION_DENIED")),
    "login denied with 403": answer(403, b"", reason("AUTHENTICATION_DENIED")),
    "login failed with 200": answer(200, b"{}", reason("AUTHENTICATED_FAILED")),
    "login failed with 403": answer(403, LOGIN_PAGE, HTML | reason("AUTHENTICATED_FAILED")),
    "login failed with 300": answer(300, LOGIN_PAGE, HTML | reason("AUTHENTICATED_FAILED")),
    "login failed, a page": answer(200, LOGIN_PAGE, HTML | reason("AUTHENTICATED_FAILED")),
    "login is well": answer(200, b"{}", reason("OK")),
    "300": answer(300),
    "301 to another address": answer(301, b"", {"Location": "https://new.example/a?token=1"}),
    "302 to a login": answer(302, b"", {"Location": "https://acme.example/SignIn?to=x"}),
    "307 to a path": answer(307, b"", {"Location": "/moved/here?x=1"}),
    "308 to a long name": answer(308, b"", {"Location": "https://" + "n" * 300}),
    "400": answer(400, b'{"errorMessages": ["No."], "errors": {"due": "Too late."}}'),
    "400 with a list": answer(400, b'{"errors": ["a", "b"], "message": "Both."}'),
    "400 of ServiceNow": answer(
        400, b'{"error": {"message": "No.", "detail": "Why."}}', None, BARE
    ),
    "400 with a detail alone": answer(400, b'{"error": {"detail": "Why."}}', None, BARE),
    "400 with a message alone": answer(400, b'{"error": {"message": "No."}}', None, BARE),
    "400 in a word": answer(400, b'{"error": "invalid_grant"}', None, BARE),
    "400 beside no error": answer(400, b'{"error": null, "message": "No."}', None, BARE),
    "400 without a word": answer(400, b"{}"),
    "400 that is no JSON": answer(400, b"No."),
    "400 at length": answer(400, b'{"message": "' + b"m" * 301 + b'"}'),
    "400 that repeats the token": answer(400, b'{"message": "not correct-horse"}'),
    "401": answer(401, b'{"message": "expired"}'),
    "401 of a server without a token": answer(401, b"", None, BARE),
    "402": answer(402),
    "403": answer(403, b'{"message": "not you"}'),
    "404": answer(404),
    "408": answer(408),
    "409": answer(409),
    "425": answer(425),
    "429": answer(429),
    "429 with a wait": answer(429, b"", {"Retry-After": "120"}),
    "429 with a reason": answer(429, b"", {"RateLimit-Reason": "jira-quota"}),
    "499": answer(499),
    "500": answer(500),
    "503": answer(503, b'{"message": "later"}'),
}


def told(error: ConnectorError) -> Iterator[str]:
    yield f"  {type(error).__name__} {error.code}: {error.what}"
    for label, words in error.facts:
        yield f"    {label or '-':8} {words}"


def test_what_each_answer_is_taken_for(golden: Callable[[str, str], None]) -> None:
    lines: list[str] = []
    for name, one in ANSWERS.items():
        lines.append(name)
        try:
            lines.append(f"  data: {check(one).body!r}")
        except ConnectorError as error:
            lines += told(error)
            lines.append(f"    a write  {classify(one, error)}")
            for word in ("status", "said", "wait", "reason"):
                if found := getattr(error, word, None):
                    lines.append(f"    {word:8} {found}")
    golden("connectors/answers.txt", "\n".join(lines) + "\n")


def test_what_is_said_without_an_answer(golden: Callable[[str, str], None]) -> None:
    errors = (unset(ACME), unsendable(ACME), spent(ACME, 90.4))
    golden("connectors/unasked.txt", "\n".join(line for e in errors for line in told(e)) + "\n")
    assert spent(ACME, 90.4).wait == 90.4


def test_another_shape_is_told_and_cut() -> None:
    class Odd(msgspec.Struct, forbid_unknown_fields=True):
        a: int = 0

    body = msgspec.json.encode({"k" * 300: 1})
    with pytest.raises(ConnectorError) as raised:
        answer(200, body).into(Odd)
    assert raised.value.what == "Jira answered in a shape that we do not know"
    (tried, said) = raised.value.facts
    assert tried == ("tried", "GET /x")
    assert (said[0], len(said[1])) == ("said", 200)


def because(cause: Exception) -> requests.ConnectionError:
    """As requests raises what urllib3 raised."""
    return requests.ConnectionError(MaxRetryError(None, "/x", cause))  # type: ignore[arg-type]  # as urllib3 itself raises it


def untrusted(message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError()
    error.verify_message = message
    return error


def unagreed(reason: str) -> ssl.SSLError:
    error = ssl.SSLError()
    error.reason = reason
    return error


def in_a_circle() -> requests.ConnectionError:
    error = requests.ConnectionError()
    error.__context__ = ValueError()
    error.__context__.__context__ = error
    return error


HTTPS, PLAIN = ACME, Server("jira/here", "Jira", "http://127.0.0.1")
FAILURES: dict[str, tuple[Server, requests.RequestException]] = {
    "no such name": (HTTPS, because(NameResolutionError("acme.example", None, OSError()))),  # type: ignore[arg-type]  # as urllib3 itself raises it
    "refused": (HTTPS, because(NewConnectionError(None, "refused"))),  # type: ignore[arg-type]  # as urllib3 itself raises it
    "refused here": (PLAIN, because(NewConnectionError(None, "refused"))),  # type: ignore[arg-type]  # as urllib3 itself raises it
    "refused at a port": (
        msgspec.structs.replace(HTTPS, base="https://acme.example:8443"),
        because(NewConnectionError(None, "refused")),  # type: ignore[arg-type]  # as urllib3 itself raises it
    ),
    "not connected in time": (HTTPS, requests.ConnectTimeout()),
    "not connected in time here": (PLAIN, requests.ConnectTimeout()),
    "not trusted": (HTTPS, because(untrusted("certificate has expired"))),
    "not trusted, it does not say why": (HTTPS, because(untrusted(""))),
    "too old a TLS": (HTTPS, because(unagreed("UNSUPPORTED_PROTOCOL"))),
    "another failure of TLS": (HTTPS, because(unagreed("DECRYPTION_FAILED"))),
    "not connected in time where a proxy is set": (
        msgspec.structs.replace(HTTPS, base="http://acme.example"),
        requests.ConnectTimeout(),
    ),
    "the proxy": (HTTPS, requests.exceptions.ProxyError()),
    "no URL": (HTTPS, requests.exceptions.InvalidURL()),
    "no answer in time": (HTTPS, requests.ReadTimeout()),
    "broken off": (HTTPS, requests.ConnectionError()),
    "caused by itself": (HTTPS, in_a_circle()),
}


def test_what_each_failure_of_the_wire_is_taken_for(
    golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.transport.getproxies", lambda: {"http": "http://proxy.example"})
    lines: list[str] = []
    for name, (server, error) in FAILURES.items():
        lines += [name, *told(failure(server, "GET /x", error))]
    golden("connectors/failures.txt", "\n".join(lines) + "\n")
