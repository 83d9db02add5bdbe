"""A calendar means what its words say, and every mistake in them is told at its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.calendars import (
    Calendar,
    CalendarError,
    elapsed,
    open_intervals,
    read_calendar,
)
from sla_engine.units import DAY, HOUR, Instant, parse_iso, to_iso

UTC_DAY = {"tz": "UTC", "hours": "mon-fri 09:00-17:00"}
BERLIN = Calendar.from_mapping("mon-fri 09:00-17:00 Europe/Berlin", name="berlin")
BOTH = Calendar.from_mapping(
    {"union": ["berlin", "sat 10:00-12:00 Asia/Tokyo"], "day": "8h"},
    name="both",
    known={"berlin": BERLIN},
)
KNOWN = {"berlin": BERLIN, "both": BOTH}


def at(text: str) -> Instant:
    instant = parse_iso(text)
    assert instant is not None
    return instant


def hours_of(terms: object, a: str, b: str, known: Mapping[str, Calendar] = KNOWN) -> float:
    calendar = Calendar.from_mapping(terms, known=known)
    return elapsed(calendar, at(f"{a}T00:00Z"), at(f"{b}T00:00Z")) / HOUR


# The week from Monday 16 to Monday 23 November 2026, in winter time.
WEEKS: dict[str, tuple[object, float]] = {
    "the short form": ("mon-fri 09:00-17:00 Europe/Berlin", 40),
    "with a break": ("mon-fri 09:00-12:00 13:00-17:00 Europe/Berlin", 35),
    "days apart": ("mon-thu 08:00-17:00, sat,sun 10:00-19:00 UTC", 54),
    "days apart without commas": ("mon wed 08:00-17:00 sat 10:00-19:00 UTC", 27),
    "days over the weekend": ("sat-mon 10:00-12:00 UTC", 6),
    "pasted dashes and capitals": ("Mon–Fri 9:00 – 17:00 UTC", 40),
    "seconds": ("mon 09:00:30-09:01:00 UTC", 30 / 3600),
    "the last minute and second": ("mon 08:59-09:59:59 UTC", 1 + 59 / 3600),
    "to midnight, in both ways of saying it": ("mon 18:00-24:00, tue 18:00-00:00 UTC", 12),
    "past midnight, from the Sunday before too": ("sun-thu 22:00-06:00 UTC", 6 + 4 * 8 + 2),
    "a night that runs into the next morning": ("mon 22:00-06:00 tue 05:00-13:00 UTC", 15),
    "a whole day from any hour": ("wed 07:00-07:00 UTC", 24),
    "around the clock": ("24x7", 168),
    "around the clock somewhere": ("24x7 Europe/Berlin", 168),
    "around the clock as hours": ({"hours": "24x7"}, 168),
    "hours by days": ({"tz": "UTC", "hours": {"mon-thu": "08:00-12:00 13:00-18:00"}}, 36),
    "hours by days, as lists": ({"tz": "UTC", "hours": {"mon": ["08:00-12:00", "13:00-17:00"]}}, 8),
    "closed days": ({"tz": "UTC", "hours": {"mon-fri": "09:00-17:00", "sat": "closed"}}, 40),
    "hours of sets of days": (
        {"tz": "UTC", "hours": {"sat,sun": "09:00-12:00", "wed": "09:00-12:00"}},
        9,
    ),
    "holidays by reason": ({**UTC_DAY, "holidays": {"add": {"2026-11-18": "Repentance"}}}, 32),
    "holidays as a list": ({**UTC_DAY, "holidays": {"add": ["2026-11-18", "2026-11-21"]}}, 32),
    "an imported holiday": ({**UTC_DAY, "holidays": {"import": "DE-SN"}}, 32),  # 18 November
    "elsewhere it is none": ({**UTC_DAY, "holidays": {"import": ["DE-BE", "GB-ENG"]}}, 40),
    "an import in short": ({**UTC_DAY, "holidays": "DE-SN"}, 32),
    "imports in short": ({**UTC_DAY, "holidays": ["DE-BE", "DE-SN"]}, 32),
    "an imported holiday worked": (
        {**UTC_DAY, "holidays": {"import": "DE-SN", "remove": ["2026-11-18"]}},
        40,
    ),
    "special hours": ({**UTC_DAY, "special": {"2026-11-18": "08:00-10:00 12:00-13:00"}}, 35),
    "special days only": ({"tz": "UTC", "special": {"2026-11-21": "08:00-10:00"}}, 2),
    "another by name": ("berlin", 40),
    "extended by nothing": ({"extends": "berlin"}, 40),
    "extended by hours": ({"extends": "berlin", "hours": "sat 09:00-12:00"}, 3),
    "extended by a holiday": ({"extends": "berlin", "holidays": {"add": ["2026-11-16"]}}, 32),
    "extending the short form": ({"extends": "24x7", "special": {"2026-11-16": "closed"}}, 144),
    "a union": ({"union": ["berlin", "sat 09:00-12:00 UTC"], "day": "8h"}, 43),
    "a union that overlaps": ({"union": ["berlin", "24x7"], "day": "8h"}, 168),
    "a union less something": ({"extends": "both", "minus": "sat 10:00-11:00 Asia/Tokyo"}, 41),
    "hours less another": ({"hours": "24x7", "minus": ["berlin"]}, 128),
    "less two": ({"hours": "24x7", "minus": ["berlin", "sat 10:00-12:00 UTC"]}, 126),
}


@pytest.mark.parametrize(("terms", "hours"), WEEKS.values(), ids=WEEKS)
def test_terms_mean_what_they_say(terms: object, hours: float) -> None:
    assert hours_of(terms, "2026-11-16", "2026-11-23") == pytest.approx(hours)


@pytest.mark.parametrize(("monday", "hours"), [("2026-11-16", 110), ("2026-07-13", 105)])
def test_three_desks_around_the_world_leave_gaps(monday: str, hours: int) -> None:
    # policy-language.md, case 78: the offsets of summer time move the desks together.
    zones = ("Asia/Singapore", "Europe/Berlin", "America/New_York")
    terms = {"union": [f"mon-fri 09:00-18:00 {zone}" for zone in zones], "day": "24h"}
    saturday = to_iso(Instant(at(f"{monday}T00:00Z") + 6 * DAY))[:10]
    assert hours_of(terms, monday, saturday) == hours


DAYS: dict[str, tuple[object, float]] = {
    "what all open days share": ("mon-fri 09:00-12:00 13:00-17:00 UTC", 7),
    "days that are closed do not count": ("sat 09:00-12:00 UTC", 3),
    "as stated": ({**UTC_DAY, "day": "7h 30m"}, 7.5),
    "stated where days differ": (
        {"tz": "UTC", "hours": "mon 08:00-12:00 tue 08:00-18:00", "day": "9h"},
        9,
    ),
    "around the clock": ("24x7", 24),
    "of special days only": ({"tz": "UTC", "special": {"2026-11-21": "08:00-10:00"}}, 24),
    "of the union, as stated": ("both", 8),
    "of the base": ({"extends": "berlin", "minus": "sat 10:00-12:00 UTC"}, 8),
    "of the base's, if that says it": ({"extends": "both", "tz": "UTC"}, 8),
    "by its own hours, if the base's was by its": (
        {"extends": "berlin", "hours": "mon 10:00-12:00"},
        2,
    ),
    "by its own word": ({"extends": "berlin", "day": "6h"}, 6),
}


@pytest.mark.parametrize(("terms", "hours"), DAYS.values(), ids=DAYS)
def test_a_business_day_is_stated_or_shared_by_all_days(terms: object, hours: float) -> None:
    assert Calendar.from_mapping(terms, known=KNOWN).day == hours * HOUR


ZONES: dict[str, tuple[object, str]] = {
    "its own": ("berlin", "Europe/Berlin"),
    "the base's": ({"extends": "berlin"}, "Europe/Berlin"),
    "another than the base's": ({"extends": "berlin", "tz": "Asia/Tokyo"}, "Asia/Tokyo"),
    "the one all parts share": ({"union": ["berlin", "berlin"], "day": "8h"}, "Europe/Berlin"),
    "UTC where parts differ": ("both", "UTC"),
    "as stated for a union": ({"union": ["berlin"], "day": "8h", "tz": "Asia/Tokyo"}, "Asia/Tokyo"),
    "of what is less something": ({"extends": "berlin", "minus": "24x7"}, "Europe/Berlin"),
    "of hours less something": ({"hours": "24x7", "minus": ["berlin"]}, "UTC"),
    "of a union less something": (
        {"union": ["berlin"], "minus": "sat 10:00-12:00 UTC", "day": "8h"},
        "Europe/Berlin",
    ),
}


@pytest.mark.parametrize(("terms", "zone"), ZONES.values(), ids=ZONES)
def test_a_calendar_hangs_in_a_zone(terms: object, zone: str) -> None:
    assert Calendar.from_mapping(terms, known=KNOWN).zone == zone


# --- extending --------------------------------------------------------------------------------


def test_extending_joins_holidays_and_special_days_and_the_later_word_stands() -> None:
    base = Calendar.from_mapping(
        {
            **UTC_DAY,
            "holidays": {"import": "DE-SN", "add": ["2026-11-16"], "remove": ["2026-12-25"]},
            "special": {"2026-11-17": "09:00-10:00", "2026-11-19": "09:00-10:00"},
        }
    )
    terms = {
        "extends": "base",
        "holidays": {"add": ["2026-12-25"], "remove": ["2026-11-16"]},
        "special": {"2026-11-19": "closed"},
    }
    own = Calendar.from_mapping(
        {
            **UTC_DAY,
            "holidays": {"import": "DE-SN", "add": ["2026-12-25"], "remove": ["2026-11-16"]},
            "special": {"2026-11-17": "09:00-10:00", "2026-11-19": "closed"},
        }
    )
    assert Calendar.from_mapping(terms, known={"base": base}) == own


def test_extending_what_is_less_something_extends_what_it_is_less_of() -> None:
    known = {"less": Calendar.from_mapping({"hours": "24x7", "minus": "berlin"}, known=KNOWN)}
    terms = {"extends": "less", "special": {"2026-11-16": "closed"}}
    assert hours_of(terms, "2026-11-16", "2026-11-23", known) == 128 - 16


# --- versions ---------------------------------------------------------------------------------

VERSIONS = [
    UTC_DAY,
    {"effective": "2026-03-30", "tz": "Europe/Berlin", "hours": "mon-fri 08:00-12:00"},
    {"effective": "2026-11-17", "extends": "desk", "hours": "24x7"},
]


def test_each_version_counts_in_its_time() -> None:
    desk = Calendar.from_mapping(VERSIONS, name="desk")
    assert hours_of_calendar(desk, "2025-01-06", "2025-01-07") == 8
    assert hours_of_calendar(desk, "2026-03-30", "2026-03-31") == 4
    # From local midnight: an hour before midnight in UTC.
    assert hours_of_calendar(desk, "2026-11-16", "2026-11-18") == 4 + 1 + 24
    assert [desk.day_at(at(f"{day}T12:00Z")) / HOUR for day in ("2026-03-29", "2026-03-30")] == [
        8,
        4,
    ]
    assert (desk.day, desk.zone) == (24 * HOUR, "Europe/Berlin")
    assert desk.describe() == "24x7 Europe/Berlin, since 17 Nov 2026"


def hours_of_calendar(calendar: Calendar, a: str, b: str) -> float:
    return elapsed(calendar, at(f"{a}T00:00Z"), at(f"{b}T00:00Z")) / HOUR


def test_a_window_over_the_change_is_cut_there() -> None:
    night = {"tz": "UTC", "hours": "mon-sun 22:00-06:00"}
    calendar = Calendar.from_mapping([night, {"effective": "2026-11-17", **UTC_DAY}])
    found = open_intervals(calendar, at("2026-11-16T12:00Z"), at("2026-11-18T00:00Z"))
    assert [to_iso(edge)[5:16] for interval in found for edge in interval] == [
        "11-16T22:00",
        "11-17T00:00",
        "11-17T09:00",
        "11-17T17:00",
    ]


def test_the_first_version_holds_before_its_date_too() -> None:
    dated = Calendar.from_mapping({"effective": "2026-01-01", **UTC_DAY})
    assert dated == Calendar.from_mapping(UTC_DAY)


def test_a_dated_calendar_whose_name_is_known_is_its_next_version() -> None:
    first = Calendar.from_mapping(VERSIONS[0], name="desk")
    second = Calendar.from_mapping(VERSIONS[1], name="desk", known={"desk": first})
    third = Calendar.from_mapping(VERSIONS[2], name="desk", known={"desk": second})
    assert third == Calendar.from_mapping(VERSIONS, name="desk")


def test_extending_versions_makes_versions() -> None:
    desk = Calendar.from_mapping(VERSIONS[:2], name="desk")
    quiet = Calendar.from_mapping(
        {"extends": "desk", "holidays": {"add": ["2025-01-06", "2026-03-30"]}}, known={"desk": desk}
    )
    assert hours_of_calendar(quiet, "2025-01-06", "2025-01-08") == 8
    assert hours_of_calendar(quiet, "2026-03-30", "2026-04-01") == 4


def test_a_dated_extension_of_versions_starts_from_the_latest() -> None:
    desk = Calendar.from_mapping(VERSIONS[:2], name="desk")
    terms = {"extends": "desk", "effective": "2026-06-01", "special": {"2026-11-16": "closed"}}
    assert len(Calendar.from_mapping(terms, known={"desk": desk}).versions) == 1


# --- holidays ---------------------------------------------------------------------------------


def test_given_holidays_stand_instead_of_the_installed_ones() -> None:
    terms = {**UTC_DAY, "holidays": {"import": ["DE-SN", "XX-OURS"]}}
    given_dates = {"DE-SN": ["2026-11-16"], "XX-OURS": ["2026-11-17"]}
    calendar = Calendar.from_mapping(terms, holidays=given_dates)
    days = [f"2026-11-{day}" for day in range(16, 22)]
    found = [hours_of_calendar(calendar, a, b) for a, b in pairwise(days)]
    assert found == [0, 0, 8, 8, 8]


def test_imported_holidays_follow_the_calendar_through_the_years() -> None:
    calendar = Calendar.from_mapping({**UTC_DAY, "holidays": {"import": "US"}})
    assert hours_of_calendar(calendar, "2026-06-29", "2026-07-06") == 32  # the 4th a Saturday
    assert hours_of_calendar(calendar, "2075-07-04", "2075-07-05") == 0
    assert hours_of_calendar(calendar, "1976-07-05", "1976-07-06") == 0  # the 4th a Sunday


def test_years_of_which_a_package_knows_less_are_no_trouble() -> None:
    calendar = Calendar.from_mapping({**UTC_DAY, "holidays": {"import": ["IN", "DE-BE"]}})
    assert hours_of_calendar(calendar, "2040-01-26", "2040-01-27") == 0  # Republic Day
    assert hours_of_calendar(calendar, "2150-12-21", "2150-12-28") == 40


# --- mistakes ---------------------------------------------------------------------------------

MISTAKES: dict[str, object] = {
    "a misspelt name": "berln",
    "a misspelt 24x7": "24/7",
    "an unknown name": "moon",
    "no zone in the short form": "mon-fri 09:00-17:00",
    "a misspelt zone": "mon-fri 09:00-17:00 Europe/Berln",
    "a zone that leads elsewhere": {**UTC_DAY, "tz": "../../etc/passwd"},
    "a zone that is a folder": {**UTC_DAY, "tz": "Europe"},
    "a misspelt day": "mo-fri 09:00-17:00 UTC",
    "a stray word": {**UTC_DAY, "hours": "mon-fri 09:00-17:00 and sat 10:00-12:00"},
    "a strange day": {**UTC_DAY, "hours": "mon-wed-fri 09:00-17:00"},
    "hours without days": {**UTC_DAY, "hours": "09:00-17:00"},
    "days without hours": {**UTC_DAY, "hours": "mon 09:00-17:00 tue"},
    "a strange day without hours": {**UTC_DAY, "hours": "mon 09:00-17:00 tuesday"},
    "hours too short": "mon-fri 9-17 UTC",
    "an hour that no day has": "mon 09:00-25:00 UTC",
    "a minute that no hour has": "mon 09:60-10:00 UTC",
    "an opening at the end of the day": "mon 24:00-02:00 UTC",
    "windows that overlap": "mon 09:00-12:00 11:00-15:00 UTC",
    "a day given twice": {**UTC_DAY, "hours": {"mon-fri": "09:00-17:00", "fri": "09:00-12:00"}},
    "a group of days given twice": "mon 09:00-12:00 mon 13:00-15:00 UTC",
    "several wrong days": {
        **UTC_DAY,
        "hours": {"mon-thu": "08:00-18:00", "fry": "08:00-12:00", "sat": "8-12"},
    },
    "hours that are nothing": {**UTC_DAY, "hours": ""},
    "hours of another kind": {**UTC_DAY, "hours": None},
    "days that differ": {"tz": "UTC", "hours": {"mon-thu": "08:00-18:00", "fri": "08:00-12:00"}},
    "a day in days": {**UTC_DAY, "day": "1d"},
    "a day in words": {**UTC_DAY, "day": "8 hours"},
    "a day that is too long": {**UTC_DAY, "day": "25h"},
    "a day that is nothing": {**UTC_DAY, "day": "0h"},
    "unknown keys, and no guess at what they hide": {
        "tz": "UTC",
        "hour": "mon 09:00-17:00",
        "zzz": "1",
    },
    "nothing": None,
    "an empty map": {},
    "a number as zone": {**UTC_DAY, "tz": 1},
    "holidays that are nothing": {**UTC_DAY, "holidays": None},
    "holidays that are nothing, beside special days": {
        **UTC_DAY,
        "holidays": None,
        "special": {"2026-12-31": "closed"},
    },
    "a feed that is no name": {**UTC_DAY, "holidays": {"ics": ["a"]}},
    "wrong holidays, all of them": {
        **UTC_DAY,
        "holidays": {
            "adds": [],
            "ics": "de.ics",
            "add": {"2026-02-30": "x", "24.12.2026": "y"},
            "import": ["GB-XX", "de-be", "US-XX", "Mars", "2026-12-24"],
        },
    },
    "a date both added and removed": {
        **UTC_DAY,
        "holidays": {"add": ["2026-12-24"], "remove": ["2026-12-24"]},
    },
    "wrong special days": {
        **UTC_DAY,
        "special": {"2026-12-31": "8-12", "1900-01-01": "closed", "x": "closed"},
    },
    "special hours of another kind": {**UTC_DAY, "special": {"2026-12-31": 8}},
    "special as a list": {**UTC_DAY, "special": ["2026-12-31"]},
    "an unknown base, and no complaint of what it would bring": {"extends": "berln"},
    "two bases": {"extends": ["berlin", "both"]},
    "a union changed": {"extends": "both", "hours": "24x7"},
    "a union with hours, an unknown part and no day": {
        "union": ["berlin", "nope"],
        "hours": "24x7",
    },
    "a union of nothing": {"union": [], "day": "8h"},
    "versions": [
        {**UTC_DAY, "effective": "2026-01-01"},
        UTC_DAY,
        {**UTC_DAY, "effective": "2025-01-01"},
        {**UTC_DAY, "effective": "tomorrow"},
        "24x7",
    ],
}


def test_every_mistake_is_told_at_its_place(golden: Callable[[str, str], None]) -> None:
    lines = []
    for name, terms in MISTAKES.items():
        calendar, errors = read_calendar(terms, name="desk", known=KNOWN)
        assert calendar is None, name
        lines += [f"{name}:", *(f"    {error}" for error in errors)]
    golden("calendars/mistakes.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("terms", "path", "what"),
    [
        ({"tz": "Europe/Berlin", "hours": {"mon": " "}}, ("hours", "mon"), "there are no hours"),
        ([{"extends": "desk"}], (0, "extends"), 'no calendar is called "desk"'),
    ],
    ids=["a day without hours or a word", "a first version that extends itself"],
)
def test_what_says_nothing_is_a_mistake(
    terms: object, path: tuple[str | int, ...], what: str
) -> None:
    calendar, errors = read_calendar(terms, name="desk")
    assert calendar is None
    assert [(error.path, error.what) for error in errors] == [(path, what)]


def test_the_first_mistake_is_raised_where_one_calendar_is_wanted() -> None:
    with pytest.raises(CalendarError, match="tz: no time zone") as caught:
        Calendar.from_mapping({"tz": "Europe/Berln", "hours": "9-5"})
    assert isinstance(caught.value, ValueError)
    assert caught.value.path == ("tz",)
    assert caught.value.mend == 'did you mean "Europe/Berlin"?'


def test_a_wrong_date_among_given_holidays_is_told() -> None:
    terms = {**UTC_DAY, "holidays": {"import": "DE-BE"}}
    _, errors = read_calendar(terms, holidays={"DE-BE": ["2026-01-01", "new year"]})
    assert [error.path for error in errors] == [("holidays", "import", 1)]


KEYS = st.sampled_from(
    ["tz", "hours", "day", "holidays", "special", "effective", "extends", "union", "minus", "x"]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=12)
    | st.sampled_from(
        [
            "24x7",
            "berlin",
            "both",
            "UTC",
            "mon-fri 09:00-17:00",
            "2026-12-24",
            "8h",
            "closed",
            "DE-BE",
        ]
    )
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(ANYTHING | st.dictionaries(KEYS, ANYTHING, max_size=5))
def test_whatever_is_written_is_a_calendar_or_a_mistake_never_a_crash(terms: object) -> None:
    calendar, errors = read_calendar(terms, name="desk", known=KNOWN)
    assert (calendar is None) == bool(errors)
    if calendar:
        assert 0 < calendar.day <= DAY
        assert calendar.describe()
