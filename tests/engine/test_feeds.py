"""Feeds: the whole days of an iCalendar file."""

from __future__ import annotations

import pytest

from sla_engine.calendars.feeds import days_in


def feed(*events: str) -> str:
    told = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{told}END:VCALENDAR\r\n"


@pytest.mark.parametrize(
    ("event", "days"),
    [
        pytest.param("DTSTART;VALUE=DATE:20261224", ["2026-12-24"], id="one day"),
        pytest.param("DTSTART:20261224\r\nDTEND:20261227",
                     ["2026-12-24", "2026-12-25", "2026-12-26"], id="its end is exclusive"),
        pytest.param("DTSTART;VALUE=DA\r\n TE:2026\r\n\t1224", ["2026-12-24"], id="folded"),
        pytest.param("dtstart:20261224\r\nSTATUS:CANCELLED", [], id="called off"),
        pytest.param("DTSTART:20280229\r\nSUMMARY:a: b", ["2028-02-29"], id="a leap day"),
    ],
)  # fmt: skip
def test_days_of_an_event(event: str, days: list[str]) -> None:
    assert days_in(feed(event)) == (tuple(days), [])


def test_what_recurs_is_there_every_year_until_calendars_end() -> None:
    days, faults = days_in(feed("DTSTART:20261224\r\nDTEND:20261226\r\nRRULE:FREQ=YEARLY"))
    assert not faults
    assert days[:4] == ("2026-12-24", "2026-12-25", "2027-12-24", "2027-12-25")
    assert days[-1] == "2199-12-25"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("nothing", 1, "this is not an iCalendar file"),
        (feed("DTSTART:20261224T120000Z\r\nSUMMARY:Lunch"), 3, '"Lunch" is no whole day'),
        (feed("DTSTART:20260230"), 3, "an event is no whole day"),
        (feed("DTSTART:20260101", "SUMMARY:x"), 6, '"x" is no whole day'),
        (feed("DTSTART:20261224\r\nDTEND:20261224"), 3,
         "an event ends before it begins, or lasts for years"),
        (feed("DTSTART:20240101\r\nDTEND:20250102"), 3,
         "an event ends before it begins, or lasts for years"),
        (feed("DTSTART:x\r\nEND:VEVENT"), 3, "an event is no whole day"),
        (feed("DTSTART:20261224\r\nRRULE:FREQ=HOURLY"), 3,
         "a rule begins with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY"),
    ],
)  # fmt: skip
def test_what_is_no_whole_day_is_told_by_its_line(text: str, line: int, what: str) -> None:
    _, faults = days_in(text)
    assert [(number, fault.what) for number, fault in faults] == [(line, what)]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        (feed("DTSTART:20240101\r\nDTEND:20250101"), 366),
        (feed("DTSTART:20260101\r\nRRULE:FREQ=YEARLY"), 2200 - 2026),
        ("BEGIN:VCALENDAR\r\nDTSTART:20261224\r\nEND:VEVENT\r\n", 0),
        ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20261224\r\nEND:VEVENT", 1),
    ],
    ids=["a leap year long", "every first of January", "no beginning", "no end of the calendar"],
)
def test_what_lies_at_the_edges_of_a_feed(text: str, days: int) -> None:
    found, faults = days_in(text)
    assert (len(found), faults) == (days, [])
