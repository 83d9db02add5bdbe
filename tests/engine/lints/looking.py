"""Lints over made-up files and tickets, on a Saturday in November."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sla_engine.lints import Subject, lint
from sla_engine.lints.seen import see
from sla_engine.model import Ticket
from sla_engine.problems import Problem
from sla_engine.resolving.files import read_texts
from sla_engine.units import Instant
from tests.engine.desk import at

NOW = at("2026-11-21 12:00")


def linted(
    text: str,
    tickets: Sequence[Ticket] | None = None,
    now: str = "",
    declared: Mapping[str, Instant] | None = None,
) -> list[Problem]:
    """What lints say of one file without a mistake; with tickets, of what was seen in them too."""
    reading = read_texts({"p.yaml": f"schema: sla/v1\n{text}"}, {"DE-BE": ["2026-12-25"]})
    assert not [str(problem) for problem in reading.problems if problem.severity == "error"]
    moment = at(now) if now else NOW
    seen = None if tickets is None else see(reading, tickets, moment)
    problems = lint(Subject(reading, moment, seen, declared=declared or {}))
    lines = text.count("\n") + 2
    assert all(p.where.file == "p.yaml" and 1 <= p.where.line <= lines for p in problems)
    return problems


def codes(problems: Sequence[Problem]) -> list[str]:
    """The codes, in order, without the notes about pauses that hardly any test is about."""
    return [problem.code for problem in problems if problem.code != "SLA214"]


def policy(body: str, name: str = "p") -> str:
    """A policy whose body is one line of flow YAML."""
    return f"policies:\n  {name}: {{{body}}}\n"
