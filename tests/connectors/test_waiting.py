"""The pace that is kept, and what is left alone for a while."""

from __future__ import annotations

import pytest

from connectors.base import TransientError
from connectors.envelope import Answer, SlowDownError
from connectors.holds import Holds
from connectors.pace import Pace
from tests.connectors.wire import Time, server


def test_a_pace_is_a_seconds_worth_at_once_and_then_steady() -> None:
    time = Time()
    pace = Pace(2, time.sleep, time.clock)
    for after in (0, 0, 0, 0.25, 0, 10, 0, 0):
        time.now += after
        pace.take()
    assert time.slept == pytest.approx([0.5, 0.25, 0.5, 0.5])


def test_no_pace_is_no_wait() -> None:
    time = Time()
    pace = Pace(0, time.sleep, time.clock)
    for _ in range(100):
        pace.take()
    assert time.slept == []


def test_of_two_holds_the_longer_counts() -> None:
    time = Time()
    holds = Holds(time.sleep, time.clock)
    short, long = TransientError("short"), TransientError("long")
    holds.put("", 10, short)
    holds.put("GET /x", 20, long)
    assert holds.wait("GET", "/x", 19) is long
    assert holds.wait("GET", "/x", 20) is None
    assert time.slept == [20]


@pytest.mark.parametrize(("status", "second"), [(204, 2), (399, 2), (400, 4), (429, 4)])
def test_only_what_goes_well_ends_the_doubling(status: int, second: float) -> None:
    time = Time()
    holds = Holds(time.sleep, time.clock)
    for _ in range(2):
        holds.refused("GET", "/x", SlowDownError("no"))
        holds.wait("GET", "/x", 60)
        holds.heard(Answer(server("https://acme.example"), "GET /x", status, {}, b""))
    assert time.slept == [2, second]
