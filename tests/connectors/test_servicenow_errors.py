"""Answers of ServiceNow that look well and are not."""

from __future__ import annotations

import msgspec
import pytest

from connectors.base import ForbiddenError, TransientError
from connectors.envelope import Answer
from connectors.server import Server
from connectors.servicenow.errors import TooMuchError, inspect, no_history

SERVER = Server("servicenow/a", "ServiceNow", "https://a.example")
TIMEOUT = "Transaction cancelled: Maximum execution time exceeded"


def answer(body: bytes) -> Answer:
    return Answer(SERVER, "GET /incident", 200, {}, body)


def faulty(fault: object) -> bytes:
    return msgspec.json.encode({"error": fault})


@pytest.mark.parametrize(
    "body", [b"", b'{"result": []}', b"[1]", b"<html>", faulty(None), b"null?"], ids=repr
)
def test_what_is_data_or_nothing_is_left_to_its_reader(body: bytes) -> None:
    inspect(answer(body))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b" null\n", None),
        (faulty("No luck"), "No luck"),
        (faulty({"message": "No Record found", "detail": "ACL"}), "No Record found ACL"),
        (faulty({"detail": "ACL"}), "ACL"),
        (faulty({"message": "m" * 400}), "m" * 300),
    ],
    ids=["null", "a text", "both", "a detail alone", "very long"],
)
def test_an_error_in_a_sound_answer_may_pass(body: bytes, said: str | None) -> None:
    with pytest.raises(TransientError) as caught:
        inspect(answer(body))
    facts = dict(caught.value.facts)
    assert (facts["tried"], facts.get("said")) == ("GET /incident", said)


@pytest.mark.parametrize("fault", [TIMEOUT, {"message": TIMEOUT}, {"detail": TIMEOUT.upper()}])
def test_what_took_too_long_is_asked_for_in_smaller_parts(fault: object) -> None:
    with pytest.raises(TooMuchError):
        inspect(answer(faulty(fault)))


def test_who_may_not_read_histories_is_told_what_was_tried_and_what_mends_it() -> None:
    plain = no_history("sys_audit", "ada")
    assert plain.what.startswith("ada may not read sys_audit")
    assert dict(plain.facts)["tried"] == "GET sys_audit as ada"
    assert "audit_viewer" in dict(plain.facts)["fix"]
    told = no_history("sys_audit", "", ForbiddenError("no", (("tried", "GET /x"), ("said", "no"))))
    assert told.what.startswith("our account may not read")
    assert (dict(told.facts)["tried"], dict(told.facts)["said"]) == ("GET /x", "no")
