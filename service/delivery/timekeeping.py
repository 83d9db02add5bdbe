"""Our own clock, watched: a wall clock that jumps makes deadlines pass that nobody missed, and by
one that stands still none ever passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sla_engine.units import MINUTE, SECOND, Instant, Millis
from sla_engine.words import duration

Clock = Callable[[], Instant]
"""The time as it goes: for stamps on what is sent, never for a verdict."""

STEP = Millis(MINUTE)
"""The wall clock and the time that passed may differ by so much between two looks: NTP slews, it
does not leap. More is a step: somebody set the clock, or the machine slept."""


STANDS = SECOND
"""A wall clock that shows the same millisecond for longer than this stands still."""


class Look(NamedTuple):
    """How far the wall clock leapt ahead of the time that passed since the look before, or
    (negative) fell behind it; 0 where it went nearly as time does. `stands`: it does not move."""

    jump: Millis
    stands: bool

    @property
    def words(self) -> str:
        """`our clock jumped 2 h ahead`, `our clock stands still`; "" where all is well."""
        if self.stands:
            return "our clock stands still"
        if not self.jump:
            return ""
        way = "ahead" if self.jump > 0 else "back"
        return f"our clock jumped {duration(Millis(abs(self.jump)))} {way}"


class Timekeeper:
    """Compares the wall clock with the time that passed. Look once a beat."""

    def __init__(self, clock: Clock, passing: Callable[[], float]) -> None:
        self._clock, self._passing = clock, passing
        self._wall, self._mono = clock(), passing()
        self._moved = self._mono

    def look(self) -> Look:
        """What became of the wall clock since the last look."""
        wall, mono = self._clock(), self._passing()
        jump = (wall - self._wall) - round((mono - self._mono) * 1000)
        if wall != self._wall:
            self._moved = mono
        stands = (mono - self._moved) * 1000 > STANDS
        self._wall, self._mono = wall, mono
        return Look(Millis(jump if stands or abs(jump) > STEP else 0), stands)
