"""Tickets merged into another: under `merge: earliest` that one counts from the first start of all.

Their starts alone are taken over. What was done in them stays theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
    merged = (member for member in ticket.members if _is_merged(member, ticket, now))
    first = min((member.created_at for member in merged), default=ticket.created_at)
    moving = {_promise(policies, v) for v in own if _takes_first(policies, v)}
    if first >= ticket.created_at or not moving:
        return own
    earlier = judge(msgspec.structs.replace(ticket, created_at=first))
    kept = [v for v in own if _promise(policies, v) not in moving]
    moved = [_flagged(v) for v in earlier if _promise(policies, v) in moving]
    return _in_order(own, [*kept, *moved])


def _is_merged(member: Ticket, ticket: Ticket, now: Instant) -> bool:
    """Whether a ticket of the same system is merged into this one as of now."""
    into = member.initial.get(MERGED_INTO)
    for _, field, new, *_ in member.journal.until(now):
        if field == MERGED_INTO:
            into = new
    return into == ticket.ref.key and member.ref.connection == ticket.ref.connection


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
