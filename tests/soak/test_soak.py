"""R6: the small soak. The whole one is python -m tests.soak; docs/testing.md has its figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.figures import Kept, figures
from tests.soak.process import MB, Sample
from tests.soak.run import soak


def test_a_busy_desk_gets_every_word_it_should(tmp_path: Path) -> None:
    found = {one.name: one for one in soak(tmp_path / "soak", 1_000, 1, 40)}
    assert found["tickets that do not say what they should"].reached, found
    assert found["exit codes of run, audit verify, purge"].reached, found
    assert found["state ÷ what it has to keep"].reached, found


QUIET = [Sample(n, 500, 100, 1.0, 0.01, 100 * MB, 1, 8, 4 * MB, 5 * MB) for n in range(1, 101)]
KEPT = Kept(tickets=2_000, updates=40_000, lines=2_000)


def failing(samples: list[Sample]) -> set[str]:
    return {one.name for one in figures(samples, KEPT) if one.reached is False}


@pytest.mark.parametrize(
    ("growing", "name"),
    [
        (lambda one: one._replace(memory=one.memory + one.number * MB), "memory, grown by (MB)"),
        (lambda one: one._replace(threads=1 + one.number // 50), "threads, grown by"),
        (lambda one: one._replace(files=8 + one.number // 20), "open files, grown by"),
        (lambda one: one._replace(log=one.number * MB), "write-ahead log at most (MB)"),
        (lambda one: one._replace(store=one.number * MB), "state ÷ what it has to keep"),
        (lambda one: one._replace(cpu=1 + one.number / 200), "CPU of a pass, grown by (share)"),
    ],
    ids=["memory", "threads", "files", "log", "state", "cpu"],
)
def test_what_grows_is_told(growing: object, name: str) -> None:
    assert failing(QUIET) == set()
    assert failing([growing(one) for one in QUIET]) == {name}  # type: ignore[operator]  # a lambda
