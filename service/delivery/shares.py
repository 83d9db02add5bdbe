"""How what a plan would write divides over projects and policies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from service.delivery.items import Item
    from sla_engine.model import Ref, Verdict

Tally = Counter[tuple[str, str]]
"""Tickets by project and policy. A ticket that several policies judge counts for each."""


class Share(msgspec.Struct, frozen=True):
    """So many tickets of one project under one policy. `project` is what their keys begin with, ""
    where they are bare numbers; `policy` is "" where none judges them any more."""

    project: str
    policy: str
    tickets: int


def tally(items: Iterable[Item], verdicts: Mapping[Ref, Sequence[Verdict]]) -> Tally:
    """Whose changes these are, by the verdicts of today."""
    found: Tally = Counter()
    for item in items:
        ref = item.ticket.ref
        judged = {verdict.policy for verdict in verdicts.get(ref, ())}
        found.update((project_of(ref.key), policy) for policy in judged or {""})
    return found


def project_of(key: str) -> str:
    """`SUP` of `SUP-118`, `INC` of `INC0010001`."""
    return key.rstrip("0123456789").rstrip("-")


def shares(found: Tally) -> tuple[Share, ...]:
    """The largest first."""
    ordered = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Share(*whose, tickets) for whose, tickets in ordered)
