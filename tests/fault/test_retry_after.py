"""Every way in which a server asks us to wait, and that nothing is sent before."""

from __future__ import annotations

import pytest
import responses

from connectors.base import Allowance, TransientError
from connectors.envelope import SlowDownError
from connectors.retries import tell_attempts
from connectors.waits import (
    allowance_of,
    exhausted_wait,
    requested_wait,
    scope_of,
    scopes_of,
)
from service.delivery.promises import SEND_WINDOW
from sla_engine.units import Millis
from tests.connectors.wire import JSON, Reply, Time, client, wire

Facts = tuple[tuple[str, str], ...]
NOON = "Sat, 21 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "at_least"),
    [
        ({"Retry-After": "12"}, 12),
        ({"Retry-After": "0"}, 1),
        (
            {
                "Date": "Sat, 21 Nov 2026 09:00:00 GMT",
                "Retry-After": "Sat, 21 Nov 2026 09:00:30 GMT",
            },
            30,
        ),
        ({"Date": "Sat, 21 Nov 2026 09:00:00 GMT", "X-RateLimit-Reset": "2026-11-21T09:00Z"}, 1),
        (
            {"Date": "Sat, 21 Nov 2026 09:00:00 GMT", "X-RateLimit-Reset": "2026-11-21T09:00:40Z"},
            40,
        ),
    ],
    ids=["seconds", "zero", "date", "reset without seconds", "reset"],
)
def test_no_request_is_sent_before_the_server_allows(
    headers: dict[str, str], at_least: float
) -> None:
    time = Time()
    with responses.RequestsMock() as mock:
        mock.get("https://acme.example/x", status=429, headers=headers)
        mock.get("https://acme.example/x", json={})
        client("https://acme.example", time).read("GET", "/x")
    (slept,) = time.slept
    assert at_least <= slept <= at_least + 1


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "12"}, 12),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "999999999"}, 3600),
        ({"Retry-After": "1847"}, 1847),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "١٢"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": " 12 "}, 12),
        ({"Retry-After": "+12"}, None),
        ({"Retry-After": "1e3"}, None),
        ({"Retry-After": "1_000"}, None),
        ({"Retry-After": "12, 30"}, None),
        ({"Retry-After": "2026-11-21T12:00Z"}, None),
        ({"Retry-After": "9" * 5000}, None),
        ({}, None),
        ({"Date": NOON, "Retry-After": "Sat, 21 Nov 2026 12:00:30 GMT"}, 30),
        ({"Date": NOON, "Retry-After": "Sat, 21 Nov 2026 12:00:30 -0000"}, 30),
        ({"Date": NOON, "Retry-After": "Sat, 21 Nov 2026 12:30:00 GMT"}, 1800),
        ({"Date": NOON, "Retry-After": "Sat, 21 Nov 2026 13:00:30 +0100"}, 30),
        ({"Date": NOON, "X-RateLimit-Reset": "2026-11-21T13:01+01:00"}, 60),
        ({"Date": NOON, "X-RateLimit-Reset": "2026-11-21T12:01"}, 60),
        ({"Date": NOON, "Retry-After": "Sat, 21 Nov 2027 12:00:00 GMT"}, 3600),
        ({"Date": NOON, "Retry-After": "Saturday, 21-Nov-26 12:00:30 GMT"}, 30),
        ({"Date": NOON, "Retry-After": "Sat Nov 21 12:00:30 2026"}, 30),
        ({"Date": "noon", "Retry-After": "Sat, 21 Nov 2026 12:00:30 GMT"}, None),
        ({"Date": NOON, "Retry-After": "Sat, 21 Nov 2026 11:00:00 GMT"}, 1),
        ({"Date": NOON, "Retry-After": "Sat, 21 Nov 99999 11:00:00 GMT"}, None),
        ({"Retry-After": "Sat, 21 Nov 2026 12:00:30 GMT"}, None),
        ({"Date": NOON, "X-RateLimit-Reset": "2026-11-21T12:01Z"}, 60),
        ({"Date": NOON, "X-RateLimit-Reset": "2026-11-21T12:00:07.5Z"}, 7.5),
        ({"Date": NOON, "X-RateLimit-Reset": "1795262420"}, 20),
        ({"Date": NOON, "X-RateLimit-Reset": "17"}, 17),
        ({"Date": NOON, "X-RateLimit-Reset": "in a while"}, None),
        ({"Date": NOON, "Retry-After": "junk", "X-RateLimit-Reset": "2026-11-21T12:00:09Z"}, 9),
    ],
    ids=lambda value: "|".join(value.values())[-40:] if isinstance(value, dict) else str(value),
)
def test_what_a_server_asks_us_to_wait(headers: dict[str, str], wait: float | None) -> None:
    assert requested_wait(headers) == wait


@pytest.mark.parametrize(
    ("remaining", "interval", "fill", "wait"),
    [
        (None, None, None, 0),
        ("1", "60", "10", 0),
        ("0", None, "10", 0),
        ("0", "soon", "10", 0),
        ("0", "60", "10", 6),
        ("0", "60", None, 60),
        ("0", "60", "0", 60),
        ("0", "60", "many", 60),
        ("0", "99999", "1", 3600),
    ],
)
def test_how_long_a_bucket_of_data_center_is_spent(
    remaining: str | None, interval: str | None, fill: str | None, wait: float
) -> None:
    said = {"Remaining": remaining, "Interval-Seconds": interval, "FillRate": fill}
    headers = {f"X-RateLimit-{name}": text for name, text in said.items() if text is not None}
    assert exhausted_wait(headers) == wait


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"Remaining": "38", "Limit": "50"}, Allowance(38, 50)),
        ({"Remaining": "0"}, Allowance(0)),
        ({"Limit": "500", "Reset": "1795262420"}, Allowance(None, 500, Millis(20_000))),
        ({"Remaining": "9", "Reset": "2026-11-21T12:01Z"}, Allowance(9, None, Millis(60_000))),
        ({"Remaining": "9", "Reset": "2026-11-21T11:59Z"}, Allowance(9, None, Millis(0))),
        ({"Remaining": "9", "Reset": "in a while"}, Allowance(9)),
        ({"Remaining": "many", "Limit": "-1"}, None),
        ({"Reset": "1795262420"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_what_an_answer_says_is_left(said: dict[str, str], expected: Allowance | None) -> None:
    headers = {"Date": NOON} | {f"X-RateLimit-{name}": text for name, text in said.items()}
    assert allowance_of(headers) == expected


def test_the_latest_answer_that_says_what_is_left_is_kept() -> None:
    told = [(*JSON, ("X-RateLimit-Remaining", left)) for left in ("8", "7")]
    with wire(Reply(headers=told[0]), Reply(headers=told[1]), Reply()) as jira:
        one = client(jira.url)
        assert one.allowance is None
        for _ in range(3):
            one.read("GET", "/x")
    assert one.allowance == Allowance(7)


@pytest.mark.parametrize(
    ("method", "path", "reason", "scope"),
    [
        ("PUT", "/issue/10001/comment/7", "jira-per-issue-on-write", "write /issue/10001"),
        ("GET", "/issue/10001", "jira-per-issue-on-write", "GET /issue/10001"),
        ("PUT", "/x/10001", "jira-per-issue-on-write", "PUT /x/10001"),
        ("PUT", "/issue/10001/comment/7", "jira-burst-based", "PUT /issue/*/comment/*"),
        ("PUT", "/issue/10001", "jira-quota-global-based", ""),
        ("PUT", "/issue/10001", "", ""),
    ],
)
def test_what_a_429_closes(method: str, path: str, reason: str, scope: str) -> None:
    assert scope_of(method, path, reason) == scope
    assert scope in scopes_of(method, path)


@pytest.mark.parametrize(
    ("facts", "attempts", "told"),
    [
        ((), 1, ()),
        ((), 2, (("", "2 attempts in 34 s"),)),
        ((("", "refused"),), 1, (("", "refused"),)),
        (
            (("", "refused"), ("tried", "x")),
            3,
            (("", "refused · 3 attempts in 34 s"), ("tried", "x")),
        ),
        ((("tried", "x"),), 2, (("tried", "x"), ("", "2 attempts in 34 s"))),
    ],
)
def test_how_often_it_was_tried_is_told(facts: Facts, attempts: int, told: Facts) -> None:
    error = TransientError("no", facts)
    tell_attempts(error, attempts, 34.4)
    assert error.facts == told


def test_a_long_wait_is_left_to_the_next_pass_and_kept() -> None:
    time = Time()
    limited = Reply(429, headers=(*JSON, ("Retry-After", "600")))
    with wire(limited, Reply()) as jira:
        one = client(jira.url, time)
        with pytest.raises(SlowDownError) as raised:
            one.read("GET", "/x")
        with pytest.raises(SlowDownError):
            one.read("GET", "/y")
        assert one.write("PUT", "/y").kind == "retryable"
        assert time.slept == []
        assert len(jira.asked) == 1
        time.now += 570
        one.read("GET", "/x")
    assert raised.value.facts[0] == ("", "Retry-After 600 s")
    assert time.slept == pytest.approx([30])


def test_a_burst_limit_closes_one_kind_of_request_only() -> None:
    limited = Reply(
        429, headers=(*JSON, ("Retry-After", "600"), ("RateLimit-Reason", "jira-burst-based"))
    )
    with wire(limited, Reply()) as jira:
        one = client(jira.url)
        assert one.write("PUT", "/rest/api/3/issue/10001").kind == "retryable"
        assert one.write("PUT", "/rest/api/3/issue/10002").kind == "retryable"
        assert len(jira.asked) == 1
        assert one.write("POST", "/rest/api/3/issue/10002/comment").kind == "confirmed"
        one.read("GET", "/rest/api/3/issue/10002")


def test_a_limit_of_one_issue_closes_that_issue_only() -> None:
    reason = ("RateLimit-Reason", "jira-per-issue-on-write")
    with wire(Reply(429, headers=(*JSON, ("Retry-After", "9"), reason)), Reply()) as jira:
        one = client(jira.url)
        one.write("PUT", "/rest/api/3/issue/10001")
        assert one.write("PUT", "/rest/api/3/issue/10001").kind == "retryable"
        assert one.write("PUT", "/rest/api/3/issue/10002").kind == "confirmed"
    assert len(jira.asked) == 2


def test_a_spent_bucket_of_data_center_is_waited_for() -> None:
    time = Time()
    spent = (
        *JSON,
        ("X-RateLimit-Remaining", "0"),
        ("X-RateLimit-Interval-Seconds", "60"),
        ("X-RateLimit-FillRate", "10"),
    )
    with wire(Reply(headers=spent), Reply()) as jira:
        one = client(jira.url, time)
        one.read("GET", "/x")
        one.read("GET", "/x")
    assert time.slept == [6.0]


def test_a_bucket_that_fills_too_slowly_is_left_to_the_next_pass() -> None:
    time = Time()
    spent = (
        ("X-RateLimit-Remaining", "0"),
        ("X-RateLimit-Interval-Seconds", "600"),
        ("X-RateLimit-FillRate", "1"),
    )
    with wire(Reply(headers=(*JSON, *spent))) as jira:
        one = client(jira.url, time)
        one.read("GET", "/x")
        with pytest.raises(SlowDownError, match="allows no request for 600 s"):
            one.read("GET", "/x")
        assert one.write("PUT", "/x").kind == "retryable"
    assert (time.slept, len(jira.asked)) == ([], 1)


def test_a_write_is_sent_again_after_a_short_wait_that_was_asked_for() -> None:
    time = Time()
    with wire(Reply(429, headers=(*JSON, ("Retry-After", "3"))), Reply(204, b"", ())) as jira:
        assert client(jira.url, time).write("PUT", "/x").kind == "confirmed"
    assert len(jira.asked) == 2
    assert time.slept == [3]


def test_a_write_is_never_held_up_beyond_the_time_in_which_it_may_be_sent() -> None:
    time = Time()
    with wire(Reply(429, headers=(*JSON, ("Retry-After", "4")))) as jira:
        one = client(jira.url, time)
        one.write("PUT", "/x")
        begun = time.now
        assert one.write("PUT", "/x").kind == "retryable"
    assert len(jira.asked) == 4
    assert (time.now - begun) * 1000 < SEND_WINDOW


def test_who_is_not_told_how_long_waits_twice_as_long_each_time() -> None:
    time = Time()
    with wire(Reply(429), Reply(429), Reply(429), Reply(204, b"", ()), Reply(429)) as jira:
        one = client(jira.url, time)
        outcomes = [one.write("PUT", "/x").kind for _ in range(3)]
        assert outcomes == ["retryable"] * 3
        assert (time.slept, len(jira.asked)) == ([2, 4], 3)
        time.now += 8
        assert one.write("PUT", "/x").kind == "confirmed"
        one.write("PUT", "/x")
    assert time.slept == [2, 4, 2]
