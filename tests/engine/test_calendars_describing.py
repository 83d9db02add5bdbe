"""A calendar in one line, as the explain screen shows it."""

from __future__ import annotations

import pytest

from sla_engine.calendars import Calendar

BERLIN = Calendar.from_mapping("mon-fri 09:00-17:00 Europe/Berlin")
SUN = Calendar.from_mapping({"union": ["berlin", "24x7"], "day": "8h"}, known={"berlin": BERLIN})
KNOWN = {"berlin": BERLIN, "sun": SUN}
BASE = {"tz": "Europe/Berlin", "hours": "mon-fri 09:00-17:00"}

LINES: dict[str, object] = {
    "Mon–Fri 09–17 Europe/Berlin": "berlin",
    "24x7": "mon-sun 00:00-24:00 UTC",
    "24x7 Asia/Tokyo": "24x7 Asia/Tokyo",
    "Mon–Fri 09–17 Europe/Berlin, holidays DE-BY": {**BASE, "holidays": {"import": "DE-BY"}},
    "Mon–Fri 09–17 Europe/Berlin, holidays DE-BY GB-ENG, closed 24 Dec 2026": {
        **BASE,
        "holidays": {"import": ["DE-BY", "GB-ENG"], "add": ["2026-12-24"]},
    },
    "Mon–Fri 09–17 Europe/Berlin, holidays DE-BE, not closed 1 May 2026": {
        **BASE,
        "holidays": {"import": "DE-BE", "remove": ["2026-05-01"]},
    },
    "Mon–Fri 09–17 Europe/Berlin, closed 24 Dec 2026 and 31 Dec 2026, 23 Dec 2026 09–12": {
        **BASE,
        "holidays": {"add": ["2026-12-24", "2026-12-31"]},
        "special": {"2026-12-23": "09:00-12:00"},
    },
    "Mon–Fri 09–17 Europe/Berlin, 23 Dec 2026 closed": {
        **BASE,
        "special": {"2026-12-23": "closed"},
    },
    "Mon–Fri 09–17 Europe/Berlin, closed on 4 days, other hours on 5 days": {
        **BASE,
        "holidays": {"add": [f"2026-12-{day}" for day in range(21, 25)]},
        "special": {f"2027-01-0{day}": "09:00-12:00" for day in range(1, 6)},
    },
    "Mon–Thu 08–12 13–18, Fri 08–12:30, Sun 22–06 UTC": {
        "tz": "UTC",
        "hours": "mon-thu 08:00-12:00 13:00-18:00 fri 08:00-12:30 sun 22:00-06:00",
        "day": "9h",
    },
    "Mon 00–24, Wed 18–24 UTC": {
        "tz": "UTC",
        "hours": "mon 00:00-24:00 wed 18:00-24:00",
        "day": "9h",
    },
    "closed UTC, 21 Nov 2026 08–10": {"tz": "UTC", "special": {"2026-11-21": "08:00-10:00"}},
    "berlin + Sat 10–12 UTC": {"union": ["berlin", "sat 10:00-12:00 UTC"], "day": "8h"},
    "24x7 without berlin, sun": {"hours": "24x7", "minus": ["berlin", "sun"]},
    "berlin + 24x7 without berlin": {"extends": "sun", "minus": "berlin"},
    "Mon–Fri 09–17 Europe/Berlin, since 30 Mar 2026": [
        {"hours": "24x7"},
        {**BASE, "effective": "2026-03-30"},
    ],
}


@pytest.mark.parametrize(("line", "terms"), LINES.items(), ids=LINES)
def test_a_calendar_is_told_in_one_line(line: str, terms: object) -> None:
    assert Calendar.from_mapping(terms, known=KNOWN).describe() == line


def test_the_whole_names_all_days_and_says_what_parts_are() -> None:
    days = [f"2026-12-{day}" for day in range(21, 25)]
    calendar = Calendar.from_mapping({**BASE, "holidays": {"add": days}})
    named = "21 Dec 2026, 22 Dec 2026, 23 Dec 2026 and 24 Dec 2026"
    assert calendar.describe(whole=True).endswith(f", closed {named}")
    part = Calendar.from_mapping(
        {"union": ["berlin", "sat 10:00-12:00 UTC"], "day": "8h"}, known=KNOWN
    )
    assert part.describe(whole=True) == "berlin (Mon–Fri 09–17 Europe/Berlin) + Sat 10–12 UTC"
