"""Old promises over corrected calendars: what bears a date corrects the past, an edit does not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sla_engine.calendars import Calendar, elapsed
from sla_engine.calendars.correcting import only_dated
from sla_engine.resolving.corrected import corrected
from sla_engine.resolving.files import resolve
from sla_engine.units import HOUR, from_datetime

WEEK = "tz: Europe/Berlin, hours: mon-fri 09:00-17:00, holidays: {add: {2026-12-25: Christmas}}"
LATER = "effective: 2026-12-24, extends: berlin, hours: mon-fri 10:00-12:00"
OLD = f"""
schema: sla/v1
calendars:
  berlin: {{{WEEK}}}
policies:
  incident: {{match: {{type: Incident}}, calendar: berlin, targets: {{resolution: 8h}}}}
"""
THURSDAY = from_datetime(datetime(2026, 12, 24, tzinfo=UTC))
MONDAY = from_datetime(datetime(2026, 12, 28, tzinfo=UTC))


def hours_of(new: str) -> float:
    """Open hours of the old promise's calendar around Christmas, under the new files."""
    policies = corrected({"a.yaml": OLD}, {"b.yaml": new})
    (policy,) = policies.policies
    assert policy.clocks[0].targets == resolve({"a.yaml": OLD})[0].policies[0].clocks[0].targets
    (calendar,) = policy.clocks[0].calendar.leaves()
    return elapsed(calendar, THURSDAY, MONDAY) / HOUR


@pytest.mark.parametrize(
    ("edit", "hours"),
    [
        (("8h", "1h"), 8),
        (("{2026-12-25: Christmas}", "{2026-12-24: Strike, 2026-12-25: Christmas}"), 0),
        (("}}}", "}}, special: {2026-12-24: 09:00-13:00}}"), 4),
        (("{2026-12-25: Christmas}", "{2026-12-26: Christmas}"), 16),
        (("09:00-17:00", "09:00-18:00"), 8),
        (("Europe/Berlin", "Europe/London"), 8),
        (("berlin", "spree"), 8),
        (("calendar: berlin", "calendar: 24x7"), 8),
        ((f"{{{WEEK}}}", f"[{{{WEEK}}}, {{{LATER}}}]"), 2),
    ],
    ids=[
        "an edited limit", "a holiday more", "a special day", "a holiday moved", "edited hours",
        "an edited zone", "another name", "another calendar", "a later version",
    ],
)  # fmt: skip
def test_dated_corrections_reach_old_promises_and_edits_do_not(
    edit: tuple[str, str], hours: float
) -> None:
    assert edit[0] in OLD
    assert hours_of(OLD.replace(*edit)) == hours


def test_hours_are_compared_through_unions_and_differences() -> None:
    known = {
        name: Calendar.from_mapping(f"mon-fri {hours} Europe/Berlin", name=name)
        for name, hours in {"day": "09:00-17:00", "night": "20:00-23:00"}.items()
    }
    closed = Calendar.from_mapping(
        {"extends": "night", "holidays": {"add": ["2026-12-24"]}}, name="night", known=known
    )
    later = Calendar.from_mapping({"extends": "night", "hours": "sat 20:00-23:00"}, known=known)
    for terms in ({"union": ["day", "night"], "day": "8h"}, {"extends": "day", "minus": ["night"]}):
        one = Calendar.from_mapping(terms, known=known)
        dated = Calendar.from_mapping(terms, known={**known, "night": closed})
        edited = Calendar.from_mapping(terms, known={**known, "night": later})
        assert only_dated(one, dated)
        assert not only_dated(one, edited)
