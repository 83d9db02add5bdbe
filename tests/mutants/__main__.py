"""Breaks the program on purpose, one small way at a time, and sees whether the tests notice.

    nice python -m tests.mutants sla_engine/clock.py sla_engine/calendars --sample 100

What survives is printed: a test is missing there, or the code is not needed.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from math import inf
from pathlib import Path
from typing import TextIO

import pytest

from tests.mutants.breaking import ROOT, Mutant, mutants_of
from tests.mutants.living import (
    NEEDS_IMPORT,
    SURVIVED,
    changed_in_place,
    functions_of,
    imported_anew,
    in_fork,
    silence,
)
from tests.mutants.touching import forget, touched

TESTS = ("tests/conformance", "tests/engine")


class _Trial:
    """A plugin of pytest: once the tests are collected, it tries each mutant instead of them."""

    def __init__(self, mutants: list[Mutant], said: argparse.Namespace, out: TextIO) -> None:
        self._mutants, self._out = mutants, out
        self._jobs, self._patience = said.jobs, said.patience
        self._lines = said.lines or Path(tempfile.mkdtemp()) / "lines"

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        paths = dict.fromkeys(mutant.path for mutant in self._mutants)
        self._items = {item.nodeid: item for item in session.items}
        self._functions = functions_of(paths)
        known = touched(self._functions, session.items, self._lines, self.say)
        if known is None:
            return True
        self._known = known
        forget({str(path) for path in paths})
        self.say("each test knows its lines")
        killed = 0
        with ThreadPoolExecutor(self._jobs) as pool:
            fates = pool.map(self._is_noticed, self._mutants)
            for mutant, noticed in zip(self._mutants, fates, strict=True):
                killed += noticed
                if not noticed:
                    where = f"{mutant.path.relative_to(ROOT)}:{mutant.line}"
                    self.say(f"survived  {where}  {mutant.what}")
        total = len(self._mutants)
        self.say(f"noticed {killed} of {total}: {killed / total:.1%}")
        return True

    def _is_noticed(self, mutant: Mutant) -> bool:
        tests = [
            (self._items[name], self._known.seconds.get(name, 1.0))
            for name in self._known.tests(mutant.path, mutant.line, self._items)
        ]
        functions = self._functions[mutant.path]
        status = in_fork(lambda: changed_in_place(mutant, functions, tests, self._patience))
        if status == NEEDS_IMPORT:
            files = self._known.files(mutant.path)
            status = in_fork(lambda: imported_anew(mutant, files, self._patience))
        return status != SURVIVED

    def say(self, text: str) -> None:
        print(text, file=self._out, flush=True)


def main() -> None:
    """Make the mutants, let them live, and say how many were noticed."""
    said = _arguments()
    os.chdir(ROOT)
    os.environ["HYPOTHESIS_PROFILE"] = "mutants"
    made = [mutant for place in said.places for mutant in _at(place)]
    chosen = made
    if said.sample and said.sample < len(made):
        chosen = random.Random(said.seed).sample(made, said.sample)  # no secret
    trial = _Trial(chosen, said, os.fdopen(os.dup(1), "w"))
    trial.say(f"{len(chosen)} of {len(made)} mutants")
    silence()
    sys.exit(pytest.main(["-s", "-p", "no:cacheprovider", "-p", "no:xdist", *said.tests], [trial]))


def _at(place: str) -> Iterator[Mutant]:
    name, _, line = place.partition(":")
    path = ROOT / name
    for module in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
        for mutant in mutants_of(module):
            if not line or mutant.line == int(line):
                yield mutant


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("places", nargs="+", help="a folder, a module or MODULE:LINE to break")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="what should notice")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants, chosen by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lines", type=Path, help="a file to keep which test runs which line")
    parser.add_argument("--patience", type=float, default=inf, help="seconds for one mutant")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
