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
    "24x7": "24x7",
    "24x7 Asia/Tokyo": "24x7 Asia/Tokyo",
    "Mon–Fri 09–17 Europe/Berlin, holidays DE-BY": {**BASE, "holidays": {"import": "DE-BY"}},
    "Mon–Fri 09–17 Europe/Berlin, holidays DE-BY GB-ENG, 1 more": {
        **BASE,
        "holidays": {"import": ["DE-BY", "GB-ENG"], "add": ["2026-12-24"]},
    },
    "Mon–Fri 09–17 Europe/Berlin, 2 holidays, 1 special day": {
        **BASE,
        "holidays": {"add": ["2026-12-24", "2026-12-31"]},
        "special": {"2026-12-23": "closed"},
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
    "closed UTC, 1 special day": {"tz": "UTC", "special": {"2026-11-21": "08:00-10:00"}},
    "berlin + Sat 10–12 UTC": {"union": ["berlin", "sat 10:00-12:00 UTC"], "day": "8h"},
    "24x7 without berlin, sun": {"hours": "24x7", "minus": ["berlin", "sun"]},
    "berlin + 24x7 without berlin": {"extends": "sun", "minus": "berlin"},
    "Mon–Fri 09–17 Europe/Berlin, since 2026-03-30": [
        {"hours": "24x7"},
        {**BASE, "effective": "2026-03-30"},
    ],
}


@pytest.mark.parametrize(("line", "terms"), LINES.items(), ids=LINES)
def test_a_calendar_is_told_in_one_line(line: str, terms: object) -> None:
    assert Calendar.from_mapping(terms, known=KNOWN).describe() == line
