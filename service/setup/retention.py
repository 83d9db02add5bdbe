"""`retention:` of service.yaml: how long what is kept."""

from __future__ import annotations

from typing import Annotated

import msgspec
from pydantic import BeforeValidator

from service.setup.settings_reading import Part
from sla_engine.units import DAY, Millis, parse_duration


class Retention(msgspec.Struct, frozen=True):
    """How long each is kept; None is for ever. Histories from when their ticket was closed, the
    record (verdicts, restatements, what the audit says) and the words of deeds from their day."""

    histories: Millis | None = Millis(400 * DAY)
    record: Millis | None = Millis(1096 * DAY)
    attempts: Millis | None = Millis(90 * DAY)


def _days(value: object) -> object:
    if value == "forever":
        return None
    length = parse_duration(value) if isinstance(value, str) else None
    if length is None or length.business_days or length.months or length.millis < DAY:
        raise ValueError(f'"{value}" is not a number of days; write 400d, or forever')
    return length.millis


Days = Annotated[int | None, BeforeValidator(_days)]


class RetentionSettings(Part):
    histories: Days = Retention().histories
    record: Days = Retention().record
    attempts: Days = Retention().attempts

    def terms(self) -> Retention:
        """As a pass needs it."""
        lengths = (self.histories, self.record, self.attempts)
        return Retention(*(None if one is None else Millis(one) for one in lengths))
