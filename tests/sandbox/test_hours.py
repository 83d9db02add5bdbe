from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import parse_moment
from sandbox.hours import DAY, HOUR, MINUTE, at_work, berlin, last_clock_change, on_day

FRIDAY = parse_moment("2026-11-20T16:30:00+01:00")


@pytest.mark.parametrize(
    ("begin", "minutes", "end"),
    [
        pytest.param("2026-11-20T10:00+01:00", 90, "2026-11-20T11:30+01:00", id="one day"),
        pytest.param("2026-11-20T16:30+01:00", 90, "2026-11-23T09:30+01:00", id="over a weekend"),
        pytest.param("2026-11-21T12:00+01:00", 1, "2026-11-23T09:01+01:00", id="begun on Saturday"),
        pytest.param("2026-11-20T20:00+01:00", 0, "2026-11-23T09:00+01:00", id="nothing to do"),
        pytest.param("2026-10-23T16:30+02:00", 90, "2026-10-26T09:30+01:00", id="clock change"),
    ],
)
def test_agents_work_office_hours(begin: str, minutes: int, end: str) -> None:
    assert at_work(parse_moment(begin), minutes) == parse_moment(end)


@given(st.integers(0, 60 * DAY), st.integers(0, 3_000))
def test_work_ends_in_office_hours_and_not_before_its_length(offset: int, minutes: int) -> None:
    begin = FRIDAY - offset
    end = at_work(begin, minutes)
    assert end >= begin + minutes * MINUTE
    assert berlin(end).weekday() < 5
    assert timedelta(hours=9) <= timedelta(hours=berlin(end).hour, minutes=berlin(end).minute)


def test_a_day_keeps_its_wall_clock_over_the_change() -> None:
    assert berlin(on_day(FRIDAY, -30, "14:40:07")).isoformat() == "2026-10-21T14:40:07+02:00"


def test_the_last_clock_change_is_that_of_october() -> None:
    change = last_clock_change(FRIDAY)
    assert change == parse_moment("2026-10-25T01:00:00Z")
    assert berlin(change - HOUR).hour == berlin(change).hour == 2
