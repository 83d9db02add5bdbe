"""S5: a notice goes where the operator's address leads, unless that is a trap."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import msgspec
import pytest

from service.delivery.channels import SKIPPED, Channel, Channels, send_by_apprise
from service.delivery.guarded import guarded, is_fit
from service.setup.settings import load_text
from sla_engine.changes import Notify, Why
from tests.connectors.wire import Reply, wire
from tests.service.desks import ticket

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # apprise imports it
NOTICE = Notify(ticket(1).ref, "k:notify:duty", "duty", "SUP-1: it is late", Why("because"))
METADATA = "169.254.169.254"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def tell(address: str) -> Any:
    return Channels({"duty": Channel(lambda: address)}).tell(NOTICE)


def hook(address: str) -> Any:
    """The same by the plain webhook instead of apprise."""
    notice = msgspec.structs.replace(NOTICE, way="webhook")
    return Channels({"duty": Channel(lambda: address)}).tell(notice)


def test_a_channel_on_this_machine_is_told() -> None:
    with wire(Reply()) as here:
        outcome = tell(here.url.replace("http", "json", 1))
    assert outcome.kind == "confirmed"
    assert "SUP-1: it is late" in json.loads(here.asked[0].body)["message"]


@pytest.mark.parametrize(
    "address",
    [
        f"json://{METADATA}/latest",
        "json://[::ffff:169.254.169.254]/latest",
        "json://[fe80::1]/",
        "json://[fd00:ec2::254]/",
        "json://168.63.129.16/",
        "json://0.0.0.0:9/",
        "json://224.0.0.1/",
        "json://[::ffff:127.0.0.1]/",
    ],
)
def test_a_trap_is_refused_by_its_address(address: str) -> None:
    outcome = tell(address)
    assert (outcome.kind, outcome.code) == ("rejected", "SLA403")


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "gopher://127.0.0.1:70/", "dict://127.0.0.1/", "nonsense", "json://"],
)
def test_what_is_no_channel_takes_nothing(address: str) -> None:
    assert tell(address).kind != "confirmed"


@pytest.fixture
def rebinding(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A DNS that says something harmless first and something else when it is asked again."""
    answers = ["93.184.216.34", METADATA]
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *rest: Any, **words: Any) -> Any:
        if host != "rebind.example":
            return real(host, port, *rest, **words)
        asked.append(host)
        to = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (to, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    socket.getaddrinfo("rebind.example", 80)  # as a check before sending would do
    return asked


def test_a_name_that_changes_its_mind_is_refused_when_it_is_connected_to(
    rebinding: list[str],
) -> None:
    outcome = tell("json://rebind.example/")
    assert hook("https://rebind.example/").code == "SLA403"
    assert len(rebinding) >= 2
    assert (outcome.kind, outcome.code) == ("rejected", "SLA403")
    assert METADATA in outcome.message


def test_a_name_of_somebody_else_does_not_lead_to_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *rest, **w: real("127.0.0.1", *rest, **w))
    with wire(Reply()) as here:
        port = here.server_address[1]
        outcome = tell(f"json://intranet.example:{port}/")
    assert here.asked == []
    assert outcome.code == "SLA403"


@pytest.mark.parametrize("host", ["2852039166", "0xA9FEA9FE", "0251.0376.0251.0376"])
def test_other_spellings_of_an_address_are_judged_by_what_they_mean(host: str) -> None:
    with guarded(f"json://{host}/") as refused, pytest.raises(OSError, match="no place"):
        socket.create_connection((host, 80), timeout=1)
    assert refused == [METADATA]


@pytest.mark.parametrize(
    ("host", "fit"),
    [
        ("93.184.216.34", True),
        ("10.0.0.7", True),  # a company's own chat server
        ("192.168.1.4", True),
        ("2001:db8::7", True),
        ("::1", False),
        ("127.9.9.9", False),
        (METADATA, False),
        (f"::ffff:{METADATA}", False),
        ("::ffff:168.63.129.16", False),
        ("::ffff:10.0.0.7", True),
        ("fe80::1%eth0", False),
        ("100.100.100.200", False),
        ("ff02::1", False),
        ("::", False),
        ("chat.example", False),  # no library connects to a name
    ],
)
def test_which_addresses_are_fit(host: str, fit: bool) -> None:
    assert is_fit(host, loopback=False) is fit


@pytest.mark.parametrize(
    ("host", "fit"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("::ffff:127.0.0.1", True),
        ("chat.example", False),
        (METADATA, False),
    ],
)
def test_on_this_machine_only_what_is_on_it_becomes_fit(host: str, fit: bool) -> None:
    assert is_fit(host, loopback=True) is fit


def test_a_proxy_on_this_machine_may_be_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with wire() as here:
        monkeypatch.setenv("https_proxy", here.url)
        with guarded("json://chat.example/") as refused:
            socket.create_connection(("127.0.0.1", here.server_address[1])).close()
    assert refused == []


def test_nothing_is_guarded_once_the_notice_is_sent() -> None:
    with guarded("json://chat.example/"):
        pass
    with wire() as here:
        socket.create_connection(("127.0.0.1", here.server_address[1])).close()


def test_a_redirect_of_a_channel_leads_nowhere() -> None:
    with wire() as other, wire(Reply(307, b"", (("Location", other.url),))) as here:
        assert not send_by_apprise(here.url.replace("http", "json", 1), "title", "text")
        assert hook(here.url).kind == "retryable"
    assert other.asked == []


def test_neither_a_policy_nor_the_settings_can_say_an_address(tmp_path: Any) -> None:
    settings = "connections: {}\nchannels:\n  duty: {url: json://10.0.0.1/}\n"
    _, problems = load_text(settings, tmp_path / "service.yaml", {})
    assert any(problem.code == "SLA101" for problem in problems)
    named = msgspec.structs.replace(NOTICE, channel="json://10.0.0.1/")  # as a policy might say
    assert Channels({"duty": Channel(lambda: "json://10.0.0.2/")}).tell(named).code == SKIPPED


def test_a_webhook_shows_nobody_a_netrc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password canary-of-netrc\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with wire(Reply()) as here:
        assert hook(here.url).kind == "confirmed"
    assert "Authorization" not in here.asked[0].headers


def test_a_command_does_not_inherit_our_tokens(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SLA_JIRA_ACME_TOKEN", "canary-of-the-command")
    told = tmp_path / "environment"
    script = tmp_path / "page.sh"
    script.write_text(f"#!/bin/sh\nenv > {told}\n", encoding="ascii")
    script.chmod(0o700)
    notice = msgspec.structs.replace(NOTICE, way="run")
    outcome = Channels({"duty": Channel(command=(str(script),))}).tell(notice)
    assert outcome.kind == "confirmed"
    assert "PATH=" in told.read_text(encoding="utf-8")
    assert "canary" not in told.read_text(encoding="utf-8")
