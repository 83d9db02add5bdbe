"""Who is who: what the policies call an actor."""

from __future__ import annotations

from fnmatch import fnmatchcase

from sla_engine.model import Actor, ActorKind
from sla_engine.terms import ActorTerms


def kind_of(actor: Actor, terms: ActorTerms) -> ActorKind:
    """The actor's kind: the policies' word if they have one, else the source's.

    Our own account stays `self` whatever is listed, so that our comments never answer anybody.
    """
    if actor.kind == "self":
        return "self"
    if _named(actor, terms.bots):
        return "bot"
    if _named(actor, terms.ai):
        return "ai"
    if _named(actor, terms.vendor) or _domain(actor) in terms.vendor_domains:
        return "vendor"
    if not set(actor.groups).isdisjoint(terms.vendor_groups):
        return "vendor"
    if _named(actor, terms.staff) or not set(actor.groups).isdisjoint(terms.staff_groups):
        return "staff"
    return actor.kind


def _named(actor: Actor, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, glob) for name in (actor.id, actor.name) if name for glob in globs)


def _domain(actor: Actor) -> str:
    return actor.id.rpartition("@")[2] if "@" in actor.id else ""
