"""`explain` for machines: the same facts, whole and unrounded."""

from __future__ import annotations

from reports.explanation import Explanation
from reports.json_values import JsonValue, field_json, iso
from reports.knowledge import known_json
from reports.ledger import Row, calendars_of, ledger
from reports.outlook_text import coming_json
from reports.restated import record_json
from reports.shown import shown_fields
from reports.uncounted import Uncounted, uncounted
from reports.what_if import in_force_json
from reports.words import fields_of
from sla_engine.evaluate import hole
from sla_engine.model import Verdict
from sla_engine.outlook import due_if_resumed
from sla_engine.plan import zone_of
from sla_engine.reasons import chosen_target, told_of, unmatched
from sla_engine.second_looks import second_looks
from sla_engine.wording import status_word


def explain_json(what: Explanation) -> dict[str, JsonValue]:
    """Instants in ISO 8601, durations in milliseconds; `rows` are the ledger, never folded.

    The shape is public: docs/explain.md tells every key.
    """
    ticket, verdicts, policies, now = what.ticket, what.verdicts, what.policies, what.now
    zone = zone_of(policies, verdicts)
    return {
        "schema": 1,
        "now": iso(now),
        "ticket": ticket.ref.key,
        "connection": ticket.ref.connection,
        "title": ticket.title,
        "url": ticket.url,
        "policies": policies.version,
        "incomplete": hole(policies, ticket) or None,
        "status": status_word(verdicts) or None,
        "fields": {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in fields_of(policies, ticket, now).items()
        },
        "clocks": [_clock(what, verdict) for verdict in verdicts],
        "next": [coming_json(one) for one in what.coming],
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
        "in_force": in_force_json(what.in_force) if what.in_force else None,
        "record": None if what.record is None else record_json(what.record),
        "known": known_json(what.known, ticket.journal, now) if what.known else None,
    }


def _clock(what: Explanation, verdict: Verdict) -> dict[str, JsonValue]:
    ticket, policies, now = what.ticket, what.policies, what.now
    chosen = chosen_target(policies, ticket, verdict, now)
    calendars = calendars_of(policies, [verdict])
    told = told_of(policies, verdict, ticket)
    return {
        "policy": verdict.policy,
        "clock": verdict.clock,
        "of": verdict.of or None,
        "type": verdict.type,
        "cycle": verdict.cycle,
        "state": verdict.state,
        "phase": verdict.phase,
        "reason": verdict.reason or None,
        "flags": list(second_looks(policies, ticket, verdict, None if what.past else now)),
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
        "due_if_resumed": iso(due_if_resumed(verdict, calendars, now)),
        "rows": [_row(row) for row in ledger(told, verdict, calendars)],
        "not_counted": [
            _uncounted(one) for one in uncounted(policies, ticket, what.verdicts, verdict, now)
        ],
    }


def _uncounted(one: Uncounted) -> JsonValue:
    event = one.event
    return {
        "at": iso(event.at),
        "event": event.source_id,
        "field": event.field,
        "by": event.actor.id,
        "why": one.why,
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
