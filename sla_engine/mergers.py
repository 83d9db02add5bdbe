"""Tickets merged into another: under `merge: earliest` that one counts from the first start of all.

Their starts alone are taken over. What was done in them stays theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from sla_engine.conditions import ALWAYS
from sla_engine.happening import MERGED_INTO
from sla_engine.model import Ticket, Verdict
from sla_engine.terms import LinkTerms, Policies
from sla_engine.units import Instant
from sla_engine.versions import judge_of

MERGED = "merged"
"""The flag of a verdict that counts from the start of a merged ticket."""

MERGER = LinkTerms("merged into", ALWAYS, ALWAYS, ((MERGED_INTO, "key"),))

Judge = Callable[[Ticket], tuple[Verdict, ...]]


def kinships(policies: Policies) -> tuple[LinkTerms, ...]:
    """What makes a ticket a member of another: links, and mergers where a policy asks for them."""
    asked = any(policy.merge == "earliest" for policy in policies.policies)
    return (*policies.links, MERGER) if asked else policies.links


def with_first_starts(
    policies: Policies, ticket: Ticket, now: Instant, own: tuple[Verdict, ...], judge: Judge
) -> tuple[Verdict, ...]:
    """The verdicts on a ticket as policies want them that take the first start of what was merged
    into it; `own` are those without."""
    first = min((one.created_at for one in _merged(ticket, now)), default=ticket.created_at)
    moving = {_promise(policies, v) for v in own if _takes_first(policies, v)}
    if first >= ticket.created_at or not moving:
        return own
    earlier = judge(msgspec.structs.replace(ticket, created_at=first))
    kept = [v for v in own if _promise(policies, v) not in moving]
    moved = [_flagged(v) for v in earlier if _promise(policies, v) in moving]
    return _in_order(own, [*kept, *moved])


def _merged(ticket: Ticket, now: Instant) -> Iterator[Ticket]:
    """The members of the same system that are merged into it as of now, or into one that is."""
    own = [one for one in ticket.members if one.ref.connection == ticket.ref.connection]
    into = {one.ref.key: _into(one, now) for one in own}
    for member in own:
        key, passed = into[member.ref.key], {member.ref.key}
        while key in into and key not in passed:
            passed.add(key)
            key = into[key]
        if key == ticket.ref.key:
            yield member


def _into(member: Ticket, now: Instant) -> str:
    """The key of the ticket that it is merged into; "" where there is none."""
    into = member.initial.get(MERGED_INTO)
    for _, field, new, *_ in member.journal.until(now):
        if field == MERGED_INTO:
            into = new
    return into if isinstance(into, str) else ""


def _takes_first(policies: Policies, verdict: Verdict) -> bool:
    policy = judge_of(policies, verdict)
    return policy is not None and policy.merge == "earliest"


def _promise(policies: Policies, verdict: Verdict) -> tuple[str, str]:
    """Of what clock it is, whichever policy has it; additive policies have clocks of their own."""
    policy = judge_of(policies, verdict)
    return verdict.clock, verdict.policy if policy is not None and policy.additive else ""


def _flagged(verdict: Verdict) -> Verdict:
    return msgspec.structs.replace(verdict, flags=(*verdict.flags, MERGED))


def _in_order(own: Sequence[Verdict], verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Clocks in the order that they had."""
    places = {(v.policy, v.clock): place for place, v in reversed(list(enumerate(own)))}
    return tuple(sorted(verdicts, key=lambda v: places.get((v.policy, v.clock), len(own))))
