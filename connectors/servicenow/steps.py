"""Changes and comments of one ticket as the steps in which they happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from connectors.servicenow.history import Change, Update
from connectors.servicenow.journals import VISIBLE
from connectors.servicenow.stamps import read_stamp
from sla_engine.units import Instant


class Step(msgspec.Struct):
    """Everything that one person did at once. `spoken` is "public" or "internal", in order."""

    at: Instant
    user: str
    source_id: str
    spoken: list[str]
    changes: tuple[Change, ...] = ()


def steps(history: Iterable[Update], entries: Iterable[Mapping[str, str]]) -> list[Step]:
    """All steps in order; of one second, a comment that stands alone comes before changes.

    What a person wrote and changed in one second was one update of the record: a caller's reply
    that reopens a ticket must not be seen before the ticket is open.
    """
    changed = [Step(u.at, u.user, u.source_id, [], u.changes) for u in history]
    by_hand: dict[tuple[Instant, str], Step] = {}
    for step in changed:
        by_hand.setdefault((step.at, step.user), step)
    alone: list[Step] = []
    for entry in sorted(entries, key=lambda entry: (entry["sys_created_on"], entry["sys_id"])):
        at, user = read_stamp(entry["sys_created_on"]), entry["sys_created_by"]
        visible = VISIBLE[entry["element"]]
        if (at, user) in by_hand:
            by_hand[at, user].spoken.append(visible)
        else:
            alone.append(Step(at, user, f"comment {entry['sys_id']}", [visible]))
    return sorted([*alone, *changed], key=lambda step: (step.at, bool(step.changes)))
