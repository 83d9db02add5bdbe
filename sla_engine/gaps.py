"""Whether what a history leaves unexplained matters: only to policies that can tell its ends apart.

A priority that an admin replaced by another is no hole where both have the same name in the
policies' vocabulary, or where no condition reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sla_engine.model import Gap, Value
    from sla_engine.tables import Tables


def unexplained(tables: Tables, gaps: Iterable[Gap]) -> str:
    """Why no verdict can be given under these policies; "" where none of the gaps matters."""
    told = dict.fromkeys(
        f"{gap.field} went from {_said(gap.before)} to {_said(gap.after)}"
        for gap in gaps
        if _matters(tables, gap)
    )
    return f"the history does not say when {', and '.join(told)}" if told else ""


def _matters(tables: Tables, gap: Gap) -> bool:
    if gap.field in tables.changing:
        return True
    if gap.field == "assignee" and tables.assigning and bool(gap.before) != bool(gap.after):
        return True
    slots = (tables.slots[index] for index in tables.watched.get(gap.field, ()))
    return any(slot.class_of(gap.before) != slot.class_of(gap.after) for slot in slots)


def _said(value: Value) -> str:
    if not value:
        return "nothing"
    return f'"{value if isinstance(value, str) else ", ".join(value)}"'
