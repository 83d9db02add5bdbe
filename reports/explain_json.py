"""`explain` for machines: the same facts, whole and unrounded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reports.explain_facts import disregarded, shown_fields
from reports.json_values import JsonValue, field_json, iso
from reports.ledger import Row, calendars_of, ledger
from reports.words import fields_of
from sla_engine.model import Ticket, Verdict
from sla_engine.plan import zone_of
from sla_engine.reasons import chosen_target, unmatched
from sla_engine.units import Instant
from sla_engine.wording import status_word

if TYPE_CHECKING:
    from sla_engine.terms import Policies


def explain_json(
    ticket: Ticket, verdicts: Sequence[Verdict], policies: Policies, *, now: Instant
) -> dict[str, JsonValue]:
    """Instants in ISO 8601, durations in milliseconds; `rows` are the ledger, never folded."""
    zone = zone_of(policies, verdicts)
    return {
        "schema": 1,
        "now": iso(now),
        "ticket": ticket.ref.key,
        "connection": ticket.ref.connection,
        "title": ticket.title,
        "url": ticket.url,
        "policies": policies.version,
        "incomplete": ticket.incomplete or None,
        "status": status_word(verdicts) or None,
        "fields": {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in fields_of(policies, ticket, now).items()
        },
        "clocks": [_clock(ticket, verdict, policies, now) for verdict in verdicts],
        "published": {
            shown.field: {
                "there": field_json(shown.there),
                "wanted": field_json(shown.wanted),
                "same": shown.same,
            }
            for shown in shown_fields(policies, ticket, verdicts, zone)
        },
        "unmatched": {policy.name: why for policy, why in unmatched(policies, ticket, now)}
        if not verdicts
        else {},
    }


def _clock(
    ticket: Ticket, verdict: Verdict, policies: Policies, now: Instant
) -> dict[str, JsonValue]:
    chosen = chosen_target(policies, ticket, verdict, now)
    return {
        "policy": verdict.policy,
        "clock": verdict.clock,
        "cycle": verdict.cycle,
        "state": verdict.state,
        "phase": verdict.phase,
        "reason": verdict.reason or None,
        "flags": list(verdict.flags),
        "aim": verdict.aim,
        "limit": verdict.limit,
        "elapsed": verdict.elapsed,
        "left": verdict.left,
        "started_at": iso(verdict.started_at),
        "stopped_at": iso(verdict.stopped_at),
        "due_at": iso(verdict.due_at),
        "breached_at": iso(verdict.breached_at),
        "steps": [{"step": s.name, "at": iso(s.at), "time": s.occurrence} for s in verdict.steps],
        "target_at": str(chosen.where) if chosen and chosen.where else None,
        "because": dict(chosen.because) if chosen else {},
        "rows": [_row(row) for row in ledger(ticket, verdict, calendars_of(policies))],
        "not_counted": [
            {
                "at": iso(d.event.at),
                "event": d.event.source_id,
                "by": d.event.actor.id,
                "why": d.why,
            }
            for d in disregarded(policies, ticket, verdict, now)
        ],
    }


def _row(row: Row) -> JsonValue:
    return {
        "from": iso(row.start),
        "to": iso(row.end),
        "kind": row.kind,
        "counted": row.counted,
        "total": row.total,
        "because": row.because,
        "evidence": row.evidence or None,
    }
