"""What everybody gets without writing it."""

from __future__ import annotations

import pytest

from sla_engine.conditions import EventTest, holds
from sla_engine.presets import CLOCKS, CUSTOM, FIELDS, PUBLISH, SYSTEMS, VALUES


@pytest.mark.parametrize(
    ("name", "pausable", "cycles", "reopen"),
    [
        ("acknowledge", False, "once", "ignore"),
        ("first_response", False, "once", "ignore"),
        ("next_response", False, "every", "ignore"),
        ("update", True, "every", "new"),
        ("resolution", True, "once", "resume"),
    ],
)
def test_the_table_of_presets(name: str, pausable: bool, cycles: str, reopen: str) -> None:
    preset = CLOCKS[name]
    assert (preset.pausable, preset.clock.cycles) == (pausable, cycles)
    assert preset.clock.reopen.then == reopen
    assert preset.reopens is (name == "resolution")
    assert (preset.clock.name, preset.clock.preset) == (name, name)


@pytest.mark.parametrize(
    ("name", "by", "visibility", "stops"),
    [
        ("acknowledge", "staff", "internal", True),
        ("acknowledge", "customer", "public", False),
        ("first_response", "staff", "public", True),
        ("first_response", "staff", "internal", False),  # case 23
        ("first_response", "bot", "public", False),  # case 21
        ("first_response", "ai", "public", False),  # case 22
        ("first_response", "customer", "public", False),
        ("next_response", "staff", "public", True),
        ("resolution", "staff", "public", False),
    ],
)
def test_which_comment_stops_which_clock(name: str, by: str, visibility: str, stops: bool) -> None:
    def happened(test: EventTest) -> bool:
        return test.kind == "comment" and test.visibility in ("", visibility) and by in test.by

    assert holds(CLOCKS[name].clock.stop, {"status_category": "new"}, happened) is stops


@pytest.mark.parametrize("name", CLOCKS)
def test_done_stops_every_preset(name: str) -> None:
    assert holds(CLOCKS[name].clock.stop, {"status_category": "done"})  # case 30


@pytest.mark.parametrize("category", [None, "new"])
def test_a_ticket_without_a_category_is_not_acknowledged_by_that(category: str | None) -> None:
    assert not holds(CLOCKS["acknowledge"].clock.stop, {"status_category": category})


def test_a_clock_of_ones_own_stops_at_nothing_by_itself() -> None:
    assert not holds(CUSTOM.clock.stop, {"status_category": "done"})


def test_no_source_value_means_two_things() -> None:
    for field in FIELDS.values():
        called = [value for values in field.values.values() for value in values]
        assert len(called) == len(set(called)), field.name


def test_every_system_shows_something_or_says_that_it_does_not() -> None:
    assert set(PUBLISH) == set(SYSTEMS)
    assert PUBLISH["event_log"].fields == {}
    assert not PUBLISH["event_log"].comments
    for system in ("jira", "servicenow", "memory"):
        assert sorted(PUBLISH[system].fields.values()) == ["due", "missed", "state", "summary"]


def test_fields_with_values_of_ours_are_known() -> None:
    assert set(VALUES) <= set(FIELDS)
