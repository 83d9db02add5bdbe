"""Instants and durations: how they are written, and that nothing is lost on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.units import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Duration,
    Instant,
    Millis,
    from_datetime,
    parse_duration,
    parse_iso,
    to_datetime,
    to_iso,
)

instants = st.integers(-62_135_596_800_000, 253_402_300_799_999).map(Instant)  # years 1 to 9999


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", Duration(Millis(90_000))),
        ("15m", Duration(Millis(15 * MINUTE))),
        ("4h", Duration(Millis(4 * HOUR))),
        ("2h30m", Duration(Millis(150 * MINUTE))),
        ("1h 30m", Duration(Millis(90 * MINUTE))),
        ("1h 30m 15s", Duration(Millis(90 * MINUTE + 15 * SECOND))),
        ("30m 1h", Duration(Millis(90 * MINUTE))),
        ("1m 1m", Duration(Millis(2 * MINUTE))),
        ("3bd", Duration(business_days=3)),
        ("1bd 4h", Duration(Millis(4 * HOUR), business_days=1)),
        ("1bd 2bd", Duration(business_days=3)),
        ("6mo", Duration(months=6)),
        ("1mo 1mo", Duration(months=2)),
        ("7d", Duration(Millis(7 * DAY), calendar_days=True)),
        ("2w", Duration(Millis(14 * DAY), calendar_days=True)),
        ("1d 2h", Duration(Millis(26 * HOUR), calendar_days=True)),
        ("24h", Duration(Millis(DAY))),
        ("0m", Duration()),
        ("36525d", Duration(Millis(3_155_760_000_000), calendar_days=True)),
        ("999999999s", Duration(Millis(999_999_999_000))),
    ],
)
def test_a_duration_is_read(text: str, length: Duration) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize(
    "text",
    ["", "4", "h", "4 h", "4 hours", "4H", "-4h", "+4h", "1.5h", "1,5h", "4h  30m", " 4h", "4h ",
     "4h\n", "4y", "4h-30m", "1 000s", "1234567890s", "٤h", "4h30", "P1D", "1_0m", "bd", "36525d1s",
     "999999999bd"],
)  # fmt: skip
def test_what_is_no_duration_is_none(text: str) -> None:
    assert parse_duration(text) is None


def test_a_length_on_a_calendar_counts_its_business_days() -> None:
    length = Duration(Millis(HOUR), business_days=2)
    assert length.on(Millis(8 * HOUR)) == 17 * HOUR
    assert Duration().on(Millis(8 * HOUR)) == 0


def test_an_instant_is_cut_to_the_millisecond_never_rounded() -> None:
    assert from_datetime(datetime(1970, 1, 1, 0, 0, 1, 999, tzinfo=UTC)) == 1_000
    assert from_datetime(datetime(1970, 1, 1, 0, 0, 0, 1_999, tzinfo=UTC)) == 1
    assert from_datetime(datetime(1969, 12, 31, 23, 59, 59, 999_500, tzinfo=UTC)) == -1


def test_a_moment_without_zone_is_refused() -> None:
    naive = datetime(2026, 11, 16, 9)  # noqa: DTZ001  # what is refused
    with pytest.raises(ValueError, match="has no time zone"):
        from_datetime(naive)


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.001Z", 1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:00:00.000+0000", 0),
        ("1969-12-31T19:00:00-0500", 0),
        ("1970-01-01T05:45:01.5+05:45", 1_500),
        ("1970-01-02 00:00:00Z", DAY),
    ],
)
def test_iso_is_read_with_any_offset(text: str, millis: int) -> None:
    assert parse_iso(text) == millis


@pytest.mark.parametrize(
    "text", ["", "now", "2026-11-16", "2026-11-16T09:00:00", "2026-13-01T00:00:00Z", "1699999999"]
)
def test_iso_without_offset_or_sense_is_none(text: str) -> None:
    assert parse_iso(text) is None


@pytest.mark.parametrize(
    ("millis", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (999, "1970-01-01T00:00:00.999Z"),
        (1_000, "1970-01-01T00:00:01Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
    ],
)
def test_iso_is_written_with_milliseconds_only_where_there_are_some(millis: int, text: str) -> None:
    assert to_iso(Instant(millis)) == text


@given(instants)
def test_what_is_written_is_read_again(at: Instant) -> None:
    assert parse_iso(to_iso(at)) == at
    assert from_datetime(to_datetime(at)) == at


@given(instants.filter(lambda at: abs(at) < 4_000_000_000_000))
def test_a_zone_changes_the_wall_clock_and_not_the_instant(at: Instant) -> None:
    there = to_datetime(at, ZoneInfo("Asia/Kathmandu"))
    assert from_datetime(there) == at
    assert there == to_datetime(at)
    assert to_datetime(at).tzinfo is UTC


@given(instants.filter(lambda at: abs(at) < 4_000_000_000_000), st.integers(-14 * 60, 14 * 60))
def test_any_offset_names_the_same_instant(at: Instant, minutes: int) -> None:
    there = to_datetime(at).astimezone(timezone(timedelta(minutes=minutes)))
    assert parse_iso(there.isoformat()) == at


@given(st.lists(st.tuples(st.integers(0, 999), st.sampled_from("smh")), min_size=1, max_size=5))
def test_lengths_add_up_however_they_are_split(parts: list[tuple[int, str]]) -> None:
    seconds = {"s": 1, "m": 60, "h": 3600}
    for joined in ("".join, " ".join):
        length = parse_duration(joined(f"{number}{unit}" for number, unit in parts))
        assert length == Duration(Millis(sum(n * seconds[unit] for n, unit in parts) * SECOND))
