"""What stands against writing a plan: changed policies that wait for a word, the limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.passes.survey import Survey
    from sla_engine.plan import Limits
    from sla_engine.units import Instant


def against(seen: Sequence[Survey], limits: Limits, now: Instant) -> Iterator[str]:
    """Why a run would write nothing to a connection, with the numbers; none where it would."""
    from service.delivery.items import pairs
    from sla_engine.plan import refusal

    for one in seen:
        held = one.held(now)
        if held is not None:
            yield f"{held.connection}: {held.words}"
        elif one.hold is None and (refused := refusal(pairs(one.items), one.open, limits)):
            yield f"{one.items[0].ticket.ref.connection}: {refused}"


def waiting(seen: Sequence[Survey], now: Instant) -> tuple[str, ...]:
    """The names of the plans that wait for `sla approve`; "" for one that no pass weighed yet."""
    held = (one.held(now) for one in seen)
    return tuple(one.id for one in held if one is not None)
