"""Exceptions that grant something to no ticket, or to one that was promised nothing."""

from __future__ import annotations

from collections.abc import Iterator

from sla_engine.lints.subject import Subject, found
from sla_engine.problems import Problem, Where


def idle_exceptions(subject: Subject) -> Iterator[Problem]:
    """A warning for each exception whose ticket is not kept, or is matched by no policy."""
    seen = subject.seen
    for one in subject.policies.exceptions if seen is not None else ():
        where = one.where or Where("policies")
        matched = seen.named.get(one.ticket) if seen else None
        if matched is None and seen and not seen.blind:
            mend = "is the key right? A ticket that moved has another one"
            yield found("warning", "SLA218", where, f"no ticket {one.ticket} is kept", mend)
        elif matched is False:
            what = f"no policy matches {one.ticket}, so nothing is granted to it"
            mend = f"see why: sla explain {one.ticket}"
            yield found("warning", "SLA218", where, what, mend)
