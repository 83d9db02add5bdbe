"""What an action may know when a step of a ladder is reached."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from zoneinfo import ZoneInfo

import msgspec

from sla_engine.changes import Stood, Why
from sla_engine.model import Ref, Value, Verdict
from sla_engine.terms import Policy
from sla_engine.units import Instant


class Context(msgspec.Struct, frozen=True):
    """One step reached by one cycle of one ticket. `key` is the same after a restart; an action
    whose deed stands apart from the comment appends its own name to it. `channels` are those that
    service.yaml can reach."""

    ref: Ref
    key: str
    step: str
    verdict: Verdict
    policy: Policy
    fields: Mapping[str, Value]
    zone: ZoneInfo
    why: Why
    channels: Collection[str] = ()
    at: Instant | None = None

    def stood(self, *names: str) -> Stood:
        """What these fields say now, for a deed that must not undo what people do meanwhile."""
        return tuple((name, self.fields.get(name)) for name in names)
