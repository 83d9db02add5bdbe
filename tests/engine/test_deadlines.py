"""Deadlines: dates that tickets bear, and times of day in words."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.calendars import Calendar, elapsed
from sla_engine.deadlines import falls_on, stated_in
from sla_engine.model import Value
from sla_engine.policy_files import load_texts
from sla_engine.terms import Deadline, Target
from sla_engine.units import DAY, HOUR, Instant, Millis, to_datetime
from tests.engine.desk import at

OFFICE = Calendar.from_mapping("mon-fri 09:00-17:00 Europe/Berlin")
NIGHT = Calendar.from_mapping("mon-fri 22:00-06:00 Europe/Berlin")
ALWAYS = Calendar.from_mapping("24x7")
NEVER = Calendar.from_mapping({"tz": "UTC", "hours": "mon-fri 09:00-17:00", "minus": ["24x7"]})
FIVE = Millis(17 * HOUR)
CALENDARS = st.sampled_from([OFFICE, NIGHT, ALWAYS, NEVER])
STARTS = st.integers(at("2026-01-01 00:00"), at("2027-01-01 00:00")).map(Instant)
DEADLINES = st.builds(
    Deadline,
    time=st.integers(0, 1440).map(lambda minutes: Millis(minutes * 60_000)),
    days=st.integers(0, 9),
    weekday=st.none() | st.integers(0, 6),
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("2026-11-17", "2026-11-17 23:00", id="a day is over at its end"),
        pytest.param("2026-10-25", "2026-10-25 23:00", id="also the one of 25 hours"),
        pytest.param("2026-11-17T12:00:00.000+0100", "2026-11-17 11:00", id="as Jira says it"),
        pytest.param("2026-11-17 12:00:00", "2026-11-17 12:00", id="as ServiceNow does: UTC"),
        pytest.param("soon", None, id="no date"),
        pytest.param("2026-02-30", None, id="no such day"),
        pytest.param("0001-01-01T00:00:00+14:00", None, id="before all time"),
        pytest.param("9999-12-31", None, id="after all time"),
        pytest.param("", None, id="nothing"),
        pytest.param(None, None, id="empty"),
        pytest.param(("2026-11-17",), None, id="several"),
    ],
)
def test_what_a_date_field_means(value: Value, expected: str | None) -> None:
    assert stated_in(value, "Europe/Berlin") == (None if expected is None else at(expected))


@given(DEADLINES, CALENDARS, STARTS)
def test_a_deadline_in_words_is_ahead_at_its_time_of_day(
    deadline: Deadline, calendar: Calendar, start: Instant
) -> None:
    due = falls_on(deadline, calendar, start)
    assert due > start
    local = to_datetime(due, ZoneInfo(calendar.zone))
    minutes = local.hour * 60 + local.minute
    gap = local.month == 3 and local.day == 29  # an hour that is skipped moves it
    assert minutes == deadline.time // 60_000 % 1440 or gap
    if deadline.weekday is not None and deadline.time < DAY:
        assert local.weekday() == deadline.weekday
        assert due - start <= 7 * DAY + HOUR


@given(st.integers(1, 9), STARTS)
def test_so_many_business_days_lie_between(days: int, start: Instant) -> None:
    due = falls_on(Deadline(time=FIVE, days=days), OFFICE, start)
    today = to_datetime(start, ZoneInfo("Europe/Berlin")).date()
    midnight = stated_in(today.isoformat(), "Europe/Berlin")
    assert midnight is not None
    assert elapsed(OFFICE, midnight, due) == days * OFFICE.day


def test_the_end_of_a_night_is_no_business_day() -> None:
    friday = at("2026-11-20 12:00")
    assert falls_on(Deadline(time=FIVE, days=1), NIGHT, friday) == at("2026-11-23 16:00")


def test_the_latest_time_of_a_day_is_its_end() -> None:
    assert falls_on(Deadline(time=Millis(DAY)), ALWAYS, at("12:00")) == at("2026-11-17 00:00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("duedate", Deadline("duedate")),
        ("17:00 today", Deadline(time=FIVE)),
        ("17:00  Next Business Day", Deadline(time=FIVE, days=1)),
        ("17:00 in 1 business day", Deadline(time=FIVE, days=1)),
        ("17:00 in 10 business days", Deadline(time=FIVE, days=10)),
        ("17:00 mon", Deadline(time=FIVE, weekday=0)),
        ("17:00 sunday", Deadline(time=FIVE, weekday=6)),
        ("24:00 today", Deadline(time=Millis(DAY))),
    ],
)
def test_deadlines_as_written(text: str, expected: Deadline) -> None:
    said = f'match: {{project: SUP}}, calendar: 24x7, targets: {{resolution: {{due: "{text}"}}}}'
    loaded, _ = load_texts({"a.yaml": f"schema: sla/v1\npolicies: {{support: {{{said}}}}}\n"})
    (target,) = loaded.policies[0].clocks[0].targets.leaves()
    assert isinstance(target, Target)
    assert target.due == expected
