"""When a pass hears what a system says: one instant for all of it, never before what is known."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from service.delivery.skew import HOLD, told_by
from service.state.standing import pulled_at
from sla_engine.units import Instant

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from connectors.base import Connector
    from service.delivery.timekeeping import Clock


class Hearing:
    """Of one connection in one pass, which `began` by our clock."""

    def __init__(self, connector: Connector, began: Instant, clock: Clock) -> None:
        self._connector, self._began, self._clock = connector, began, clock

    @cached_property
    def at(self) -> Instant:
        """Asked for once the system answered: the begin of the pass, by the system's clock where
        ours is far off."""
        return told_by(self._connector, self._began, self._clock())

    def onward(self, db: Connection) -> Instant:
        """The same; the moment after the last pull where that was not before it, because another
        worker was quicker, our clock was set back a little or `--now` says so. So what is heard
        after a verdict is known after it. A pull of a time that has not come counts for nothing."""
        last = pulled_at(db, self._connector.name)
        if last is None or last < self.at:
            return self.at
        now = self._clock()
        has_come = last <= told_by(self._connector, now, now) + HOLD
        return Instant(last + 1) if has_come else self.at
