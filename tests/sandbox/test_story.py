"""The seeded desk: what others rely on when they say SUP-118."""

from __future__ import annotations

import pytest

from sandbox.clock import SandboxClock, parse_moment
from sandbox.hours import DAY, HOUR, MINUTE
from sandbox.people import PEOPLE
from sandbox.story import CASES, Act, Story, played_in_order, stories

NOW = SandboxClock(speed=0).now()


@pytest.fixture(scope="module")
def told() -> list[Story]:
    return stories(42, NOW)


@pytest.fixture(scope="module")
def by_key(told: list[Story]) -> dict[str, Story]:
    return {story.key: story for story in told}


def state(story: Story) -> dict[str, object]:
    fields: dict[str, object] = {}
    for act in story.acts:
        fields |= act.fields
    return fields


def test_there_are_240_tickets_of_six_weeks(told: list[Story]) -> None:
    assert len(told) == len({story.key for story in told}) == 240
    assert sum(story.system == "jira" for story in told) == 170
    assert min(story.acts[0].at for story in told) > NOW - 43 * DAY
    assert max(act.at for story in told for act in story.acts) <= NOW


def test_the_same_seed_tells_the_same_and_another_does_not(told: list[Story]) -> None:
    assert stories(42, NOW) == told
    assert stories(43, NOW) != told


def test_every_life_begins_with_creation_and_goes_forth(told: list[Story]) -> None:
    for story in told:
        assert [act.verb for act in story.acts].index("create") == 0
        assert [act.at for act in story.acts] == sorted(act.at for act in story.acts)
        assert [act.verb for act in story.acts].count("create") == 1


def test_everybody_who_acts_is_known(told: list[Story]) -> None:
    actors = {act.actor for story in told for act in story.acts}
    assert actors - {""} <= set(PEOPLE)
    assert "" in actors  # one account is gone


@pytest.mark.parametrize("case", CASES)
def test_every_awkward_case_is_told(case: str, by_key: dict[str, Story]) -> None:
    key = "OPS-60" if case == "moved" else CASES[case]
    assert key in by_key


def test_the_showcase_is_in_its_states(by_key: dict[str, Story]) -> None:
    states = {
        key: state(by_key[key])["status"]
        for key in ("SUP-118", "SUP-231", "SUP-204", "SUP-240", "INC0010042")
    }
    assert states == {
        "SUP-118": "Resolved",
        "SUP-231": "In Progress",
        "SUP-204": "Waiting for customer",
        "SUP-240": "Open",
        "INC0010042": "In Progress",
    }
    assert by_key["SUP-231"].acts[0].at == NOW - 4 * HOUR + 38 * MINUTE


def test_sup_118_was_worked_on_for_4_h_38_min(by_key: dict[str, Story]) -> None:
    acts = by_key["SUP-118"].acts
    at = {act.text or str(act.fields.get("status")): act.at for act in acts}
    waiting, resolved = at["Waiting for customer"], at["Resolved"]
    replied = next(act.at for act in acts if act.actor == "carla" and act.verb == "comment")
    assert waiting - acts[0].at + resolved - replied == 4 * HOUR + 38 * MINUTE


def test_acts_are_played_in_the_order_of_time(told: list[Story]) -> None:
    played: list[tuple[Act, Story]] = played_in_order(told)
    assert [act.at for act, _ in played] == sorted(act.at for act, _ in played)


@pytest.mark.parametrize("now", ["2026-03-30T08:00:00Z", "2025-12-31T23:59:00Z"])
def test_another_now_tells_as_many_tickets(now: str) -> None:
    assert len(stories(1, parse_moment(now))) == 240
