"""Calendars made from others, each made in the one way that its parts ask for."""

from __future__ import annotations

from sla_engine.calendars import (
    Calendar,
    calendar_of,
    elapsed,
    in_zone,
    is_union,
    open_intervals,
    without,
)
from sla_engine.calendars.correcting import only_dated
from sla_engine.calendars.spans import Once, Recurring, Weekly
from sla_engine.units import DAY, HOUR, Instant, parse_iso

ALWAYS = Calendar.from_mapping("24x7")
MORNINGS = Recurring("Europe/Berlin", "FREQ=DAILY", ((9 * HOUR, 12 * HOUR),))
TOKYO = "Asia/Tokyo"


def at(text: str) -> Instant:
    instant = parse_iso(text)
    assert instant is not None
    return instant


MONDAY = at("2026-11-16T00:00Z")
MIDDAY = Once(MONDAY + 10 * HOUR, MONDAY + 13 * HOUR)


def berlin() -> Calendar:
    return Calendar.from_mapping("mon-fri 09:00-17:00 Europe/Berlin", name="berlin")


def opens(calendar: Calendar) -> list[float]:
    """Hours of the Monday at which it opens and closes, in UTC; before its midnight below zero."""
    spans = open_intervals(calendar, Instant(MONDAY - DAY // 2), Instant(MONDAY + DAY))
    return [(edge - MONDAY) / HOUR for span in spans for edge in span]


def test_one_opening_is_a_calendar_and_several_are_all_of_them() -> None:
    alone, both = calendar_of("a", [MIDDAY], "UTC"), calendar_of("b", [MIDDAY, MORNINGS], "UTC")
    assert (alone.name, opens(alone), is_union(alone)) == ("a", [10, 13], False)
    assert (both.name, opens(both), is_union(both)) == ("b", [8, 13], True)


def test_without_nothing_it_is_the_calendar_itself() -> None:
    office = berlin()
    assert without(office, ()) is office
    assert opens(without(office, (calendar_of("lunch", [MIDDAY], "UTC"),))) == [8, 10, 13, 16]


def test_a_union_is_one_in_any_of_its_versions_and_with_holes_too() -> None:
    known = {"berlin": berlin()}
    two = {"union": ["berlin", "sat 10:00-12:00 UTC"], "day": "8h"}
    versions = [
        {"tz": "UTC", "hours": "mon-fri 09:00-17:00"},
        {**two, "effective": "2026-07-01"},
    ]
    assert is_union(Calendar.from_mapping(versions, known=known))
    assert is_union(without(Calendar.from_mapping(two, known=known), (berlin(),)))
    assert not is_union(without(berlin(), (Calendar.from_mapping(two, known=known),)))


def test_another_zone_moves_what_hangs_on_a_wall_clock_of_its_own() -> None:
    hole = calendar_of("lunch", [Once(MONDAY + 2 * HOUR, MONDAY + 3 * HOUR)], "UTC")
    assert in_zone(ALWAYS, TOKYO) is ALWAYS
    assert opens(in_zone(berlin(), TOKYO)) == [0, 8]
    assert opens(in_zone(without(berlin(), (hole,)), TOKYO)) == [0, 2, 3, 8]
    moved = in_zone(berlin(), TOKYO)
    assert (moved.zone, moved.name) == (TOKYO, "berlin in Asia/Tokyo")
    for fixed in (calendar_of("a", [MIDDAY], "UTC"), calendar_of("b", [MIDDAY, MORNINGS], "UTC")):
        assert opens(in_zone(fixed, TOKYO)) == opens(fixed)


def test_openings_that_bear_their_date_are_no_others_than_they_are() -> None:
    one, same = calendar_of("a", [MIDDAY], "UTC"), calendar_of("b", [MIDDAY], "UTC")
    other = calendar_of("a", [MORNINGS], "UTC")
    assert only_dated(one, same)
    assert not only_dated(one, other)
    later = calendar_of("a", [Once(MIDDAY.start, MIDDAY.end + 1)], "UTC")
    assert not only_dated(one, later)
    assert elapsed(later, MONDAY, Instant(MONDAY + DAY)) == 3 * HOUR + 1
    assert not only_dated(one, calendar_of("a", [Weekly("UTC", ((),) * 7)], "UTC"))


def test_openings_that_no_one_writes_as_hours_are_described_too() -> None:
    night = Once(MONDAY - HOUR, MONDAY + 30 * 60_000)
    assert calendar_of("a", [night], "UTC").describe() == (
        "15 Nov 2026 23 to 16 Nov 2026 00:30 UTC"
    )
    assert calendar_of("b", [MORNINGS], "UTC").describe() == "FREQ=DAILY 09–12 Europe/Berlin"
