"""Schedules of faults, each from a seed: nothing is lost, doubled, stuck or untrue.

A seed that fails is printed with what happened; `python -m tests.sim --seed 123` lives it again,
and it fails in the same way.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import pytest

from service.state.store import Store, open_store
from tests.conftest import examples
from tests.mutants.breaking import ROOT
from tests.sim.checker import wrongs
from tests.sim.fates import all_faults
from tests.sim.world import World, live, promise

TERMS = promise()
PARTS = 4
SCHEDULES = examples(usual=120, deep=10_000)
SHOWN = 60
"""Of what happened in a failing schedule, the last lines."""

FAILED_ONCE = (26, 30, 49, 50, 58, 64, 77, 84, 106, 108, 118, 127, 145, 2898, 5021, 7380)
"""Each found something, in the schedules of its time. These change with the code that lives them,
so what it found has a test of its own beside the code that was mended."""


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    gc.freeze()  # to look through what stays again and again takes an eighth of the time
    with open_store(":memory:", writer=True) as made:
        yield made
    gc.unfreeze()


def told(seed: int, world: World) -> str:
    wrong = "\n".join(wrongs(world))
    return f"seed {seed}:\n{wrong}\n\n" + "\n".join(world.trace[-SHOWN:])


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_lost_doubled_stuck_or_untrue(store: Store, part: int) -> None:
    for seed in range(part, SCHEDULES, PARTS):
        world = live(seed, store, TERMS)
        assert not wrongs(world), told(seed, world)


@pytest.mark.parametrize("seed", FAILED_ONCE)
def test_what_failed_once_does_so_no_more(store: Store, seed: int) -> None:
    world = live(seed, store, TERMS)
    assert not wrongs(world), told(seed, world)


def test_a_seed_is_the_whole_story() -> None:
    """Byte for byte, in another process too, where sets and maps have another order."""
    first, again = (
        subprocess.run(
            [sys.executable, "-m", "tests.sim", "--seed", "8"],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": order},
            capture_output=True,
            check=True,
        ).stdout
        for order in ("1", "2")
    )
    assert first == again
    assert first.count(b"\n") > 30


def test_the_schedules_are_wild_enough(store: Store) -> None:
    """Every fault there is befell one of them, both systems, each place where a pass is killed."""
    met: Counter[str] = Counter()
    systems = set()
    for seed in range(examples(usual=480, deep=1000)):
        world = live(seed, store, TERMS)
        met += world.met
        systems.add(world.system)
    assert all_faults() - met.keys() == set()
    assert met.keys() - all_faults() == set()
    assert systems == {"jira", "servicenow"}
