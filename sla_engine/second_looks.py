"""What deserves a second look: ways in which a figure may look better than it is, and facts that
are not certain. Read off a verdict when somebody asks; judging knows nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sla_engine.conditions import EventTest, atoms, holds
from sla_engine.control import REPLIED
from sla_engine.deadlines import DEADLINE
from sla_engine.evaluate import compiled
from sla_engine.fold import fields_at
from sla_engine.model import ActorKind, Span, Ticket, Verdict
from sla_engine.reasons import terms_of
from sla_engine.roles import kind_of
from sla_engine.terms import Policies
from sla_engine.units import MINUTE, Instant

AHEAD = 2 * MINUTE
"""An entry dated so far after the present is no delay: a clock is wrong."""

SOON = MINUTE
"""So soon after a reply a rule has moved the ticket on, where there is one."""

OFTEN = 3
LATE = 0.8
"""A longer limit that comes when so much of the old one is used comes late."""

Comment = tuple[Instant, ActorKind]


def second_looks(
    policies: Policies, ticket: Ticket, verdict: Verdict, now: Instant | None = None
) -> tuple[str, ...]:
    """The flags of a verdict and what else its history shows; `now` is the present, None where the
    verdict is one of the past."""
    said = _public(policies, ticket)
    found = {
        "silent_pause": verdict.type == "sla" and _silent(verdict, ticket, said),
        "replied_pending": _pending(policies, verdict, ticket),
        "late_downgrade": DEADLINE not in verdict.flags and _late(verdict.spans),
        "flap": sum(span.reason == "closed in between" for span in verdict.spans) >= OFTEN,
        "unknown_actor": _unknown(policies, verdict, said),
        "skew": now is not None and max(ticket.journal.ats, default=0) > now + AHEAD,
    }
    return tuple(dict.fromkeys((*verdict.flags, *(name for name, holds in found.items() if holds))))


def _public(policies: Policies, ticket: Ticket) -> list[Comment]:
    """All public comments, by what their authors were to the ticket."""
    requester = ticket.initial.get("requester")
    return [
        (event.at, "customer" if event.actor.id == requester else kind)
        for event in ticket.journal
        if event.field == "comment" and event.new == "public"
        for kind in [kind_of(event.actor, policies.actors)]
    ]


def _silent(verdict: Verdict, ticket: Ticket, said: list[Comment]) -> bool:
    """Whether the clock stood still though nobody had said anything to the customer since their
    last word, nor did while it stood."""
    for span in _pauses(verdict.spans):
        ours = [at for at, kind in said if kind in ("staff", "ai") and at <= span.end]
        before = [at for at, kind in said if kind == "customer" and at <= span.start]
        if not ours or ours[-1] < max(before, default=ticket.created_at):
            return True
    return False


def _pending(policies: Policies, verdict: Verdict, ticket: Ticket) -> bool:
    """Whether the ticket went on saying that it waits when a reply had ended the pause."""
    found = terms_of(policies, verdict)
    pause = found[1].pause if found else None
    if pause is None:
        return False
    ends = [span.start + SOON for span in verdict.spans
            if span.reason == REPLIED and span.start + SOON < span.end]  # fmt: skip
    tables, _ = compiled(policies)
    return any(holds(pause.when, fields_at(tables, ticket, Instant(at))) for at in ends)


def _pauses(spans: tuple[Span, ...]) -> Iterator[Span]:
    """The pauses that somebody made; exclusions are agreed."""
    return (s for s in spans if s.phase == "paused" and not s.cause.startswith("exclusion "))


def _late(spans: tuple[Span, ...]) -> bool:
    """Whether the limit grew when the last fifth of it was being used."""
    used = 0
    for span, following in pairwise(spans):
        used += span.counted
        limit, later = span.limit, following.limit
        nearly = limit is not None and limit * LATE < used <= limit
        if nearly and limit is not None and later is not None and limit < later:
            return True
    return False


def _unknown(policies: Policies, verdict: Verdict, said: list[Comment]) -> bool:
    """Whether somebody of whom nothing is known wrote while an answer was due."""
    terms = terms_of(policies, verdict)
    start = verdict.started_at
    if terms is None or start is None:
        return False
    stops = atoms(terms[1].stop)
    waits = any(isinstance(one, EventTest) and one.kind == "comment" for one in stops)
    end = verdict.stopped_at or verdict.spans[-1].end
    return waits and any(kind == "unknown" and start <= at <= end for at, kind in said)
