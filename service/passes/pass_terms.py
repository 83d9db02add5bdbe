"""What passes, and errands outside them, are run under."""

from __future__ import annotations

from collections.abc import Callable, Set

import msgspec

from service.delivery.channels import Channels
from service.delivery.promises import QUIET
from service.delivery.timekeeping import Clock
from service.setup.retention import Retention
from sla_engine.plan import Limits
from sla_engine.terms import Policies
from sla_engine.units import Millis


class Terms(msgspec.Struct, frozen=True):
    """The same for all connections. `clock_fault` is why nothing may be written whatever is
    planned, which `force` does not change."""

    policies: Policies
    clock: Clock
    limits: Limits = Limits()
    channels: Channels = Channels()
    quiet: Millis = QUIET
    retention: Retention = Retention()
    force: bool = False
    clock_fault: str = ""
    stop: Callable[[], bool] = lambda: False
    halted: Callable[[], str] = lambda: ""
    rung: Callable[[str], Set[str]] = lambda _: frozenset()
    progress: Callable[[str, str, int, int], None] = lambda *_: None
