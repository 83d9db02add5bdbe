"""Lives schedules of faults, as many as asked:

    python -m tests.sim --count 200000 --base 1000000
    python -m tests.sim --seed 123

The first says what befell them and which seeds failed; the second tells one, line by line.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from service.state.store import open_store
from tests.sim.checker import wrongs
from tests.sim.fates import all_faults
from tests.sim.world import live, promise

PORTION = 250
"""Schedules a process lives at a time."""


class Lived(NamedTuple):
    """What some schedules came to; `failed` is each failing seed with what was wrong."""

    met: Counter[str]
    passes: int
    failed: dict[int, list[str]]


def lived(seeds: Sequence[int]) -> Lived:
    """Live these schedules."""
    met: Counter[str] = Counter()
    passes, failed, terms = 0, {}, promise()
    with open_store(":memory:", writer=True) as store:
        for seed in seeds:
            world = live(seed, store, terms)
            met += world.met
            passes += world.passes
            if found := wrongs(world):
                failed[seed] = found
    return Lived(met, passes, failed)


def tell(seed: int) -> int:
    """One schedule, line by line, and whether it failed."""
    with open_store(":memory:", writer=True) as store:
        world = live(seed, store, promise())
        found = wrongs(world)
    print(*world.trace, *(found or ["nothing is wrong"]), sep="\n")
    return int(bool(found))


def many(base: int, count: int, jobs: int) -> int:
    """Schedules from a seed on, on so many processes, and whether one failed."""
    began, met, passes, failures = time.perf_counter(), Counter[str](), 0, 0
    with ProcessPoolExecutor(jobs, initializer=gc.freeze) as pool:
        for some in pool.map(lived, _portions(base, count)):
            met += some.met
            passes += some.passes
            failures += len(some.failed)
            for seed, found in some.failed.items():
                print(f"seed {seed}: {'; '.join(found)}", flush=True)
    for fault in sorted(all_faults(), key=lambda name: (-met[name], name)):
        print(f"{met[fault]:10_}  {fault}".replace("_", " "))
    seconds = time.perf_counter() - began
    print(f"{count} schedules, {passes} passes, {failures} failed ({seconds:.0f} s)")
    return int(failures > 0 or not all(met[fault] for fault in all_faults()))


def _portions(base: int, count: int) -> Iterator[range]:
    for start in range(base, base + count, PORTION):
        yield range(start, min(start + PORTION, base + count))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seed", type=int, help="tell this one, and no other")
    parser.add_argument("--base", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=10_000, help="how many")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    said = parser.parse_args()
    return tell(said.seed) if said.seed is not None else many(said.base, said.count, said.jobs)


if __name__ == "__main__":
    sys.exit(main())
