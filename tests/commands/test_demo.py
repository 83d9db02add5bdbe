"""What the demo recommends next."""

from __future__ import annotations

import pytest

from commands.demo import next_steps


@pytest.mark.parametrize(
    ("served", "words"),
    [(False, ["explain", "plan", "--serve", "--reset"]), (True, ["explain", "plan", "--reset"])],
    ids=["ended", "served"],
)
def test_the_command_that_is_running_is_not_recommended(served: bool, words: list[str]) -> None:
    steps = [command for command, _ in next_steps("SUP-1", served=served)]
    assert len(steps) == len(words)
    assert all(word in step for word, step in zip(words, steps, strict=True))
