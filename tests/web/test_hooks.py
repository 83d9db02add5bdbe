"""Webhooks: who may ring, what a ring can do, and what everybody else can do: nothing."""

from __future__ import annotations

import gc
import hmac
import json
import tracemalloc
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from connectors.memory import MemoryConnector
from service.passes.doorbell import MOST, Doorbell
from service.setup.webhooks import Hook, WebhookSettings, hooks
from tests.conftest import examples
from tests.service.desks import desk_over, ticket
from web.app import create_app
from web.headers import HEADERS
from web.hooks import (
    DELIVERY,
    LOGGED_EVERY,
    PER_SECOND,
    REMEMBERED,
    SIGNATURE,
    Deliveries,
    hook_pages,
)
from web.server import MOST_BODY

SECRET = b"a secret that signs and is never sent"
ADDRESS = "0123456789abcdef0123456789abcdef"
CHANGED = json.dumps({"timestamp": 1, "webhookEvent": "jira:issue_updated", "issue": {"id": "17"}})
BODY = CHANGED.encode()


class Yard:
    """The receiver as somebody outside meets it; one second passes with every request."""

    def __init__(self, a_second: float = 1.0) -> None:
        self.now, self.step = 0.0, a_second
        self.rung: list[tuple[str, str]] = []
        self.counted: list[tuple[str, str]] = []
        self.lines: list[str] = []
        pages = hook_pages(
            (Hook("jira/acme", "signature", SECRET), Hook("snow", "address", ADDRESS.encode())),
            lambda *one: self.rung.append(one),
            lambda *one: self.counted.append(one),
            self.lines.append,
            lambda: self.now,
        )
        self.web: FlaskClient = create_app([pages]).test_client()

    def post(self, place: str, body: bytes = BODY, **headers: str) -> int:
        self.now += self.step
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.web.post(f"/hooks/{place}", data=body, headers=named)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert not any(one in answer.data for one in (SECRET, ADDRESS.encode()))
        return answer.status_code


def signed(body: bytes, secret: bytes = SECRET, how: str = "sha256") -> str:
    return f"{how}=" + hmac.new(secret, body, how).hexdigest()


def test_who_signs_the_body_rings_for_the_ticket_in_it() -> None:
    yard = Yard()
    assert yard.post("jira/acme", X_Hub_Signature=signed(BODY)) == 202
    assert yard.rung == [("jira/acme", "17")]


def test_who_knows_the_address_rings_without_a_signature() -> None:
    yard = Yard()
    body = b'{"sys_id": "9d385017c611228701d22104cc95c371"}'
    assert yard.post(f"snow/{ADDRESS}", body) == 202
    assert yard.rung == [("snow", "9d385017c611228701d22104cc95c371")]


GOOD = signed(BODY)
FORGED = {
    "no signature": ("jira/acme", BODY, None),
    "empty": ("jira/acme", BODY, ""),
    "another secret": ("jira/acme", BODY, signed(BODY, b"another")),
    "another body": ("jira/acme", BODY + b" ", GOOD),
    "body cut": ("jira/acme", BODY[:-1], GOOD),
    "no body": ("jira/acme", b"", GOOD),
    "signature cut": ("jira/acme", BODY, GOOD[:-1]),
    "signature and more": ("jira/acme", BODY, GOOD + "0"),
    "no method": ("jira/acme", BODY, GOOD.removeprefix("sha256=")),
    "a weaker method": ("jira/acme", BODY, signed(BODY, how="sha1")),
    "a method of its own": ("jira/acme", BODY, GOOD.replace("sha256", "none")),
    "no ASCII": ("jira/acme", BODY, "sha256=\xe4\xf6\xfc"),
    "another connection": ("snow", BODY, GOOD),
    "an unknown one": ("jira/other", BODY, GOOD),
    "the secret in the address": (f"jira/acme/{SECRET.decode()}", BODY, None),
    "signed, and more in the address": ("jira/acme/x", BODY, GOOD),
    "no secret": ("snow", BODY, None),
    "an empty secret": ("snow/", BODY, None),
    "a wrong secret": (f"snow/{ADDRESS[:-1]}0", BODY, None),
    "half a secret": (f"snow/{ADDRESS[:16]}", BODY, None),
    "a secret and more": (f"snow/{ADDRESS}/x", BODY, None),
    "a secret without ASCII": ("snow/\xe4\u20ac", BODY, None),
    "the name twice": (f"snow/snow/{ADDRESS}", BODY, None),
}


@pytest.mark.parametrize(("place", "body", "signature"), FORGED.values(), ids=FORGED)
def test_whoever_proves_nothing_is_refused(place: str, body: bytes, signature: str | None) -> None:
    yard = Yard()
    headers = {} if signature is None else {SIGNATURE: signature}
    assert yard.post(place, body, **headers) == 401
    assert (yard.rung, yard.counted) == ([], [("", "refused")])


def test_no_body_and_no_signature_of_anybody_else_rings() -> None:
    yard = Yard()

    @given(st.binary(max_size=200), st.text(max_size=100))
    def law(body: bytes, signature: str) -> None:
        sent = signature.encode("latin-1", "replace").decode("latin-1")
        clean = "".join(letter for letter in sent if letter not in "\r\n\0")
        assert yard.post("jira/acme", body, **{SIGNATURE: clean}) == 401

    law()
    assert yard.rung == []


WORDLESS = [
    b"", b"{}", b"[]", b"17", b"{", b"\xff", b'{"issue": null}', b'{"issue": {"id": null}}',
    b'{"issue": {"id": "../../admin"}}', b'{"issue": {"id": "1,2"}}', b'{"sys_id": ["x"]}',
    b'{"issue": {"id": "' + b"9" * 65 + b'"}}', b'{"issue": {"id": 1e400}}',
    b'{"issue": {"id": ""}}',
    b"[" * 100_000, b'{"a":' * 100_000, b'{"issue": {"id": "1\\ud800"}}',
]  # fmt: skip


@pytest.mark.parametrize("body", WORDLESS, ids=lambda body: repr(body[:24]))
def test_a_signed_body_that_names_no_ticket_rings_for_none(body: bytes) -> None:
    yard = Yard()
    assert yard.post("jira/acme", body, X_Hub_Signature=signed(body)) == 400
    assert yard.rung == []


def test_a_repeated_delivery_rings_once_for_each_connection() -> None:
    yard = Yard()
    for _ in range(3):
        again = {SIGNATURE: GOOD, DELIVERY: "one"}
        assert yard.post("jira/acme", **again) == 202  # type: ignore[arg-type]  # no body
    yard.post("jira/acme", **{SIGNATURE: GOOD, DELIVERY: "two"})  # type: ignore[arg-type]
    yard.post(f"snow/{ADDRESS}", **{DELIVERY: "one"})  # type: ignore[arg-type]
    assert [name for name, _ in yard.rung] == ["jira/acme", "jira/acme", "snow"]
    assert yard.counted.count(("jira/acme", "repeated")) == 2


def test_a_forged_delivery_does_not_use_up_its_name() -> None:
    yard = Yard()
    yard.post("jira/acme", **{DELIVERY: "one"})  # type: ignore[arg-type]
    yard.post("jira/acme", **{SIGNATURE: GOOD, DELIVERY: "one"})  # type: ignore[arg-type]
    assert len(yard.rung) == 1


def test_deliveries_are_remembered_for_a_while_only() -> None:
    known = Deliveries()
    assert not any(known.repeated("jira", str(number)) for number in range(REMEMBERED))
    assert known.repeated("jira", "0")
    assert not known.repeated("jira", "one more")
    assert (known.repeated("jira", "1"), known.repeated("jira", "0")) == (True, False)


def test_a_body_at_the_bound_is_taken_and_one_beyond_is_not() -> None:
    yard = Yard()
    largest = BODY + b" " * (MOST_BODY - len(BODY))
    assert yard.post("jira/acme", largest, X_Hub_Signature=signed(largest)) == 202
    larger = largest + b" "
    assert yard.post("jira/acme", larger, X_Hub_Signature=signed(larger)) == 413
    assert len(yard.rung) == 1


def test_more_than_so_many_a_second_are_put_off() -> None:
    yard = Yard(a_second=0.0)
    codes = [yard.post("jira/acme", X_Hub_Signature=GOOD) for _ in range(PER_SECOND + 5)]
    assert codes == [202] * PER_SECOND + [429] * 5
    yard.now += 1.0
    assert yard.post("jira/acme", X_Hub_Signature=GOOD) == 202


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_a_post_rings(method: str) -> None:
    yard = Yard()
    answer = yard.web.open("/hooks/jira/acme", method=method, headers={SIGNATURE: GOOD}, data=BODY)
    assert (answer.status_code, yard.rung) == (405, [])


def test_refusals_are_told_at_once_and_then_once_a_minute() -> None:
    yard = Yard()
    for _ in range(int(LOGGED_EVERY) + 2):
        yard.post("jira/acme")
    first, second = yard.lines
    assert first == "webhooks: requests without proof were refused"
    assert second == f"{first} (59 more before)"


def test_a_flood_of_forgeries_asks_nobody_and_keeps_nothing(tmp_path: Path) -> None:
    """S16: 100,000 of them with HYPOTHESIS_PROFILE=deep."""
    with desk_over(tmp_path, [ticket(1)]) as (desk, connector):
        desk.run()
        asked = Asked(connector)
        yard = Yard(a_second=0.01)
        for number in range(500):
            yard.post("jira/acme", b'{"issue": {"id": "%d"}}' % number, X_Hub_Signature=GOOD)
        tracemalloc.start()
        before = kept(yard)
        for number in range(examples(1_000, 100_000)):
            delivery = {SIGNATURE: f"sha256={number:064x}", DELIVERY: str(number)}
            code = yard.post("jira/acme", b'{"issue": {"id": "%d"}}' % number, **delivery)
            assert code in (401, 429)
            yard.counted.clear()
        grown = kept(yard) - before
        tracemalloc.stop()
    assert (yard.rung, asked.calls) == ([], 0)
    assert grown < 10_000


def kept(yard: Yard) -> int:
    """Bytes held by more than the yard's own notes and circles that wait for their collection."""
    yard.counted.clear()
    yard.lines.clear()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


class Asked:
    """Counts what a connector is asked, from now on."""

    def __init__(self, connector: MemoryConnector) -> None:
        self.calls = 0
        for name in ("check", "pull", "fetch", "write"):
            setattr(connector, name, self.ask)

    def ask(self, *_: object) -> None:
        self.calls += 1


def test_a_flood_of_true_rings_is_bounded_too() -> None:
    bell = Doorbell(lambda: None)
    pages = hook_pages(
        (Hook("snow", "address", ADDRESS.encode()),), bell.ring, lambda *_: None, print
    )
    web = create_app([pages]).test_client()
    codes = {
        web.post(f"/hooks/snow/{ADDRESS}", json={"sys_id": f"{number:032x}"}).status_code
        for number in range(MOST + 100)
    }
    assert codes <= {202, 429}
    assert len(bell.answer("snow")) <= MOST


SECRETS = {
    "X": "0123456789abcdef",
    "SHORT": "0123456789abcde",
    "SAME": "a" * 64,
    "PATH": ADDRESS,
    "SPACED": "0123456789abcdef 0123456789abcdef",
}


@pytest.mark.parametrize(
    ("variable", "proof", "why"),
    [
        ("X", "signature", ""),
        ("SPACED", "signature", ""),
        ("SHORT", "signature", "needs 16 characters"),
        ("SAME", "signature", "can be guessed"),
        ("NONE", "signature", "is not set"),
        ("PATH", "address", ""),
        ("X", "address", "needs 32 characters"),
        ("SPACED", "address", "letters, digits, - and _ only"),
        ("NONE", "address", "is not set"),
    ],
)
def test_a_secret_that_could_be_guessed_opens_nothing(variable: str, proof: str, why: str) -> None:
    said = WebhookSettings.model_validate({"secret_env": variable, "proof": proof})
    found, lacking = hooks({"jira": said}, SECRETS.get)
    assert bool(found) is not bool(why)
    assert all(why in one and SECRETS.get(variable, "-") not in one for one in lacking)
    assert bool(lacking) is bool(why)
