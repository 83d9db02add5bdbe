"""S1: a secret through everything that can go wrong, and then looked for in everything there is.

Looked at are stdout, stderr, logs at DEBUG, tracebacks with the values of our own variables, and
every file: store, WAL, crash files. Looked for is the secret raw, in base64 at any place, percent-
encoded, JSON-escaped and HTML-escaped.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import msgspec
import pytest

import sync
from connectors.base import Connection, ConnectorError
from connectors.jira import connect as connect_jira
from connectors.secret import Secret, blot, forms
from connectors.servicenow import connect as connect_servicenow
from tests.connectors.wire import Reply, Wire, dead_port, wire

JSON = ("Content-Type", "application/json")
HTML = ("Content-Type", "text/html")
ALL = ("run", "--once")
POLICY = """\
schema: sla/v1
policies:
  all:
    match: {project: SUP}
    targets: {resolution: 8h}
"""
JIRA = """\
  jira/acme: {system: jira, url: URL, user: sla-bot@acme.example, projects: [SUP]}
"""
SNOW = """\
  snow/acme: {system: servicenow, url: URL, user: sla-bot, auth: AUTH, client_id: app}
"""

SNOW_KEY, SNOW_BASIC = (SNOW.replace("AUTH", auth) for auth in ("api_key", "basic"))


class Case(NamedTuple):
    """`reply` gets the secret as the server saw it, and answers everything that is asked."""

    name: str
    reply: Reply
    command: tuple[str, ...] = ALL
    system: str = JIRA


def canary() -> str:
    return f"c4n4ry/{secrets.token_hex(12)}+\"<%&='~"


CANARY = canary()


def echoes() -> Iterator[tuple[str, str]]:
    """The ways in which a server may repeat what it was shown."""
    pair = b64encode(f"sla-bot@acme.example:{CANARY}".encode()).decode()
    yield "raw", CANARY
    yield "basic", f"Basic {pair}"
    yield "percent", f"/login?os_password={quote(CANARY, safe='')}"


def cases() -> Iterator[Case]:
    for how, echo in echoes():
        said = msgspec.json.encode({"errorMessages": [echo], "message": echo})
        for status in (400, 401, 403, 404, 429, 500, 503):
            yield Case(f"{status} {how}", Reply(status, said))
        page = f"<html><title>{echo}</title></html>".encode()
        yield Case(f"page {how}", Reply(200, page, (HTML,)))
        yield Case(f"shape {how}", Reply(200, msgspec.json.encode({"accountId": [echo]})))
        yield Case(f"redirect {how}", Reply(302, b"", (("Location", echo.replace("\n", "")),)))
    said = msgspec.json.encode({"error": {"message": CANARY, "detail": CANARY}})
    for auth in ("basic", "api_key", "oauth"):
        snow = SNOW.replace("AUTH", auth)
        for status in (200, 400, 401, 403, 500):
            yield Case(f"servicenow {auth} {status}", Reply(status, said), system=snow)
    token = msgspec.json.encode({"access_token": CANARY, "expires_in": CANARY, "error": CANARY})
    yield Case("servicenow token", Reply(200, token), system=SNOW.replace("AUTH", "oauth"))
    for command in (("check", "--online"), ("doctor",), ("plan",), ("status",), ("explain", "A-1")):
        yield Case(" ".join(command), Reply(401, said), command)
    evaluate = ("evaluate", "--connection", "jira/acme")
    yield Case("evaluate", Reply(401, said), evaluate)
    yield Case("cut off", Reply(200, b'{"a": 1}', cut=True))
    yield Case("dropped", Reply(drop=True))
    yield Case("cut short", Reply(200, b'{"x": "' + CANARY.encode()))


CASES = list(cases())


def settings(folder: Path, system: str, url: str) -> Path:
    """A desk whose secrets are all the canary, from the three places that they may come from."""
    (folder / "policies").mkdir()
    (folder / "policies" / "all.yaml").write_text(POLICY, encoding="utf-8")
    file = folder / "service.yaml"
    file.write_text(f"connections:\n{system.replace('URL', url)}mode: write\n", encoding="utf-8")
    return file


def hide(place: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["SLA_JIRA_ACME_TOKEN"]
    names += [f"SLA_SNOW_ACME_{kind}" for kind in ("PASSWORD", "TOKEN", "CLIENT_SECRET")]
    for name in names:
        if place == "variable":
            monkeypatch.setenv(name, CANARY)
        elif place == "file":
            monkeypatch.setenv(f"{name}_FILE", str(folder / "secret"))
    kept = folder / ("secret" if place == "file" else ".env")
    text = "".join(f"{name}={CANARY}\n" for name in names) if place == "dotenv" else CANARY
    if place != "variable":
        kept.write_text(text, encoding="utf-8")
        kept.chmod(0o600)


def found(texts: dict[str, bytes]) -> list[str]:
    """Where the secret is, and in which form."""
    looked_for = [*forms(CANARY), CANARY[:20]]
    return [
        f"{name}: …{body[max(0, at - 60) : at + 80]!r}"
        for name, body in texts.items()
        for form in looked_for
        if (at := body.find(form.encode())) >= 0
    ]


def files(folder: Path) -> dict[str, bytes]:
    every = [path for path in folder.rglob("*") if path.is_file()]
    return {p.name: p.read_bytes() for p in every if p.name not in ("secret", ".env")}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_secret_is_found_nowhere(
    case: Case,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("connectors.retries.ATTEMPTS", 1)
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.DEBUG)
    hide(("variable", "file", "dotenv")[CASES.index(case) % 3], tmp_path, monkeypatch)
    with wire(case.reply) as server:
        file = settings(tmp_path, case.system, server.url)
        code = sync.run([*case.command, "--config", str(file)])
    said = capfd.readouterr()
    assert code != 0 or case.command == ("status",)
    assert shown(server) or case.command[0] in ("status", "explain", "plan")
    texts = {"stdout": said.out, "stderr": said.err, "log": caplog.text}
    assert not found({n: t.encode() for n, t in texts.items()} | files(tmp_path))


def shown(server: Wire) -> bool:
    """Whether the server was shown the secret at all: else the test proves nothing."""
    seen = "\n".join(f"{one.headers} {one.body!r}" for one in server.asked)
    return any(form in seen for form in (*forms(CANARY), repr(CANARY)[1:-1]))


def test_there_are_at_least_forty_scenarios() -> None:
    assert len(CASES) >= 40


@pytest.mark.parametrize("system", ["jira", "servicenow"])
@pytest.mark.parametrize("status", [400, 401, 500])
def test_a_traceback_with_all_our_variables_does_not_show_it(
    system: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.retries.ATTEMPTS", 1)
    connect = {"jira": connect_jira, "servicenow": connect_servicenow}[system]
    with wire(Reply(status, msgspec.json.encode({"message": CANARY}))) as server:
        options = {"url": server.url, "user": "sla-bot"}
        options |= {"auth": "basic"} if system == "servicenow" else {}
        made = connect(Connection("a/b", system, options, lambda _: CANARY))
        with pytest.raises(ConnectorError) as raised:
            made.check()
    lines = traceback.TracebackException.from_exception(raised.value, capture_locals=True).format()
    # What the server said, and what the test holds, is here on purpose; our own frames are not.
    ours = [text for text in lines if "/connectors/" in text and "tests" not in text]
    held = [line for text in ours for line in text.splitlines() if "body = b'" not in line]
    kept = [line for line in held if "answer = Answer(" not in line]
    assert ours
    assert not found({"traceback": "\n".join(kept).encode()})


def test_a_bug_tells_of_itself_without_the_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """An exception that nobody expected bears the secret in its message, in four forms."""
    hide("dotenv", tmp_path, monkeypatch)
    monkeypatch.chdir(tmp_path)
    file = settings(tmp_path, JIRA, f"http://127.0.0.1:{dead_port()}")

    def fail(*_: object) -> None:
        raise RuntimeError(" ".join(forms(CANARY)))

    monkeypatch.setattr("connectors.http.Client._send", fail)
    monkeypatch.setattr("service.passes.passes.run_pass", fail)
    code = sync.run([*ALL, "--config", str(file)])
    said = capfd.readouterr()
    kept = files(tmp_path)
    assert code == sync.BUG
    assert [name for name in kept if name.startswith("sla-crash-")]
    assert not found({"stdout": said.out.encode(), "stderr": said.err.encode()} | kept)


@pytest.mark.parametrize("token", ["tökén-with-€-signs", "line\nbreak-in-it", "\x00zero-bytes"])
@pytest.mark.parametrize(
    "system", [JIRA, SNOW.replace("AUTH", "api_key"), SNOW.replace("AUTH", "basic")]
)
def test_a_secret_that_no_header_can_bear_is_a_mistake_not_a_bug(
    token: str,
    system: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("connectors.retries.ATTEMPTS", 1)
    secret = tmp_path / "secret"
    secret.write_text(token, encoding="utf-8")
    secret.chmod(0o600)
    for name in ("JIRA_ACME_TOKEN", "SNOW_ACME_TOKEN", "SNOW_ACME_PASSWORD"):
        monkeypatch.setenv(f"SLA_{name}_FILE", str(secret))
    with wire(Reply(401)) as server:
        code = sync.run([*ALL, "--config", str(settings(tmp_path, system, server.url))])
    said = capfd.readouterr().err
    assert code not in (0, sync.BUG)
    assert "SLA900" not in said
    assert token not in said


def test_redaction_takes_the_longest_form_first() -> None:
    first, second = canary(), canary()
    Secret(first)
    Secret(first + second)
    assert blot(f"a {first}{second} b {quote(first, safe='')} c") == "a *** b *** c"


@pytest.mark.parametrize("before", ["", "a", "ab", "user@acme.example:", "é"])
@pytest.mark.parametrize("after", ["", "x", "xy"])
def test_base64_is_found_wherever_it_stands(before: str, after: str) -> None:
    secret = canary()
    Secret(secret)
    left = blot(b64encode(f"{before}{secret}{after}".encode()).decode())
    assert "***" in left
    assert len(left) <= len(b64encode((before + after).encode())) + 10


def test_words_are_not_taken_for_secrets() -> None:
    Secret("open")
    assert blot("it is open") == "it is open"
