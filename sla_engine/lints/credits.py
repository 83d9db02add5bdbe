"""Credits that the cap of their contract never lets be paid."""

from __future__ import annotations

from collections.abc import Iterator

from sla_engine.document import Node
from sla_engine.lints.subject import Subject, found
from sla_engine.problems import Problem


def credits_above_cap(subject: Subject) -> Iterator[Problem]:
    """A warning for each single credit that is larger than its contract's cap."""
    for name, node, _ in subject.entries("contracts"):
        cap = _percent(node.child("cap"))
        for credit in _credits(node) if cap is not None else ():
            share = _percent(credit)
            if cap is not None and share is not None and share > cap:
                what = f'a credit of {share:g}% is above the cap of contract "{name}", {cap:g}%'
                mend = "whoever is owed it gets the cap; raise the cap or lower the credit"
                yield found("warning", "SLA219", credit.where, what, mend)


def _credits(contract: Node) -> Iterator[Node]:
    """Every `credit:` of a contract: of tiers, and for each breach."""
    listed = contract.child("credits")
    for entry in (listed.items if listed else None) or ():
        tiers = entry.child("tiers")
        for holder in [*((tiers.items if tiers else None) or ()), entry.child("per_breach")]:
            credit = holder.child("credit") if holder else None
            if credit is not None:
                yield credit


def _percent(node: Node | None) -> float | None:
    text = (node.text if node else None) or ""
    try:
        return float(text.removesuffix("%")) if text.endswith("%") else None
    except ValueError:
        return None
