"""What single tickets are granted: an exception is a policy of one ticket.

Its targets are changed before anything is evaluated, so that due, steps and breach follow by
themselves; the verdict says who granted it and why.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from sla_engine.model import Verdict
from sla_engine.terms import Choice, ClockTerms, Deadline, Policies, Target, TicketException
from sla_engine.units import Duration, Millis
from sla_engine.words import duration

EXCEPTION = "exception"
"""The flag of a verdict to which one applies."""


def grants_of(policies: Policies) -> dict[str, tuple[TicketException, ...]]:
    """The exceptions by the keys of their tickets."""
    found: dict[str, tuple[TicketException, ...]] = {}
    for one in policies.exceptions:
        found[one.ticket] = (*found.get(one.ticket, ()), one)
    return found


def excepted(policies: Policies, granted: Sequence[TicketException]) -> Policies:
    """The policies as they are for the ticket to which this is granted."""
    changed = [
        msgspec.structs.replace(
            policy, clocks=tuple(_changed(clock, granted) for clock in policy.clocks)
        )
        for policy in policies.policies
    ]
    return msgspec.structs.replace(policies, policies=tuple(changed), exceptions=())


def on_record(verdict: Verdict, granted: Sequence[TicketException]) -> Verdict:
    """The verdict with what was granted; excused where a breach is waived."""
    mine = [one for one in granted if one.clock in ("", verdict.clock)]
    if not mine:
        return verdict
    waived = verdict.state == "breached" and any(_waives(one, verdict) for one in mine)
    return msgspec.structs.replace(
        verdict,
        state="excused" if waived else verdict.state,
        flags=(*verdict.flags, EXCEPTION),
        reason="; ".join(filter(None, (verdict.reason, *map(words, mine)))),
    )


def words(exception: TicketException) -> str:
    """`extended by 8 h, approved by mona: customer asked to wait (https://…)`."""
    if exception.extend is not None:
        what = f"extended by {_length(exception.extend)}"
    else:
        what = "another deadline" if exception.due is not None else "waived"
    evidence = f" ({exception.evidence})" if exception.evidence else ""
    return f"{what}, approved by {exception.approved_by}: {exception.reason}{evidence}"


def _length(length: Duration) -> str:
    days = length.business_days
    said = f"{days} business day{'s' * (days > 1)}" if days else ""
    return " ".join(filter(None, (said, duration(length.millis) if length.millis else "")))


def _waives(exception: TicketException, verdict: Verdict) -> bool:
    if exception.extend is not None or exception.due is not None or verdict.breached_at is None:
        return False
    return exception.until is None or verdict.breached_at < exception.until


def _changed(clock: ClockTerms, granted: Sequence[TicketException]) -> ClockTerms:
    targets = clock.targets
    for one in granted:
        if one.clock not in ("", clock.name):
            continue
        if one.extend is not None:
            targets = _extended(targets, one.extend)
        elif one.due is not None:
            targets = Choice(default=Target(None, None, one.where, Deadline(at=one.due)))
    return msgspec.structs.replace(clock, targets=targets)


def _extended(choice: Choice[Target], by: Duration) -> Choice[Target]:
    return Choice(
        choice.by,
        {value: _extended(row, by) for value, row in choice.rows.items()},
        choice.default and _longer(choice.default, by),
    )


def _longer(target: Target, by: Duration) -> Target:
    limit, aim = (length and _sum(length, by) for length in (target.limit, target.aim))
    return msgspec.structs.replace(target, limit=limit, aim=aim)


def _sum(one: Duration, other: Duration) -> Duration:
    return Duration(
        Millis(one.millis + other.millis),
        one.business_days + other.business_days,
        calendar_days=one.calendar_days or other.calendar_days,
    )
