"""`token_expires:` of a connection: when its credentials end, where no system tells."""

from __future__ import annotations

from datetime import date

from sla_engine.document import Node
from sla_engine.problems import Problem
from sla_engine.units import Instant, parse_iso


def expiry(node: Node | None) -> tuple[Instant | None, list[Problem]]:
    """The first instant of the day (UTC) on which they end; None where nothing is said."""
    if node is None:
        return None, []
    try:
        day = date.fromisoformat(node.text or "")
    except ValueError:
        what = f'"{node.text}" is no date' if node.text else "a date belongs here"
        return None, [Problem(node.where, what, "write 2027-03-01", "SLA103")]
    return parse_iso(f"{day.isoformat()}T00:00:00Z"), []
