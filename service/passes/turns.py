"""In which order tickets are written, and when a system has had enough of us for now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from connectors.envelope import SlowDownError
from sla_engine.changes import SetFields

if TYPE_CHECKING:
    from service.delivery.items import Done, Item

IN_A_ROW = 3
"""Tickets refused one after the other for the sake of a limit. One alone may have a limit of its
own; of more, each would be asked for in vain and noted in the audit."""


def in_turn(items: Iterable[Item]) -> tuple[Item, ...]:
    """What is said and done before fields, each a ticket of every project by turns: where not all
    can be written, no project is left to the last, and no escalation."""
    met: Counter[tuple[bool, str]] = Counter()

    def place(item: Item) -> tuple[bool, int]:
        only_fields = all(isinstance(change, SetFields) for change in item.changes)
        project = item.ticket.ref.key.rpartition("-")[0]
        met[only_fields, project] += 1
        return only_fields, met[only_fields, project]

    return tuple(sorted(items, key=place))


def had_enough(done: Sequence[Done]) -> SlowDownError | None:
    """Why to write no more in this pass: the last tickets were all told to slow down."""
    told = [
        next((o for _, o in one.results if o.code == SlowDownError.code), None)
        for one in done[-IN_A_ROW:]
    ]
    if len(told) < IN_A_ROW or told[-1] is None or None in told:
        return None
    return SlowDownError(told[-1].message)
