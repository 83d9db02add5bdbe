"""The story of a service desk, told once and neutrally; each dialect plays it in its own words.

Neutral words: status Open, In Progress, Waiting for customer, Waiting for vendor, Resolved, Closed;
priority P1 to P4; people by their id in `PEOPLE`; `project` SUP or OPS (Jira only).
"""

from __future__ import annotations

import random
from collections.abc import Callable

from sandbox.acts import Act, Fields, Story
from sandbox.awkward import CASES, awkward_stories
from sandbox.everyday import everyday_stories
from sandbox.examples import example_stories
from sandbox.people import PEOPLE, Person
from sandbox.showcase import showcase_stories

__all__ = [
    "CASES",
    "PEOPLE",
    "TELLERS",
    "Act",
    "Fields",
    "Person",
    "Story",
    "played_in_order",
    "stories",
]


def stories(seed: int, now_ms: int) -> list[Story]:
    """240 tickets of the six weeks before now, by creation; the same for the same arguments.

    Nothing in them happens after `now_ms`, so some are open. 170 are Jira's, 70 ServiceNow's.
    """
    told = [*showcase_stories(now_ms), *awkward_stories(now_ms)]
    told += everyday_stories(
        random.Random(seed), now_ms, {story.key for story in told} | {*CASES.values()}
    )
    return _by_creation(told, now_ms)


TELLERS: dict[str, Callable[[int, int], list[Story]]] = {
    "everyday": stories,
    "examples": lambda _, now_ms: _by_creation(example_stories(now_ms), now_ms),
}
"""What may have happened at a sandbox, by (seed, now): six weeks of a desk, or the tickets that
config/examples speaks of."""


def _by_creation(told: list[Story], now: int) -> list[Story]:
    """What of it has happened by now."""
    past = (story._replace(acts=_past(story.acts, now)) for story in told)
    return sorted((story for story in past if story.acts), key=lambda s: (s.acts[0].at, s.key))


def played_in_order(told: list[Story]) -> list[tuple[Act, Story]]:
    """All acts of all stories as they happened; equal instants keep the order of the telling."""
    acts = [(act, story) for story in told for act in story.acts]
    return sorted(acts, key=lambda pair: pair[0].at)


def _past(acts: tuple[Act, ...], now: int) -> tuple[Act, ...]:
    return tuple(sorted((act for act in acts if act.at <= now), key=lambda act: act.at))
