"""The running service as watchers see it: does its loop turn, how do its connections stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from service.watch.health import Health, health
from service.watch.metrics import Metrics
from service.watch.pulse import Pulse

if TYPE_CHECKING:
    from service.setup.settings import Settings
    from sla_engine.units import Instant, Millis


class Watch:
    """What the loop feeds and the web pages read, each in a thread of its own."""

    def __init__(self, settings: Settings, clock: Callable[[], Instant], policies: str) -> None:
        self._settings, self._clock = settings, clock
        self.pulse = Pulse()
        self.figures = Metrics(settings, policies)

    @property
    def alive(self) -> bool:
        return self.pulse.alive

    def health(self, limit: Millis | None) -> Health:
        return health(self._settings, self._clock(), limit)

    def metrics(self) -> bytes:
        return self.figures.text()
