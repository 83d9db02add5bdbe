"""Clocks that jump, drift, sleep: noticed, and nothing is written while they cannot be trusted."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors.base import UnreachableError
from service.delivery.outcome import PassReport, SourceReport
from service.delivery.skew import HOLD, fault_of
from service.delivery.timekeeping import STANDS, STEP, Look, Timekeeper
from service.passes.patience import Patience
from sla_engine.units import DAY, HOUR, MINUTE, SECOND, Instant, Millis

START = 1_794_846_600_000
WELL = Look(Millis(0), stands=False)


class Machine:
    """A wall clock that may be set, and time that passes."""

    def __init__(self) -> None:
        self.wall, self.passed = START, 0.0

    def run(self, millis: int, slew: int = 0) -> None:
        self.wall += millis + slew
        self.passed += millis / 1000

    def keeper(self) -> Timekeeper:
        return Timekeeper(lambda: Instant(self.wall), lambda: self.passed)


@pytest.mark.parametrize("jump", [61 * SECOND, -61 * SECOND, HOUR, -DAY, 365 * DAY, -365 * DAY])
def test_a_step_is_told_once_and_by_its_size(jump: int) -> None:
    machine = Machine()
    keeper = machine.keeper()
    machine.run(MINUTE)
    machine.wall += jump
    assert keeper.look() == Look(Millis(jump), stands=False)
    machine.run(MINUTE)
    assert keeper.look() == WELL


@given(st.integers(0, 7 * DAY), st.integers(-STEP, STEP))
def test_time_that_passes_and_a_clock_that_slews_are_no_step(passed: int, slew: int) -> None:
    assume(passed != -slew)
    machine = Machine()
    keeper = machine.keeper()
    machine.run(passed, slew)
    assert keeper.look() == WELL


@pytest.mark.parametrize("beat", [SECOND // 4, 5 * SECOND, MINUTE, HOUR])
def test_a_clock_that_stands_still_is_noticed_at_every_beat(beat: int) -> None:
    machine = Machine()
    keeper = machine.keeper()
    machine.run(MINUTE)
    assert keeper.look() == WELL
    for passed in range(beat, 10 * beat, beat):
        machine.run(beat, slew=-beat)
        look = keeper.look()
        assert look == (Look(Millis(-beat), stands=True) if passed > STANDS else WELL)
        assert bool(look.words) == look.stands
    machine.run(beat)
    assert keeper.look() == WELL
    assert Look(Millis(-beat), stands=True).words == "our clock stands still"


def test_looks_at_one_instant_say_nothing_of_the_clock() -> None:
    keeper = Machine().keeper()
    assert [keeper.look() for _ in range(9)] == [WELL] * 9


def test_a_process_that_was_stopped_for_long_saw_time_pass() -> None:
    """SIGSTOP, a debugger: both clocks went on."""
    machine = Machine()
    keeper = machine.keeper()
    machine.run(9 * HOUR)
    assert keeper.look() == WELL


def test_a_machine_that_slept_is_a_step_ahead() -> None:
    """Suspended, the monotonic clock stands still."""
    machine = Machine()
    keeper = machine.keeper()
    machine.wall += 9 * HOUR
    assert keeper.look().words == "our clock jumped 9 h ahead"
    machine.wall -= 2 * HOUR
    assert keeper.look().words == "our clock jumped 2 h back"


@pytest.mark.parametrize(
    ("skew", "held"),
    [(0, False), (HOLD, False), (-HOLD, False), (HOLD + 1, True), (-HOLD - 1, True)],
)
def test_clocks_more_than_five_minutes_apart_hold_writes(skew: int, held: bool) -> None:
    assert bool(fault_of(Millis(skew))) == held
    assert fault_of(None) == ""


@pytest.mark.parametrize("jump", [-365 * DAY, 365 * DAY])
def test_a_wait_goes_on_as_long_as_it_would_have(jump: int) -> None:
    patience = Patience(Millis(MINUTE))
    failing = SourceReport("jira", "jira", "write", error=UnreachableError("no"))
    patience.learn(PassReport(Instant(START), (failing,)))
    patience.shift(Millis(jump))
    assert not patience.ready("jira", Instant(START + jump + MINUTE - 1))
    assert patience.ready("jira", Instant(START + jump + MINUTE))
