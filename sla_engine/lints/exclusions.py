"""Exclusions that were declared too late: time taken out of a promise when it was already lost."""

from __future__ import annotations

from collections.abc import Iterator

from sla_engine.calendars import opening
from sla_engine.document import Node
from sla_engine.lints.subject import Subject, found
from sla_engine.problems import Problem, Where
from sla_engine.terms import Exclusion
from sla_engine.units import DAY, MINUTE, Instant, Millis, to_datetime
from sla_engine.words import duration

PLANNED = ("maintenance", "test")
"""Kinds that can be declared before they begin; the others befall people."""


def late_exclusions(subject: Subject) -> Iterator[Problem]:
    """A warning for each planned exclusion that was declared (by the history of its file) after it
    began, or later than `announced` before."""
    known = {one.name: one for policy in subject.policies.policies for one in policy.exclusions}
    for name, node, where in subject.entries("exclusions"):
        declared = subject.declared.get(name)
        if name in known and declared is not None:
            yield from _late(known[name], node, where, declared)


def _late(exclusion: Exclusion, node: Node, where: Where, declared: Instant) -> Iterator[Problem]:
    repeated = any("rrule" in (item.entries or {}) for item in _stretches(node))
    begins = opening(exclusion.when, declared if repeated else Instant(0))
    notice = exclusion.announced.on(DAY) if exclusion.announced else Millis(0)
    if begins is None or (exclusion.kind not in PLANNED and not notice):
        return
    ahead = Millis(begins - declared)
    when = f"{to_datetime(declared):%Y-%m-%d %H:%M} UTC"
    if ahead < 0:
        what = f'"{exclusion.name}" was declared {_length(Millis(-ahead))} after it began'
        mend = f"it began {to_datetime(begins):%Y-%m-%d %H:%M} UTC and was committed {when}"
    elif ahead < notice:
        what = f'"{exclusion.name}" was declared {_length(ahead)} ahead, {_length(notice)} is due'
        mend = f"it begins {to_datetime(begins):%Y-%m-%d %H:%M} UTC and was committed {when}"
    else:
        return
    yield found("warning", "SLA217", where, what, mend)


def _stretches(node: Node) -> tuple[Node, ...]:
    when = node.child("when")
    return () if when is None else when.items or (when,)


def _length(length: Millis) -> str:
    if length >= 2 * DAY:
        return f"{length // DAY} days"
    return duration(max(length, MINUTE))
