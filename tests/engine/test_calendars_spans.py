"""Open spans are the same whatever stretch of time one asks for them in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.calendars import Calendar
from sla_engine.calendars.spans import merged, spans_of
from sla_engine.units import DAY, HOUR
from tests.engine.calendar_worlds import World, worlds

# Mondays at midnight in some zone and what lies around them are where weeks are put together.
MARKS = st.integers(-10 * 24, 10 * 24).map(lambda hours: hours * HOUR) | st.integers(
    -10 * DAY, 10 * DAY
)
EDGES = st.lists(st.integers(0, 20), max_size=8)


@given(worlds(), MARKS, MARKS)
def test_a_part_of_time_has_its_part_of_the_spans(world: World, one: int, other: int) -> None:
    versions = Calendar.from_mapping(world.terms).versions
    low, high = (world.around + offset for offset in sorted((one, other)))
    wide = merged(*spans_of(versions, world.around - 40 * DAY, world.around + 40 * DAY))
    part = merged(
        [max(start, low) for start in wide[0]],
        [min(end, high) for end in wide[1]],
    )
    assert merged(*spans_of(versions, low, high)) == part


@pytest.mark.parametrize(
    "terms",
    [
        "mon 00:00-04:00 sun 20:00-24:00 Pacific/Kiritimati",
        "mon 00:00-04:00 sun 20:00-24:00 Pacific/Niue",
        "sat,sun 22:00-21:00 Europe/Berlin",
        "mon-sun 01:00-02:30 02:45-04:00 America/New_York",
    ],
)
def test_hour_by_hour_is_all_together(terms: str) -> None:
    versions = Calendar.from_mapping({"extends": terms, "day": "8h"}).versions
    for year_day in (59, 290):  # six weeks around each change of the clock
        begin = (56 * 365 + 14 + year_day) * DAY
        hours = [begin + number * HOUR for number in range(42 * 24)]
        parts = [spans_of(versions, hour, hour + HOUR) for hour in hours]
        whole = spans_of(versions, begin, hours[-1] + HOUR)
        assert merged(*whole) == merged(
            [start for opens, _ in parts for start in opens],
            [end for _, closes in parts for end in closes],
        )


@given(EDGES)
def test_merging_joins_what_overlaps_or_touches_and_drops_what_is_empty(edges: list[int]) -> None:
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    opens, closes = merged([start for start, _ in pairs], [end for _, end in pairs])
    inside = {moment for start, end in pairs for moment in range(start, end)}
    assert {m for a, b in zip(opens, closes, strict=True) for m in range(a, b)} == inside
    flat = [edge for pair in zip(opens, closes, strict=True) for edge in pair]
    assert flat == sorted(set(flat))
