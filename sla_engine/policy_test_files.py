"""Reading *.test.yaml: cases as tickets with journals, and what is expected of them when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args
from zoneinfo import ZoneInfo, available_timezones

import msgspec

from sla_engine.document import Node, read
from sla_engine.model import State, Ticket
from sla_engine.policy_test_checks import Check, check_of
from sla_engine.policy_test_history import ticket_of
from sla_engine.policy_test_words import (
    Problems,
    entries_of,
    items_of,
    length_of,
    say,
    say_unknown,
    time_of,
)
from sla_engine.problems import Problem, Where, did_you_mean
from sla_engine.units import Instant

SCHEMA = "sla-test/v1"
STATES: tuple[str, ...] = get_args(State)
_ALL = ", ".join(STATES)
LENGTHS = ("elapsed", "left")
INSTANTS = ("due", "breached_at")
WORDS = ("policy", "of", "reason", "flag")
_TOP = ("schema", "files", "tz", "holidays", "tests")
_NO_FIELDS = ("comment", "by", "created", "created_by", "key", "incomplete")
_CASE = ("name", "ticket", "history", "members", "skew", "check", "expect")


class Expectation(msgspec.Struct, frozen=True):
    """What one clock must say at one instant; figures in milliseconds, None for `none`."""

    at: Instant
    clock: str
    state: str
    figures: tuple[tuple[str, int | None], ...]
    cycle: int | None
    where: Where
    policy: str | None = None
    of: str | None = None
    reason: str | None = None
    flag: str | None = None


class Case(msgspec.Struct, frozen=True):
    """One test: a ticket with its whole journal, and expectations in the order written."""

    name: str
    where: Where
    zone: str
    ticket: Ticket
    expectations: tuple[Expectation, ...]
    fields: tuple[tuple[str, Where], ...] = ()  # those the test names, for telling misspelt ones


class TestFile(msgspec.Struct, frozen=True):
    """A test file as meant. `files` are the policies under test, as written."""

    __test__ = False  # it is no class of tests, whatever pytest makes of its name

    files: tuple[tuple[str, Where], ...]
    holidays: Mapping[str, tuple[str, ...]]
    cases: tuple[Case, ...]
    checks: tuple[Check, ...] = ()


def read_tests(source: str | bytes, file: str) -> tuple[TestFile | None, list[Problem]]:
    """A test file and all its mistakes. None where there is one: half a test proves nothing."""
    root, problems = read(source, file)
    if root is None:
        return None, problems
    top = entries_of(root, problems, "a test file")
    for key in top.keys() - set(_TOP):
        say_unknown(problems, root.keys[key], key, _TOP)
    schema = root.child("schema")
    if schema is None or schema.text != SCHEMA:
        say(problems, root.where_of("schema"), f"a test file begins with schema: {SCHEMA}")
    zone = _zone(root.child("tz"), problems)
    files = tuple((node.text or "", node.where) for node in items_of(root.child("files")))
    tests = tuple(_tests(root.child("tests"), zone, source, problems))
    checks = tuple(test for test in tests if isinstance(test, Check))
    if not files and len(checks) < len(tests):
        what = "the file does not say which policies it tests"
        say(problems, root.where, what, "add files: [support.yaml], a path from this file")
    holidays = entries_of(root.child("holidays"), problems, "holidays")
    found = TestFile(
        files,
        {code: tuple(d.text or "" for d in items_of(dates)) for code, dates in holidays.items()},
        tuple(test for test in tests if isinstance(test, Case)),
        checks,
    )
    return (None if problems else found), sorted(problems, key=lambda problem: problem.where)


def _zone(node: Node | None, problems: Problems) -> ZoneInfo:
    name = node.text if node is not None and not node.empty else "UTC"
    if name in (known := available_timezones()):
        return ZoneInfo(name)
    assert node is not None
    mend = did_you_mean(name or "", sorted(known)) or "write it like Europe/Berlin"
    say(problems, node.where, f'no time zone is called "{name or ""}"', mend)
    return ZoneInfo("UTC")


def _tests(
    tests: Node | None, zone: ZoneInfo, source: str | bytes, problems: Problems
) -> Iterator[Case | Check]:
    names: dict[str, Where] = {}
    for number, node in enumerate(items_of(tests), 1):
        said = entries_of(node, problems, "a test")
        for key in said.keys() - set(_CASE):
            say_unknown(problems, node.keys[key], key, _CASE)
        name = said["name"].text or "" if "name" in said else f"test {number}"
        if name in names:
            mend = f"the first is on line {names[name].line}"
            say(problems, node.where_of("name"), f'two tests are called "{name}"', mend)
        names[name] = node.where
        ticket = None
        if "check" not in said or "history" in said:
            ticket = ticket_of(node, zone, problems)
        if "check" in said:
            yield check_of(name, node, ticket, zone, source, problems)
            continue
        if ticket is None:
            continue
        expectations = tuple(_expectations(node, ticket, zone, problems))
        if not expectations:
            say(problems, node.where, "nothing is expected", "write expect: {end: {clock: state}}")
        yield Case(name, node.where, zone.key, ticket, expectations, tuple(_fields(node)))


def _fields(case: Node) -> Iterator[tuple[str, Where]]:
    history = case.child("history")
    steps = history.entries.values() if history and history.entries else ()
    for node in (case.child("ticket"), *(item for step in steps for item in items_of(step))):
        yield from (
            item for item in (node.keys if node else {}).items() if item[0] not in _NO_FIELDS
        )


def _expectations(
    case: Node, ticket: Ticket, zone: ZoneInfo, problems: Problems
) -> Iterator[Expectation]:
    expect = case.child("expect")
    for text, value in entries_of(expect, problems, "expect").items():
        assert expect is not None
        end = ticket.updated_at
        at = end if text == "end" else time_of(text, expect.keys[text], zone, problems)
        for node in items_of(value):
            if at is not None:
                yield from _at(at, node, zone, problems)


def _at(at: Instant, node: Node, zone: ZoneInfo, problems: Problems) -> Iterator[Expectation]:
    """One expectation for each clock of the map; the figures in it hold for all of them."""
    said = entries_of(node, problems, "what is expected")
    figures = tuple(
        (name, _figure(name, said.pop(name), zone, problems))
        for name in (*LENGTHS, *INSTANTS)
        if name in said
    )
    cycle = _cycle(said.pop("cycle", None), problems)
    words = tuple(said.pop(key).text if key in said else None for key in WORDS)
    if not said:
        say(problems, node.where, "no clock is named here", "write {resolution: running, left: 2h}")
    for clock, state in said.items():
        if state.text not in STATES:
            meant = did_you_mean(state.text or "", STATES)
            figure = did_you_mean(clock, (*LENGTHS, *INSTANTS, "cycle", *WORDS))
            if figure and not meant:
                say(problems, node.keys[clock], f'"{clock}" is not known here', figure)
            else:
                what = f'"{state.text or ""}" is no state of a clock'
                say(problems, state.where, what, meant or f"write one of {_ALL}")
        yield Expectation(at, clock, state.text or "", figures, cycle, node.keys[clock], *words)


def _figure(name: str, node: Node, zone: ZoneInfo, problems: Problems) -> int | None:
    if node.text == "none":
        return None
    if name in LENGTHS:
        return length_of(node, problems)
    return time_of(node.text or "", node.where, zone, problems)


def _cycle(node: Node | None, problems: Problems) -> int | None:
    if node is None:
        return None
    if not (node.text or "").isdecimal():
        say(problems, node.where, "a cycle is a number, counted from 1")
        return None
    return int(node.text or "")
