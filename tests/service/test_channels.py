"""Channels: an address from the environment, a notice sent, or why it was not."""

from __future__ import annotations

import pytest

from connectors.base import OutcomeKind
from service.channels import SKIPPED, Channel, Channels, send_by_apprise
from sla_engine.changes import Notify, Why
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
