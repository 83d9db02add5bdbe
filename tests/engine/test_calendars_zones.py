"""Zones as stretches of one offset agree with zoneinfo; wall-clock times fall where they must."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.calendars.zones import closings, openings, stretches
from sla_engine.units import DAY, HOUR, MINUTE, Instant, parse_iso, to_datetime, to_iso
from tests.engine.calendar_worlds import CHANGES

ZONES = sorted({zone for zone, _ in CHANGES} | {"America/Boa_Vista", "Asia/Gaza", "Asia/Kathmandu"})
YEARS = st.integers(0, 230 * 365 * DAY)


def at(text: str) -> Instant:
    instant = parse_iso(text)
    assert instant is not None
    return instant


@given(st.sampled_from(ZONES), YEARS, YEARS, st.data())
def test_every_instant_has_the_offset_of_its_stretch(
    zone: str, one: int, other: int, data: st.DataObject
) -> None:
    low, high = sorted((one, min(other, one + 3000 * DAY)))
    found = stretches(zone, low, high)
    begins = [begin for begin, _ in found]
    assert begins == sorted(set(begins))
    assert begins[0] == low
    when = data.draw(
        st.integers(low, high)
        | st.sampled_from(begins)
        | st.sampled_from(begins[1:] or begins).map(lambda begin: max(low, begin - 1))
    )
    offset = [offset for begin, offset in found if begin <= when][-1]
    local = to_datetime(Instant(when), ZoneInfo(zone)).utcoffset()
    assert local is not None
    assert offset == local.total_seconds() * 1000


def test_offsets_that_hold_a_week_are_seen() -> None:
    # The shortest there were: summer time in Boa Vista, 8 to 15 October 2000.
    found = stretches("America/Boa_Vista", at("2000-09-01T00:00Z"), at("2000-12-01T00:00Z"))
    assert [to_iso(Instant(begin)) for begin, _ in found[1:]] == [
        "2000-10-08T04:00:00Z",
        "2000-10-15T03:00:00Z",
    ]


EDGES = {
    # Berlin: 02:00 to 03:00 is skipped on 29 March, 02:00 to 03:00 comes twice on 25 October.
    "before the gap": ("2026-03-29T01:59", "00:59", "00:59"),
    "where the gap begins": ("2026-03-29T02:00", "01:00", "01:00"),
    "in the gap": ("2026-03-29T02:30", "01:00", "01:00"),
    "where the gap ends": ("2026-03-29T03:00", "01:00", "01:00"),
    "after the gap": ("2026-03-29T03:01", "01:01", "01:01"),
    "before what comes twice": ("2026-10-25T01:59", "23:59", "23:59"),
    "where it begins": ("2026-10-25T02:00", "00:00", "00:00"),
    "just after it begins": ("2026-10-25T02:01", "00:01", "01:01"),
    "within it": ("2026-10-25T02:30", "00:30", "01:30"),
    "where it ends": ("2026-10-25T03:00", "02:00", "02:00"),
}


@pytest.mark.parametrize(("local", "opens", "closes"), EDGES.values(), ids=EDGES)
def test_edges_around_clock_changes(local: str, opens: str, closes: str) -> None:
    wall = [int(at(f"{local}Z"))]
    offsets = stretches("Europe/Berlin", at("2026-01-01T00:00Z"), at("2026-12-31T00:00Z"))
    assert to_iso(Instant(openings(wall, offsets)[0]))[11:16] == opens
    assert to_iso(Instant(closings(wall, offsets)[0]))[11:16] == closes


@given(st.sampled_from(CHANGES), st.lists(st.integers(-3 * 24 * 60, 3 * 24 * 60), max_size=8))
def test_edges_keep_their_order_and_openings_never_come_after_closings(
    change: tuple[str, str], minutes: list[int]
) -> None:
    zone, day = change
    around = at(f"{day}T00:00Z")
    walls = sorted(around + minute * MINUTE for minute in minutes)
    offsets = stretches(zone, around - 9 * DAY, around + 9 * DAY)
    opens, closes = openings(walls, offsets), closings(walls, offsets)
    assert opens == sorted(opens)
    assert closes == sorted(closes)
    assert all(0 <= end - start <= 2 * HOUR for start, end in zip(opens, closes, strict=True))
