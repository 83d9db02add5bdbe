"""Exceptions: what one ticket is granted, on record."""

from __future__ import annotations

from sla_engine.evaluate import evaluate
from sla_engine.exceptions import words
from tests.engine.desk import HOUR, at, policies, ticket

TERMS = policies("""
policies:
  support:
    match: {project: SUP}
    calendar: 24x7
    warn: 50%
    targets: {resolution: {P1: none, default: {aim: 2h, limit: 4h}}, first_response: 1h}
exceptions:
  - {ticket: SUP-1, clock: resolution, extend: 2h, approved_by: mona, reason: they asked to wait,
     evidence: "mail of 3 November"}
  - {ticket: SUP-1, clock: resolution, extend: 1h, approved_by: otto, reason: once more}
""")


def test_extensions_add_up_and_are_on_record() -> None:
    response, resolution = sorted(
        evaluate(TERMS, ticket(), at("09:30")), key=lambda verdict: verdict.clock
    )
    assert (resolution.aim, resolution.limit) == (5 * HOUR, 7 * HOUR)
    assert resolution.flags == ("exception",)
    assert resolution.reason == (
        "extended by 2 h, approved by mona: they asked to wait (mail of 3 November); "
        "extended by 1 h, approved by otto: once more"
    )
    assert (response.flags, response.reason) == ((), "")


def test_steps_go_by_the_extended_limit() -> None:
    verdict = next(v for v in evaluate(TERMS, ticket(), at("13:00")) if v.clock == "resolution")
    assert [step.at for step in verdict.steps] == [at("12:30")]


def test_where_nothing_is_promised_nothing_is_extended() -> None:
    verdicts = evaluate(TERMS, ticket(priority="P1"), at("13:00"))
    resolution = next(v for v in verdicts if v.clock == "resolution")
    assert (resolution.state, resolution.limit) == ("none", None)


def test_business_days_are_said_as_days() -> None:
    terms = policies("""
policies:
  support: {match: {project: SUP}, calendar: mon-fri 09:00-17:00 UTC, targets: {resolution: 1bd}}
exceptions: [{ticket: SUP-1, extend: 2bd 30m, approved_by: mona, reason: agreed}]
""")
    said = "extended by 2 business days 30 min, approved by mona: agreed"
    assert words(terms.exceptions[0]) == said
    assert evaluate(terms, ticket(), at("09:30"))[0].due_at == at("2026-11-19 09:30")


def test_the_version_of_the_policies_knows_exceptions() -> None:
    said = "policies: {a: {match: {project: SUP}, calendar: 24x7, targets: {resolution: 1h}}}\n"
    more = "exceptions: [{ticket: SUP-1, waive: true, approved_by: mona, reason: agreed}]"
    assert policies(said).version != policies(said + more).version
