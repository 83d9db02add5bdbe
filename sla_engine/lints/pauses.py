"""Pauses that leave nothing to measure, and pauses without an end."""

from __future__ import annotations

from collections.abc import Iterator

from sla_engine.conditions import ALWAYS, Condition, holds
from sla_engine.lints.subject import Subject, found
from sla_engine.problems import Problem, Where
from sla_engine.terms import ClockTerms, Policy
from sla_engine.witness import all_of_them, may_hold, shown, tickets


def paused_starts(subject: Subject) -> Iterator[Problem]:
    """A warning for each clock that every start finds paused."""
    for policy, terms, where in _pausing(subject):
        if terms.pause is None:
            continue
        start: Condition = terms.start or ALWAYS
        conditions = (policy.match, start, terms.pause.when)
        if not all_of_them(conditions):
            continue
        starting = [
            ticket
            for ticket in tickets(conditions, subject.policies.fields)
            if holds(policy.match, ticket) and may_hold(start, ticket)
        ]
        if starting and all(holds(terms.pause.when, ticket) for ticket in starting):
            what = f"{terms.name} is paused from its start, whatever the ticket"
            mend = f"{shown(starting[0])} starts and pauses it at once; narrow the pause"
            yield found("warning", "SLA213", where, what, mend)


def endless_pauses(subject: Subject) -> Iterator[Problem]:
    """A note for each pause without `max`."""
    told: set[Where] = set()
    for _, terms, where in _pausing(subject):
        if terms.pause is not None and terms.pause.cap is None and where not in told:
            told.add(where)
            what = "the pause has no max, so a ticket that is forgotten there is never late"
            yield found("note", "SLA214", where, what, "add one: pause: {while: …, max: 10bd}")


def _pausing(subject: Subject) -> Iterator[tuple[Policy, ClockTerms, Where]]:
    """Every clock that can pause, and where its pause is said."""
    for policy in subject.policies.policies:
        for terms in policy.clocks:
            own = subject.said(policy, "clocks", terms.name, "pause")
            usual = subject.said(policy, "pause")
            if terms.pause is not None:
                yield policy, terms, usual if own == policy.where else own
