"""Internal promises that do not fit inside what they support: kept, and the customer's missed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from sla_engine.calendars import Calendar, advance
from sla_engine.conditions import All, Condition, FieldTest, holds
from sla_engine.lints.subject import Subject, found
from sla_engine.model import Value
from sla_engine.problems import Problem
from sla_engine.terms import Choice, ClockTerms, Policy, Target
from sla_engine.units import DAY, HOUR, Instant, to_datetime
from sla_engine.witness import shown, tickets

STARTS = [HOUR * hour for hour in range(7 * 24)]
"""Starts that are tried: every hour of the week to come."""


def unfit_supports(subject: Subject) -> Iterator[Problem]:
    """A warning for each target of a policy that may be due after the one it supports."""
    known = {policy.name: policy for policy in subject.policies.policies}
    for policy in subject.policies.policies:
        name, clock = policy.supports or ("", "")
        for above in known[name].clocks if name in known else ():
            if above.name == clock:
                for terms in policy.clocks:
                    yield from _unfit(subject, policy, terms, known[name], above)


def _unfit(
    subject: Subject, policy: Policy, terms: ClockTerms, other: Policy, above: ClockTerms
) -> Iterator[Problem]:
    compared: set[_Promise | tuple[_Promise, _Promise]] = set()
    rows = _rows((terms.targets, terms.calendar, above.targets, above.calendar))
    for ticket in tickets((policy.match, other.match, rows), subject.policies.fields):
        inner, outer = (_Promise.of(one, ticket) for one in (terms, above))
        both = holds(policy.match, ticket) and holds(other.match, ticket)
        if not both or inner is None or outer is None or compared & {inner, (inner, outer)}:
            continue
        compared.add((inner, outer))
        start = _later(subject.now, inner, outer)
        if start is not None:
            compared.add(inner)
            where = inner.target.where or subject.said(policy, "targets", terms.name)
            what = f"{terms.name} may be due after {other.name}.{above.name}, which it supports"
            when = f"{to_datetime(start):%Y-%m-%d %H:%M} UTC"
            mend = f"{shown(ticket)} that starts both on {when} shows it; promise less time here"
            yield found("warning", "SLA216", where, what, mend)


def _later(now: Instant, inner: _Promise, outer: _Promise) -> Instant | None:
    """A start from which the inner target is due after the outer one."""
    midnight = now - now % DAY + DAY
    for start in (Instant(midnight + offset) for offset in STARTS):
        first, last = inner.due(start), outer.due(start)
        if first is not None and last is not None and first > last:
            return start
    return None


class _Promise(msgspec.Struct, frozen=True):
    """What one clock promises to one ticket."""

    target: Target
    calendar: Calendar

    @classmethod
    def of(cls, terms: ClockTerms, ticket: Mapping[str, Value]) -> _Promise | None:
        target, calendar = terms.targets.pick(ticket), terms.calendar.pick(ticket)
        return None if target is None or calendar is None else cls(target, calendar)

    def due(self, start: Instant) -> Instant | None:
        limit = self.target.limit
        return None if limit is None else advance(self.calendar, start, limit.on(self.calendar.day))


def _rows(choices: Sequence[Choice[Target] | Choice[Calendar]]) -> Condition:
    """A condition that tells apart whatever rows tell apart."""
    parts: list[Condition] = []
    for choice in choices:
        if choice.by:
            parts.append(FieldTest(choice.by[0], one_of=tuple(choice.rows)))
            parts.append(_rows(tuple(choice.rows.values())))
    return All(tuple(parts))
