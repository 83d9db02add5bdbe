from __future__ import annotations

import pytest

from sandbox.clock import DEFAULT_NOW, SandboxClock, moment_of, parse_moment


class Wall:
    """A wall clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def wall() -> Wall:
    return Wall()


def test_it_begins_at_the_default_now_and_runs_as_the_wall_does(wall: Wall) -> None:
    clock = SandboxClock(wall=wall)
    wall.seconds = 90
    assert clock.now() == parse_moment(DEFAULT_NOW) + 90_000


def test_speed_counts_from_when_it_was_set(wall: Wall) -> None:
    clock = SandboxClock(0, wall=wall)
    wall.seconds = 10
    clock.run_at(60)
    wall.seconds = 11
    assert clock.now() == 10_000 + 60_000


def test_speed_0_stands_still_until_it_is_moved(wall: Wall) -> None:
    clock = SandboxClock(1_000, 0, wall)
    wall.seconds = 1_000_000
    assert clock.now() == 1_000
    clock.advance(500)
    assert clock.now() == 1_500
    clock.set(7)
    assert clock.now() == 7


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-11-21T10:52:00+01:00", "2026-11-21T09:52:00+00:00"),
        ("2026-11-21T10:52:00Z", "2026-11-21T10:52:00+00:00"),
        ("2026-11-21 10:52", "2026-11-21T10:52:00+00:00"),
        ("2026-11-21T10:52:00.250Z", "2026-11-21T10:52:00.250000+00:00"),
    ],
)
def test_moments_are_read_with_their_offset_or_as_utc(text: str, iso: str) -> None:
    assert moment_of(parse_moment(text)).isoformat() == iso
