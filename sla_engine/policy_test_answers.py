"""What a verdict answers to an expectation, in words: the figure, and what decided it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sla_engine.model import Span, Ticket, Verdict
from sla_engine.reasons import target_line, terms_of, unmatched
from sla_engine.units import MINUTE, SECOND, Instant, Millis
from sla_engine.words import duration, instant

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sla_engine.terms import Policies, Policy


def figure(verdict: Verdict | None, what: str) -> int | None:
    match verdict, what:
        case None, _:
            return None
        case Verdict(), "elapsed":
            return verdict.elapsed
        case Verdict(), "left":
            return verdict.left
        case Verdict(), "due":
            return verdict.due_at
        case _:
            return verdict.breached_at


def said(what: str, value: int | None, zone: ZoneInfo) -> str:
    if value is None:
        return "none"
    if what not in ("elapsed", "left"):
        return instant(Instant(value), zone) + _fine(value)
    if 0 < abs(value) < MINUTE:
        return f"{value / SECOND:g} s"
    return duration(Millis(value)) + _fine(value)


def _fine(value: int) -> str:
    """What the words above leave out, so that unequal figures never read alike."""
    rest = abs(value) % MINUTE
    return f" {rest / 1000:g} s" if rest else ""


def because(ticket: Ticket, verdict: Verdict | None, zone: ZoneInfo) -> str:
    """The event that decided, and the span that the figure ends in."""
    if verdict is None:
        return "no policy gives this ticket such a clock then"
    words = []
    if verdict.stopped_at is not None:
        ended = "cancelled" if verdict.state == "cancelled" else "stopped"
        by = next((e.source_id for e in ticket.journal if e.at == verdict.stopped_at), "")
        cause = ", ".join(filter(None, (by, verdict.reason)))
        words.append(f"{ended} {instant(verdict.stopped_at, zone)}" + f" ({cause})" * bool(cause))
    words += [_span(span, zone) for span in verdict.spans[-1:]]
    return "; ".join(words) or verdict.reason


def _span(span: Span, zone: ZoneInfo) -> str:
    cause = span.cause if span.reason in ("", span.cause) else f"{span.reason} ({span.cause})"
    return f"{span.phase} since {instant(span.start, zone)}, {cause}, on {span.calendar}"


def policy_line(
    policies: Policies, ticket: Ticket, verdict: Verdict | None, clock: str, at: Instant
) -> str:
    """The line that decided: the row that chose the target, or why no policy with such a clock
    gives it one."""
    if verdict is None:
        found = unmatched(policies, ticket, at)
        return "; ".join(
            f"{_named(policy)}: {why}"
            for policy, why in found
            if any(terms.name == clock for terms in policy.clocks)
        )
    if verdict.limit is None:
        terms = terms_of(policies, verdict)
        return f"{_named(terms[0])} promises nothing here" if terms else verdict.policy
    return target_line(policies, ticket, verdict, at) or verdict.policy


def _named(policy: Policy) -> str:
    where = policy.where
    return f"{where.file}:{where.line} {policy.name}" if where else policy.name
