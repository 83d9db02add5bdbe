"""Business time keeps its laws, and is right by brute force where clocks change."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_engine.calendars import (
    Calendar,
    advance,
    elapsed,
    in_zone,
    is_open,
    open_intervals,
    opening,
    retreat,
    stretch,
    without,
)
from sla_engine.calendars.calendar import FIRST, LAST
from sla_engine.calendars.changing import calendar_of as made_of
from sla_engine.calendars.spans import Once
from sla_engine.units import DAY, HOUR, MINUTE, Instant, Millis, parse_iso, to_iso
from tests.engine.calendar_worlds import Truth, World, worlds

BERLIN = Calendar.from_mapping("mon-fri 09:00-17:00 Europe/Berlin", name="berlin")
ALWAYS = Calendar.from_mapping("24x7")
FEWER = settings(max_examples=settings().max_examples // 4)  # for what builds many tables
OFFSETS = st.integers(-5 * DAY, 5 * DAY)
LENGTHS = st.integers(1, 30 * HOUR).map(Millis)


def at(text: str) -> Instant:
    instant = parse_iso(text)
    assert instant is not None
    return instant


def calendar_of(world: World) -> Calendar:
    return Calendar.from_mapping(world.terms)


# --- by example -------------------------------------------------------------------------------

ELAPSED = {
    "inside one day": ("2026-11-18T09:00Z", "2026-11-18T11:30Z", 2.5),
    "over a weekend": ("2026-11-20T15:00Z", "2026-11-23T09:00Z", 2),
    "opening counts, closing does not": ("2026-11-18T08:00Z", "2026-11-18T16:00Z", 8),
    "from closing to opening": ("2026-11-18T16:00Z", "2026-11-19T08:00Z", 0),
    "nothing where they are one": ("2026-11-18T10:00Z", "2026-11-18T10:00Z", 0),
    "nothing backwards": ("2026-11-19T10:00Z", "2026-11-18T10:00Z", 0),
    "a winter and a summer week": ("2026-03-23T00:00Z", "2026-04-06T00:00Z", 80),
}


@pytest.mark.parametrize(("a", "b", "hours"), ELAPSED.values(), ids=ELAPSED)
def test_elapsed_is_the_open_time_between(a: str, b: str, hours: float) -> None:
    assert elapsed(BERLIN, at(a), at(b)) == hours * HOUR


ADVANCE = {
    "within the day": ("2026-11-18T09:00Z", 2 * HOUR, "2026-11-18T11:00:00Z"),
    "over the weekend": ("2026-11-20T15:00Z", 2 * HOUR, "2026-11-23T09:00:00Z"),
    "due at closing, not at the next opening": (
        "2026-11-18T14:00Z",
        2 * HOUR,
        "2026-11-18T16:00:00Z",
    ),
    "from outside hours": ("2026-11-21T12:00Z", HOUR, "2026-11-23T09:00:00Z"),
    "nothing is due at once, open or not": ("2026-11-21T12:00Z", 0, "2026-11-21T12:00:00Z"),
    "one millisecond": ("2026-11-21T12:00Z", 1, "2026-11-23T08:00:00.001Z"),
    "a year of hours": ("2026-01-01T00:00Z", 2088 * HOUR, "2026-12-31T16:00:00Z"),
}


@pytest.mark.parametrize(("a", "length", "due"), ADVANCE.values(), ids=ADVANCE)
def test_advance_is_the_earliest_instant_that_suffices(a: str, length: int, due: str) -> None:
    found = advance(BERLIN, at(a), Millis(length))
    assert found is not None
    assert to_iso(found) == due


CLOCK_CHANGES = {
    # policy-language.md, cases 67 to 69: (hours and zone, night, hours worked)
    "an edge in the gap moves to its end": ("mon-sun 02:30-06:00 Europe/Berlin", "2026-03-29", 3),
    "a closing in the gap too": ("mon-sun 00:00-02:30 Europe/Berlin", "2026-03-29", 2),
    "hours all in the gap are none": ("mon-sun 02:00-02:45 Europe/Berlin", "2026-03-29", 0),
    "a night shift in spring": ("mon-sun 00:00-06:00 Europe/Berlin", "2026-03-29", 5),
    "a night shift in autumn": ("mon-sun 00:00-06:00 Europe/Berlin", "2026-10-25", 7),
    "an opening takes the first 02:30": ("mon-sun 02:30-06:00 Europe/Berlin", "2026-10-25", 4.5),
    "a closing takes the second 02:30": ("mon-sun 00:00-02:30 Europe/Berlin", "2026-10-25", 3.5),
    "both do": ("mon-sun 02:15-02:45 Europe/Berlin", "2026-10-25", 1.5),
    "who leaves at 02:00 leaves the first time": (
        "mon-sun 00:00-02:00 Europe/Berlin",
        "2026-10-25",
        2,
    ),
    "who comes at 02:00 comes the first time": (
        "mon-sun 02:00-06:00 Europe/Berlin",
        "2026-10-25",
        5,
    ),
    "shifts that meet in it work each hour once": (
        "mon-sun 00:00-02:30 02:30-06:00 Europe/Berlin",
        "2026-10-25",
        7,
    ),
    "hours apart on the wall may overlap in truth": (
        "mon-sun 00:00-02:30 02:45-06:00 Europe/Berlin",
        "2026-10-25",
        7,
    ),
    "half an hour on Lord Howe": ("mon-sun 00:00-06:00 Australia/Lord_Howe", "2026-04-05", 6.5),
    "midnight skipped": ("mon-sun 00:00-06:00 America/Sao_Paulo", "2018-11-04", 5),
    "midnight repeated": ("mon-sun 22:00-24:00 America/Sao_Paulo", "2018-02-17", 3),
    "a day that never was": ("mon-sun 09:00-17:00 Pacific/Apia", "2011-12-30", 0),
    "around the clock, in spring": ("24x7 Europe/Berlin", "2026-03-29", 23),
    "around the clock, in autumn": ("mon-sun 00:00-24:00 Europe/Berlin", "2026-10-25", 25),
}


@pytest.mark.parametrize(("terms", "day", "hours"), CLOCK_CHANGES.values(), ids=CLOCK_CHANGES)
def test_clock_changes_cost_and_give_real_hours(terms: str, day: str, hours: float) -> None:
    calendar = Calendar.from_mapping(terms)
    whole = Calendar.from_mapping({"tz": calendar.zone, "special": {day: "00:00-24:00"}})
    days = open_intervals(whole, at("1990-01-01T00:00Z"), at("2030-01-01T00:00Z"))
    assert sum(elapsed(calendar, a, b) for a, b in days) == hours * HOUR


@pytest.mark.parametrize("night", ["2026-11-18", "2026-03-28", "2026-10-24"])
def test_a_holiday_removes_the_shift_that_begins_on_it_and_no_other(night: str) -> None:
    terms = {"tz": "Europe/Berlin", "hours": "mon-sun 22:00-06:00"}
    usual = Calendar.from_mapping(terms)
    closed = Calendar.from_mapping({**terms, "holidays": {"add": [night]}})
    a = at(f"{night}T12:00Z")
    b = Instant(a + DAY)
    assert elapsed(closed, a, b) == 0
    assert elapsed(closed, Instant(a - DAY), a) == elapsed(usual, Instant(a - DAY), a) > 0
    assert elapsed(closed, b, Instant(b + DAY)) == elapsed(usual, b, Instant(b + DAY)) > 0


def test_special_hours_beat_a_holiday() -> None:
    calendar = Calendar.from_mapping(
        {
            "tz": "UTC",
            "hours": "mon-fri 09:00-17:00",
            "holidays": {"add": {"2026-12-24": "Christmas Eve", "2026-12-25": "Christmas"}},
            "special": {"2026-12-24": "08:00-12:00", "2026-12-23": "closed"},
        }
    )
    found = open_intervals(calendar, at("2026-12-23T00:00Z"), at("2026-12-26T00:00Z"))
    assert found == [(at("2026-12-24T08:00Z"), at("2026-12-24T12:00Z"))]


# --- brute force ------------------------------------------------------------------------------


@given(worlds(), st.data())
def test_each_minute_counts_as_the_wall_clock_says(world: World, data: st.DataObject) -> None:
    calendar, truth = calendar_of(world), Truth(world)
    margin = 2 * 1440
    a, b = sorted(data.draw(st.integers(margin, truth.minutes - margin)) for _ in "ab")
    assert elapsed(calendar, truth.at(a), truth.at(b)) == truth.elapsed(a, b) * MINUTE
    for minute in (a, b):
        assert is_open(calendar, truth.at(minute)) == truth.opened[minute]


# --- laws -------------------------------------------------------------------------------------


@given(worlds(), OFFSETS, OFFSETS, OFFSETS)
def test_elapsed_is_additive_and_never_more_than_the_wall_clock(
    world: World, x: int, y: int, z: int
) -> None:
    calendar = calendar_of(world)
    a, b, c = (Instant(world.around + offset) for offset in sorted((x, y, z)))
    assert elapsed(calendar, a, c) == elapsed(calendar, a, b) + elapsed(calendar, b, c)
    assert 0 <= elapsed(calendar, a, b) <= b - a


@given(worlds(), OFFSETS, LENGTHS)
def test_advance_is_the_least_inverse_of_elapsed(world: World, offset: int, length: Millis) -> None:
    calendar, a = calendar_of(world), Instant(world.around + offset)
    due = advance(calendar, a, length)
    if due is None:
        assert elapsed(calendar, a, at("2300-01-01T00:00Z")) < length
    else:
        assert elapsed(calendar, a, due) == length
        assert elapsed(calendar, a, Instant(due - 1)) == length - 1


@given(worlds(), OFFSETS, LENGTHS)
def test_retreat_is_advance_in_the_mirror(world: World, offset: int, length: Millis) -> None:
    calendar, a = calendar_of(world), Instant(world.around + offset)
    start = retreat(calendar, a, length)
    if start is None:
        assert elapsed(calendar, at("1960-01-01T00:00Z"), a) < length
    else:
        assert elapsed(calendar, start, a) == length
        assert elapsed(calendar, Instant(start + 1), a) == length - 1


@given(worlds(), OFFSETS, LENGTHS, LENGTHS)
def test_advancing_twice_is_advancing_by_the_sum(
    world: World, offset: int, first: Millis, second: Millis
) -> None:
    calendar, a = calendar_of(world), Instant(world.around + offset)
    halfway = advance(calendar, a, first)
    if halfway is not None:
        both = advance(calendar, a, Millis(first + second))
        assert advance(calendar, halfway, second) == both


@given(worlds(), OFFSETS, OFFSETS)
def test_open_intervals_are_what_elapsed_counts(world: World, x: int, y: int) -> None:
    calendar = calendar_of(world)
    a, b = (Instant(world.around + offset) for offset in sorted((x, y)))
    found = open_intervals(calendar, a, b)
    edges = [edge for interval in found for edge in interval]
    assert edges == sorted(set(edges))
    assert all(a <= edge <= b for edge in edges)
    assert sum(end - start for start, end in found) == elapsed(calendar, a, b)


@given(worlds(), OFFSETS)
def test_opening_is_the_first_open_instant(world: World, offset: int) -> None:
    calendar, a = calendar_of(world), Instant(world.around + offset)
    start = opening(calendar, a)
    if start is not None:
        assert is_open(calendar, start)
        assert start >= a
        assert elapsed(calendar, a, start) == 0


@FEWER
@given(worlds(), worlds(), OFFSETS, OFFSETS)
def test_union_and_minus_are_what_sets_do(one: World, two: World, x: int, y: int) -> None:
    known = {"a": calendar_of(one), "b": calendar_of(two)}
    union = Calendar.from_mapping({"union": ["a", "b"], "day": "8h"}, known=known)
    rest = Calendar.from_mapping({"extends": "a", "minus": "b"}, known=known)
    known["rest"] = rest
    again = Calendar.from_mapping({"union": ["rest", "b"], "day": "8h"}, known=known)
    a, b = (Instant(one.around + offset) for offset in sorted((x, y)))
    first, second = elapsed(known["a"], a, b), elapsed(known["b"], a, b)
    both = elapsed(union, a, b)
    assert max(first, second) <= both <= first + second
    assert both == elapsed(rest, a, b) + second
    assert open_intervals(again, a, b) == open_intervals(union, a, b)


@FEWER
@given(worlds(), st.permutations([-50, -7, 1, 40]), OFFSETS)
def test_the_order_of_questions_changes_no_answer(
    world: World, years: list[int], offset: int
) -> None:
    fresh, asked = calendar_of(world), calendar_of(world)
    for year in years:
        advance(asked, Instant(world.around + year * 366 * DAY), HOUR)
    a = Instant(world.around + offset)
    assert elapsed(asked, a, Instant(a + DAY)) == elapsed(fresh, a, Instant(a + DAY))
    assert advance(asked, a, HOUR) == advance(fresh, a, HOUR)
    assert retreat(asked, a, HOUR) == retreat(fresh, a, HOUR)


@FEWER
@given(worlds())
def test_a_calendar_is_its_meaning(world: World) -> None:
    one, two = calendar_of(world), Calendar.from_mapping(dict(world.terms), name="other")
    assert one == two
    assert hash(one) == hash(two)
    assert one != BERLIN
    copied = pickle.loads(pickle.dumps(one))
    assert copied == one
    a, b = Instant(world.around - DAY), Instant(world.around + DAY)
    assert elapsed(copied, a, b) == elapsed(one, a, b)


# --- edges of the world -----------------------------------------------------------------------


def test_around_the_clock_is_real_time_without_bounds() -> None:
    a = at("1950-06-01T00:00Z")
    assert ALWAYS.always_open
    assert elapsed(ALWAYS, a, Instant(a + 400 * 366 * DAY)) == 400 * 366 * DAY
    assert advance(ALWAYS, a, Millis(5)) == a + 5
    assert retreat(ALWAYS, a, Millis(5)) == a - 5
    assert opening(ALWAYS, a) == a
    assert open_intervals(ALWAYS, a, Instant(a + 7)) == [(a, a + 7)]
    assert open_intervals(ALWAYS, a, a) == []


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ("24x7", True),
        ("24x7 Asia/Tokyo", True),
        ({"tz": "Asia/Tokyo", "hours": "mon-sun 00:00-12:00 12:00-24:00"}, True),
        ({"tz": "Asia/Tokyo", "hours": "24x7", "holidays": {"add": ["2026-01-01"]}}, False),
        ({"tz": "Asia/Tokyo", "hours": "24x7", "special": {"2026-01-01": "closed"}}, False),
        ({"union": ["24x7", "mon 09:00-10:00 UTC"], "day": "24h"}, True),
        ({"hours": "24x7", "minus": ["mon 09:00-10:00 UTC"]}, False),
        ([{"hours": "24x7"}, {"effective": "2026-01-01", "hours": "24x7"}], True),
        ([{"hours": "24x7"}, {"effective": "2026-01-01", "extends": "b"}], False),
        ("mon-sat 00:00-24:00 UTC", False),
    ],
)
def test_always_open_is_seen_whatever_way_it_is_said(terms: object, expected: bool) -> None:
    assert Calendar.from_mapping(terms, known={"b": BERLIN}).always_open is expected


def test_a_calendar_that_never_opens_again_answers_none() -> None:
    once = Calendar.from_mapping({"tz": "UTC", "special": {"2026-11-21": "09:00-10:00"}})
    morning = at("2026-11-21T09:00Z")
    assert advance(once, at("1970-01-01T00:00Z"), HOUR) == at("2026-11-21T10:00Z")
    assert advance(once, morning, Millis(HOUR + 1)) is None
    assert opening(once, at("2026-11-21T10:00Z")) is None
    assert not is_open(once, at("2190-01-01T00:00Z"))
    assert retreat(once, at("2199-01-01T00:00Z"), HOUR) == morning
    assert retreat(once, morning, Millis(1)) is None


def test_looking_back_takes_as_many_years_as_it_takes() -> None:
    fresh = Calendar.from_mapping("mon-fri 09:00-17:00 UTC")
    assert retreat(fresh, at("2026-11-20T17:00Z"), Millis(6 * 52 * 40 * HOUR)) == (
        at("2020-11-30T09:00Z")  # six times 52 weeks of 40 hours
    )
    asleep = at("2026-11-21T12:00Z")
    assert retreat(fresh, asleep, Millis(0)) == asleep
    assert retreat(fresh, asleep, Millis(1)) == at("2026-11-20T17:00Z") - 1


@pytest.mark.parametrize("when", ["1955-01-03T10:00Z", "2250-01-03T10:00Z"])
def test_a_business_calendar_is_closed_outside_its_centuries(when: str) -> None:
    berlin = Calendar.from_mapping("mon-fri 09:00-17:00 Europe/Berlin")
    a = at(when)
    assert elapsed(berlin, a, Instant(a + 7 * DAY)) == 0
    assert not is_open(berlin, a)
    assert open_intervals(berlin, a, Instant(a + 7 * DAY)) == []
    later = advance(berlin, a, HOUR)
    assert later == (at("1970-01-01T09:00Z") if a < 0 else None)


def test_its_centuries_end_to_the_millisecond() -> None:
    for edge, inside in ((FIRST, 0), (LAST, -1)):
        fresh = Calendar.from_mapping(
            {"tz": "UTC", "hours": "24x7", "special": {"1999-12-31": "closed"}, "day": "24h"}
        )
        assert elapsed(fresh, Instant(edge - 1), Instant(edge + 1)) == 1
        assert is_open(fresh, Instant(edge + inside))
        assert not is_open(fresh, Instant(edge - 1 - inside))


STRETCHES = {
    "the one that holds it": ("2026-11-18T12:00Z", "2026-11-18T08:00Z", "2026-11-18T16:00Z"),
    "an opening belongs to it": ("2026-11-18T08:00Z", "2026-11-18T08:00Z", "2026-11-18T16:00Z"),
    "a closing does not": ("2026-11-18T16:00Z", "2026-11-19T08:00Z", "2026-11-19T16:00Z"),
    "the next": ("2026-11-21T12:00Z", "2026-11-23T08:00Z", "2026-11-23T16:00Z"),
}


@pytest.mark.parametrize(("when", "start", "end"), STRETCHES.values(), ids=STRETCHES)
def test_a_stretch_holds_the_instant_or_is_the_next(when: str, start: str, end: str) -> None:
    assert stretch(BERLIN, at(when)) == (at(start), at(end))


def test_a_stretch_is_whole_however_long_it_lasts() -> None:
    start, end = at("2011-01-01T00:00Z"), at("2048-01-01T00:00Z")
    for when in (start, at("2026-11-18T12:00Z"), Instant(end - 1)):
        assert stretch(made_of("fair", [Once(start, end)], "UTC"), when) == (start, end)
    assert stretch(made_of("fair", [Once(start, end)], "UTC"), end) is None
    assert stretch(ALWAYS, end) == (end, LAST)


def test_a_day_is_as_long_as_the_version_in_force_says() -> None:
    shorter = Calendar.from_mapping(
        [
            {"tz": "UTC", "hours": "mon-fri 09:00-17:00"},
            {"tz": "UTC", "hours": "mon-fri 09:00-15:00", "effective": "2026-07-01"},
        ]
    )
    change = at("2026-07-01T00:00Z")
    assert [shorter.day_at(Instant(when)) for when in (change - 1, change, change + 1)] == [
        8 * HOUR, 6 * HOUR, 6 * HOUR,
    ]  # fmt: skip


def test_a_calendar_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match="never changes"):
        BERLIN.zone = "UTC"


def test_a_calendar_knows_what_it_is() -> None:
    assert (BERLIN.name, BERLIN.zone, BERLIN.day) == ("berlin", "Europe/Berlin", 8 * HOUR)
    assert repr(BERLIN) == "Calendar('berlin': Mon–Fri 09–17 Europe/Berlin)"
    assert (ALWAYS.zone, ALWAYS.day) == ("UTC", 24 * HOUR)


def test_equal_calendars_keep_their_names_whatever_is_made_of_them() -> None:
    """What is made is kept for who asks again; equal hours may be called otherwise."""
    hours = {"tz": "Europe/Berlin", "hours": "mon-fri 09:00-17:00"}
    one, other, hole = (Calendar.from_mapping(hours, name=name) for name in ("a", "b", "hole"))
    assert one == other
    assert [in_zone(c, "Asia/Tokyo").name for c in (one, other)] == [
        "a in Asia/Tokyo", "b in Asia/Tokyo",
    ]  # fmt: skip
    assert [without(c, (hole,)).name for c in (one, other)] == ["a", "b"]
