"""Tests of what `sla check` says: a policy file written in the test itself, and its problems."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import msgspec

from sla_engine.calendars.exceptions import Given
from sla_engine.document import Node
from sla_engine.lints import Subject, lint
from sla_engine.lints.seen import see
from sla_engine.model import Ticket
from sla_engine.policy_test_words import (
    Problems,
    entries_of,
    items_of,
    say,
    say_unknown,
    time_of,
)
from sla_engine.problem_codes import CODES
from sla_engine.problems import Problem, Where, did_you_mean
from sla_engine.resolving.files import read_sections
from sla_engine.resolving.sections import sections_of
from sla_engine.units import Instant


class Said(msgspec.Struct, frozen=True):
    """A problem by its code and the text that stands where it points."""

    code: str
    place: str

    def __str__(self) -> str:
        return f"{self.code} at {self.place}"


class Expected(msgspec.Struct, frozen=True):
    """All that is said of the file at an instant, and nothing else."""

    at: Instant
    where: Where
    problems: tuple[Said, ...]


class Check(msgspec.Struct, frozen=True):
    """One test: a policy file, the only ticket that was ever seen (if any), and what is said."""

    name: str
    where: Where
    zone: str
    file: Node
    ticket: Ticket | None
    expectations: tuple[Expected, ...]
    lines: tuple[str, ...]


def check_of(
    name: str,
    node: Node,
    ticket: Ticket | None,
    zone: ZoneInfo,
    source: str | bytes,
    problems: Problems,
) -> Check:
    """The test under a node that has `check:`; `source` is the text of the whole test file."""
    text = source if isinstance(source, str) else source.decode("utf-8", "replace")
    expected = tuple(_expected(node, zone, problems))
    if not expected:
        mend = 'write expect: {"2026-11-16 09:00": {problems: {SLA120: 0m}}}'
        say(problems, node.where, "nothing is expected", mend)
    return Check(
        name, node.where, zone.key, node.at("check"), ticket, expected, tuple(text.splitlines())
    )


def _expected(node: Node, zone: ZoneInfo, problems: Problems) -> Iterator[Expected]:
    expect = node.child("expect")
    for text, value in entries_of(expect, problems, "expect").items():
        assert expect is not None
        at = time_of(text, expect.keys[text], zone, problems)
        said = entries_of(value, problems, "what is expected")
        for key in said.keys() - {"problems"}:
            say_unknown(problems, value.keys[key], key, ("problems",))
        if at is not None and "problems" in said:
            yield Expected(at, value.keys["problems"], tuple(_said(said["problems"], problems)))


def _said(node: Node, problems: Problems) -> Iterator[Said]:
    """`none`, or by code the text at which each points."""
    if node.text == "none":
        return
    for code, places in entries_of(node, problems, "problems").items():
        if code not in CODES:
            mend = did_you_mean(code, CODES) or "docs/problems.md has them all"
            say(problems, node.keys[code], f"no problem has the code {code}", mend)
        yield from (Said(code, place.text or "") for place in items_of(places))


def told(check: Check, at: Instant, holidays: Given | None = None) -> list[Problem]:
    """What `sla check` says of the file at an instant: its mistakes, else what may not be meant."""
    found: list[Problem] = []
    sections = dict(sections_of(check.file, found))
    reading = read_sections(sections, found, {}, holidays)
    if any(problem.severity == "error" for problem in reading.problems):
        return reading.problems
    tickets = [check.ticket] if check.ticket is not None else None
    seen = None if tickets is None else see(reading, tickets, at)
    return [*reading.problems, *lint(Subject(reading, at, seen))]


def said(problem: Problem, lines: Sequence[str]) -> Said:
    """A problem in the words of a test."""
    return Said(problem.code, _text_at(problem.where, lines)[: problem.where.width])


def as_expected(expected: Expected, found: Sequence[Problem], lines: Sequence[str]) -> bool:
    """Whether each expected problem was found where it is expected, and no other."""
    rest = list(found)
    for wanted in expected.problems:
        fitting = (p for p in rest if p.code == wanted.code)
        here = next((p for p in fitting if _text_at(p.where, lines).startswith(wanted.place)), None)
        if here is None:
            return False
        rest.remove(here)
    return not rest


def _text_at(where: Where, lines: Sequence[str]) -> str:
    return lines[where.line - 1][where.column - 1 :] if where.line <= len(lines) else ""
