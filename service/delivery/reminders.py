"""Reviews of policies that are due: whoever shall hold them is told once, through the channels."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from service.delivery import deeds
from service.delivery.apply import end
from service.state.failpoints import reach
from sla_engine.changes import Notify, Why
from sla_engine.model import Ref
from sla_engine.units import Instant, to_datetime

if TYPE_CHECKING:
    from service.delivery.channels import Channels
    from service.delivery.timekeeping import Clock
    from service.state.store import Store
    from sla_engine.terms import Policies, Policy

POLICIES = "policies"
"""Under this name, which no connection has, the deeds about policies themselves are kept."""


def remind(
    store: Store, policies: Policies, channels: Channels, clock: Clock, now: Instant
) -> tuple[Notify, ...]:
    """Send what is due and was not sent; what a channel took. A channel that took nothing is tried
    again by the next pass."""
    wanted = [one for policy in policies.policies for one in notices(policy, channels.names, now)]
    sent = []
    for notice in _unsent(store, wanted):
        sent_at = clock()
        with store.write() as db:
            for doubt in deeds.in_doubt(db, POLICIES):  # no channel can be read back: once more
                deeds.end(db, doubt, "planned")
            begun = deeds.intend(db, [notice], sent_at)
        for intent in begun:
            reach("remind.after_intent")
            outcome = channels.tell(notice)
            reach("remind.after_send")
            with store.write() as db:
                version = policies.version
                told = [(notice, outcome)]
                deeds.record(db, sent_at, told, before={}, policies=version, run="")
                end(db, intent, outcome)
            sent += [notice] if outcome.kind == "confirmed" else []
    return tuple(sent)


def _unsent(store: Store, wanted: Sequence[Notify]) -> list[Notify]:
    if not wanted:
        return []
    with store.read() as db:
        ended = deeds.settled(db, POLICIES, sorted({notice.ref.id for notice in wanted}))
    return [n for n in wanted if ended.get(n.ref.id, {}).get(n.key, "sending") == "sending"]


def notices(policy: Policy, channels: Collection[str], now: Instant) -> Iterator[Notify]:
    """One for each channel among `by`, or failing that the owner's, from the day of the review on.
    Each day of review has deeds of its own."""
    review = policy.review
    if review is None or review.next is None:
        return
    if to_datetime(now, ZoneInfo(review.zone)).date() < review.next:
        return
    day = review.next.isoformat()
    told = [name for name in review.by if name in channels]
    told = told or [name for name in (policy.owner,) if name in channels]
    ref = Ref(POLICIES, policy.name, policy.name)
    for name in dict.fromkeys(told):
        key = f"review:{policy.name}:{day}:{name}"
        yield Notify(ref, key, name, _text(policy, day), Why(f"review due {day}", policy.where))


def _text(policy: Policy, day: str) -> str:
    assert policy.review is not None
    said = [f"The review of the policy {policy.name} was due on {day}."]
    said += [f"It promises: {policy.describe.rstrip('.')}."] if policy.describe else []
    said += [f"Owner: {policy.owner}."] if policy.owner else []
    said += [f"Plan: {policy.review.plan}"] if policy.review.plan else []
    said += ["Afterwards set review.next to the day of the next one."]
    return "\n".join(said)
