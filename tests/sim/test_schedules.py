"""Schedules of faults, each from a seed: nothing is lost, doubled, stuck or untrue.

A seed that fails is printed with what happened; `SLA_SIM_SEED=123` runs that one alone, and it
fails in the same way.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from service.store import Store, open_store
from tests.conftest import examples
from tests.sim.checker import faults
from tests.sim.world import World, live, promise

TERMS = promise()
PARTS = 4
SCHEDULES = examples(usual=80, deep=4_000)
SHOWN = 60
"""Of what happened in a failing schedule, the last lines."""


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with open_store(":memory:", writer=True) as made:
        yield made


def told(seed: int, world: World) -> str:
    wrong = "\n".join(faults(world))
    return f"seed {seed}:\n{wrong}\n\n" + "\n".join(world.trace[-SHOWN:])


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_lost_doubled_stuck_or_untrue(store: Store, part: int) -> None:
    alone = os.environ.get("SLA_SIM_SEED")
    seeds = [int(alone)] if alone else range(part, SCHEDULES, PARTS)
    for seed in seeds:
        world = live(seed, store, TERMS)
        assert not faults(world), told(seed, world)


def test_a_seed_is_the_whole_story(store: Store) -> None:
    for seed in (1, 2, 3):
        assert live(seed, store, TERMS).digest == live(seed, store, TERMS).digest


def test_the_schedules_are_wild_enough(store: Store) -> None:
    """Every fault there is befell one of them."""
    seen = "\n".join("\n".join(live(seed, store, TERMS).trace) for seed in range(40))
    for fault in ("lost", "late", "dropped", "broken after", "crash", "killed", "paused", "revert"):
        assert f" {fault}" in seen, fault
