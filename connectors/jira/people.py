"""Who a Jira account is to us: staff, a customer, a bot, or ourselves."""

from __future__ import annotations

from collections.abc import Collection

from connectors.jira.wire import User
from sla_engine.model import NOBODY, Actor, ActorKind

_OF_ACCOUNT: dict[str, ActorKind] = {"app": "bot", "customer": "customer", "atlassian": "staff"}


def actor_of(user: User | None, own_id: str, requesters: Collection[str]) -> Actor:
    """An account as an actor; nobody where Jira no longer knows who it was.

    Who reported the ticket speaks for the customer, whatever the account is. Cloud tells the others
    apart by accountType; Data Center has no such thing, so there they are staff unless the policies
    (`actors:`) say otherwise.
    """
    if user is None or not user.id:
        return NOBODY
    return Actor(user.id, user.display_name or user.name or "", _kind(user, own_id, requesters))


def _kind(user: User, own_id: str, requesters: Collection[str]) -> ActorKind:
    if user.id == own_id:
        return "self"
    if user.account_type == "app":
        return "bot"
    if user.id in requesters:
        return "customer"
    if user.account_type is None:
        return "staff"
    return _OF_ACCOUNT.get(user.account_type, "unknown")
