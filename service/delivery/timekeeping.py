"""Our own clock, watched: a wall clock that jumps makes deadlines pass that nobody missed."""

from __future__ import annotations

from collections.abc import Callable

from sla_engine.units import MINUTE, Instant, Millis
from sla_engine.words import duration

Clock = Callable[[], Instant]
"""The time as it goes: for stamps on what is sent, never for a verdict."""

STEP = Millis(MINUTE)
"""The wall clock and the time that passed may differ by so much between two looks: NTP slews, it
does not leap. More is a step: somebody set the clock, or the machine slept."""


class Timekeeper:
    """Compares the wall clock with the time that passed. Look once a beat."""

    def __init__(self, clock: Clock, passing: Callable[[], float]) -> None:
        self._clock, self._passing = clock, passing
        self._wall, self._mono = clock(), passing()

    def look(self) -> Millis:
        """How far the wall clock jumped since the last look, ahead or (negative) back; 0 where it
        went as time does."""
        wall, mono = self._clock(), self._passing()
        jump = (wall - self._wall) - round((mono - self._mono) * 1000)
        self._wall, self._mono = wall, mono
        return Millis(jump if abs(jump) > STEP else 0)


def step_text(jump: Millis) -> str:
    """`our clock jumped 2 h ahead`."""
    way = "ahead" if jump > 0 else "back"
    return f"our clock jumped {duration(Millis(abs(jump)))} {way}"
