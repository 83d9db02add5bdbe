"""The story of a service desk, told once and neutrally; each dialect plays it in its own words.

Neutral words: status Open, In Progress, Waiting for customer, Waiting for vendor, Resolved, Closed;
priority P1 to P4; people by their id in `PEOPLE`; `project` SUP or OPS (Jira only).
"""

from __future__ import annotations

import random

from sandbox.acts import Act, Fields, Story
from sandbox.awkward import CASES, awkward_stories
from sandbox.everyday import everyday_stories
from sandbox.people import PEOPLE, Person
from sandbox.showcase import showcase_stories

__all__ = ["CASES", "PEOPLE", "Act", "Fields", "Person", "Story", "played_in_order", "stories"]


def stories(seed: int, now_ms: int) -> list[Story]:
    """240 tickets of the six weeks before now, by creation; the same for the same arguments.

    Nothing in them happens after `now_ms`, so some are open. 170 are Jira's, 70 ServiceNow's.
    """
    told = [*showcase_stories(now_ms), *awkward_stories(now_ms)]
    told += everyday_stories(
        random.Random(seed), now_ms, {story.key for story in told} | {*CASES.values()}
    )
    past = (story._replace(acts=_past(story.acts, now_ms)) for story in told)
    return sorted((story for story in past if story.acts), key=lambda s: (s.acts[0].at, s.key))


def played_in_order(told: list[Story]) -> list[tuple[Act, Story]]:
    """All acts of all stories as they happened; equal instants keep the order of the telling."""
    acts = [(act, story) for story in told for act in story.acts]
    return sorted(acts, key=lambda pair: pair[0].at)


def _past(acts: tuple[Act, ...], now: int) -> tuple[Act, ...]:
    return tuple(sorted((act for act in acts if act.at <= now), key=lambda act: act.at))
