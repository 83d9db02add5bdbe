"""A replay under two sets of policies for machines: durations in milliseconds, instants in UTC."""

from __future__ import annotations

from collections.abc import Mapping

from reports.backtest import Backtest, Row, by_weight, rows
from reports.json_values import JsonValue, iso
from sla_engine.attainment import Attainment, overall
from sla_engine.differences import Difference, Side
from sla_engine.model import State


def backtest_json(told: Backtest) -> dict[str, JsonValue]:
    """Every figure and every ticket; the keys are stable."""
    found = told.found
    return {
        "schema": 1,
        "before": {"name": told.before, "version": told.versions[0]},
        "after": {"name": told.after, "version": told.versions[1]},
        "since": iso(told.period.since) if told.period.since > 0 else None,
        "until": iso(told.period.until),
        "tickets": found.tickets,
        "promises": [_promise(row) for row in rows(found)],
        "changes": [_change(one) for one in by_weight(found)],
        "states": {
            "before": _counts(overall(found.before)),
            "after": _counts(overall(found.after)),
        },
        "without_history": [
            {"connection": ref.connection, "ticket": ref.key, "why": why}
            for ref, why in found.holes
        ],
        "failures": [{"ticket": key, "why": why} for key, why in found.failures],
    }


def _promise(row: Row) -> dict[str, JsonValue]:
    policy, clock = row.promise
    return {
        "policy": policy,
        "clock": clock,
        "before": _attainment(row.before),
        "after": _attainment(row.after),
        "weeks": [
            {"begins": iso(week), "before": _attainment(before), "after": _attainment(after)}
            for week, before, after in row.weeks
        ],
    }


def _attainment(one: Attainment) -> dict[str, JsonValue]:
    return {
        "met": one.met,
        "breached": one.breached,
        "tolerated": one.tolerated,
        "share": one.share,
    }


def _change(one: Difference) -> dict[str, JsonValue]:
    return {
        "connection": one.ref.connection,
        "ticket": one.ref.key,
        "clock": one.clock,
        "of": one.of,
        "before": _side(one.before),
        "after": _side(one.after),
        "because": list(one.because),
    }


def _side(side: Side | None) -> dict[str, JsonValue] | None:
    if side is None:
        return None
    return {
        "policy": side.policy,
        "cycle": side.cycle,
        "fate": side.fate,
        "settled_at": iso(side.at),
        "stopped": side.stopped,
        "aim": side.aim,
        "limit": side.limit,
        "elapsed": side.elapsed,
    }


def _counts(states: Mapping[State, int]) -> dict[str, JsonValue]:
    return {state: states[state] for state in sorted(states)}
