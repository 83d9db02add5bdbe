"""Channels: an address from the environment, a notice sent, or why it was not."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec
import pytest
import responses

from connectors.base import OutcomeKind
from service.delivery.channels import SKIPPED, Channel, Channels, identity, send_by_apprise
from sla_engine.changes import Notify, Way, Why
from tests.service.desks import ticket

NOTICE = Notify(ticket(1).ref, "k:notify:duty", "duty", "SUP-1: it is late", Why("because"))


@pytest.mark.parametrize(
    ("address", "taken", "kind", "code"),
    [
        ("json://127.0.0.1", True, "confirmed", ""),
        ("json://127.0.0.1", False, "retryable", "SLA504"),
        (None, True, "rejected", SKIPPED),
    ],
    ids=["sent", "not taken", "no address"],
)
def test_what_becomes_of_a_notice(
    address: str | None, taken: bool, kind: OutcomeKind, code: str
) -> None:
    sent = []

    def send(to: str, title: str, text: str) -> bool:
        sent.append((to, title, text))
        return taken

    channels = Channels({"duty": Channel(lambda: address)}, send)
    outcome = channels.tell(NOTICE)
    assert (outcome.kind, outcome.code) == (kind, code)
    assert sent == ([(address, "SLA SUP-1", "SUP-1: it is late")] if address else [])
    assert channels.names == ({"duty"} if address else set())


def test_a_channel_that_nobody_named_is_left_out() -> None:
    assert Channels().tell(NOTICE).code == SKIPPED


def test_an_address_that_means_nothing_takes_nothing() -> None:
    assert send_by_apprise("no address at all", "title", "text") is False


def calling(way: Way, *facts: tuple[str, str]) -> Notify:
    return msgspec.structs.replace(NOTICE, way=way, facts=facts)


@responses.activate
def test_a_webhook_gets_the_facts_and_a_key_that_stays_the_same() -> None:
    responses.post("https://hooks.example/sla?team=1", status=202)
    channels = Channels({"duty": Channel(lambda: "https://hooks.example/sla?team=1")})
    for _ in range(2):
        assert channels.tell(calling("webhook", ("step", "breach"))).kind == "confirmed"
    keys = {call.request.headers["Idempotency-Key"] for call in responses.calls}
    assert keys == {identity(NOTICE)}
    said = json.loads(responses.calls[0].request.body or b"")
    assert said == {"id": identity(NOTICE), "text": NOTICE.text, "step": "breach"}


@responses.activate
def test_a_page_is_one_incident_however_often_it_is_sent() -> None:
    responses.post("https://events.pagerduty.com/v2/enqueue", status=202)
    channels = Channels({"duty": Channel(lambda: "pagerduty://r0ut1ng")})
    for state in ("running", "breached"):
        assert channels.tell(calling("page", ("state", state))).kind == "confirmed"
    bodies = [json.loads(call.request.body or b"") for call in responses.calls]
    assert {body["dedup_key"] for body in bodies} == {identity(NOTICE)}
    assert [body["payload"]["severity"] for body in bodies] == ["warning", "critical"]
    assert bodies[0]["routing_key"] == "r0ut1ng"


@responses.activate
@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [(500, {}, "retryable"), (302, {"Location": "https://elsewhere.example"}, "retryable")],
)
def test_a_webhook_that_is_not_taken_is_sent_again_and_follows_nobody(
    status: int, headers: dict[str, str], kind: OutcomeKind
) -> None:
    responses.post("https://hooks.example/sla", status=status, headers=headers)
    channels = Channels({"duty": Channel(lambda: "https://hooks.example/sla")})
    outcome = channels.tell(calling("webhook"))
    assert (outcome.kind, outcome.code) == (kind, "SLA504")
    assert len(responses.calls) == 1


def test_a_webhook_in_the_clear_is_refused() -> None:
    channels = Channels({"duty": Channel(lambda: "http://hooks.example/sla")})
    assert channels.tell(calling("webhook")).kind == "rejected"


def test_a_command_reads_the_facts_and_its_end_is_told(tmp_path: Path) -> None:
    out = tmp_path / "read"
    copies = f"import sys; open({str(out)!r}, 'w').write(sys.stdin.read())"
    channels = Channels(
        {
            "duty": Channel(command=(sys.executable, "-c", copies)),
            "fails": Channel(command=(sys.executable, "-c", "raise SystemExit(3)")),
            "lacks": Channel(command=(str(tmp_path / "absent"),)),
        }
    )
    assert channels.names == {"duty", "fails", "lacks"}
    assert channels.tell(calling("run", ("step", "breach"))).kind == "confirmed"
    assert json.loads(out.read_text(encoding="utf-8"))["step"] == "breach"
    for name, why in (("fails", "ended with 3"), ("lacks", "did not run: FileNotFoundError")):
        outcome = channels.tell(msgspec.structs.replace(calling("run"), channel=name))
        assert outcome.kind == "rejected"
        assert why in outcome.message


def test_a_channel_without_a_command_runs_nothing() -> None:
    channels = Channels({"duty": Channel(lambda: "https://hooks.example/sla")})
    outcome = channels.tell(calling("run"))
    assert (outcome.kind, outcome.code) == ("rejected", SKIPPED)
