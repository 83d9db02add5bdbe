"""A test of policies written from a real ticket: its history disguised, its verdicts expected."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import yaml

from sla_engine.evaluate import evaluate
from sla_engine.model import Event, Ticket, Value, Verdict
from sla_engine.outlook import as_of
from sla_engine.plan import zone_of
from sla_engine.policy_test_disguise import Disguise
from sla_engine.policy_test_files import SCHEMA, read_tests
from sla_engine.policy_test_words import category_of
from sla_engine.units import SECOND, Instant, Millis, from_datetime, to_datetime

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sla_engine.terms import Policies

MOST_INSTANTS = 12
"""More expectations than these hide what a test is about."""

_Map = dict[str, object]


def recorded(
    policies: Policies, ticket: Ticket, now: Instant, files: Sequence[str]
) -> tuple[str, tuple[Verdict, ...]]:
    """(the text of a *.test.yaml, the verdicts of the ticket as it stands there) as of `now`.

    `files` are the policies as the test file is to name them. Times are cut to the second.
    """
    ticket = as_of(ticket, now)
    zone = zone_of(policies, evaluate(policies, ticket, now))
    case = _case(policies, ticket, zone)
    draft = _text(files, zone, {**case, "expect": {"end": {"none": "none"}}})
    told, problems = read_tests(draft, "recorded.test.yaml")
    assert told is not None, problems
    there = told.cases[0].ticket
    end = Instant(now - now % SECOND)
    verdicts = evaluate(policies, there, end)
    case["expect"] = _expectations(policies, there, verdicts, end, zone)
    return _text(files, zone, case), verdicts


class _Dumper(yaml.SafeDumper):
    """Writes as people write test files: items of lists set in, times in quotes, what is plain on
    one line."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # PyYAML's signature
        return True  # our own reader knows none

    def represent_mapping(
        self, tag: str, mapping: Any, flow_style: bool | None = None
    ) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        node.flow_style = all(isinstance(value, yaml.ScalarNode) for _, value in node.value)
        return node

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  # PyYAML's signature
        super().increase_indent(flow, False)


def _represented(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = '"' if _TIME.match(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:")
_Dumper.add_representer(str, _represented)


def _text(files: Sequence[str], zone: ZoneInfo, case: _Map) -> str:
    head = {"schema": SCHEMA, "files": list(files), "tz": zone.key}
    return f"{_yaml(head)}\n{_yaml({'tests': [case]})}"


def _yaml(value: object) -> str:
    """Maps of plain values on one line, all others in blocks."""
    return yaml.dump(
        value,
        Dumper=_Dumper,
        default_flow_style=None,
        sort_keys=False,
        allow_unicode=True,
        width=100,
    )


def _case(policies: Policies, ticket: Ticket, zone: ZoneInfo) -> _Map:
    disguise = Disguise(policies, ticket)
    fields: _Map = {}
    if any(exception.ticket == ticket.ref.key for exception in policies.exceptions):
        fields["key"] = ticket.ref.key
    if ticket.created_by.id != ticket.initial.get("requester"):
        fields["created_by"] = disguise.person(ticket.created_by)
    for field, value in ticket.initial.items():
        if value and disguise.matters(field) and field != "requester":
            fields[field] = _written(disguise.value(field, value))
    if fields.get("status_category") == category_of(ticket.initial.get("status")):
        del fields["status_category"]
    history: _Map = {_time(ticket.created_at, zone): "created"}
    for text, steps in _history(disguise, ticket, zone):
        before = history.get(text)
        items = [] if before is None else before if isinstance(before, list) else [before]
        both = [*items, *steps]
        history[text] = both if len(both) > 1 else both[0]
    return {"name": f"{ticket.ref.key} as it was", "ticket": fields, "history": history}


def _history(
    disguise: Disguise, ticket: Ticket, zone: ZoneInfo
) -> Iterator[tuple[str, list[_Map]]]:
    """What happened by the second; entries dated before the creation count as of it."""
    category = ticket.initial.get("status_category")
    steps: list[tuple[Instant, _Map]] = []
    for (at, _), events in groupby(ticket.journal, key=lambda event: (event.at, event.source_id)):
        together = list(events)
        categories = [event.new for event in together if event.field == "status_category"]
        category = categories[-1] if categories else category
        told = _steps(disguise, together, category)
        steps += [(max(at, ticket.created_at), step) for step in told]
    for text, same in groupby(steps, key=lambda step: _time(step[0], zone)):
        yield text, [step for _, step in same]


def _steps(disguise: Disguise, events: Sequence[Event], category: Value) -> Iterator[_Map]:
    """One source change as a step; a field that changes twice in it makes a step of its own. The
    category of a status is told only where its name would be taken for another."""
    moved = any(event.field == "status" for event in events) and disguise.matters("status")
    step: _Map = {}
    for event in events:
        field = event.field
        silent = field != "comment" and not disguise.matters(field)
        if silent or (moved and field == "status_category"):
            continue
        if field in step:
            yield step
            step = {}
        step[field] = _written(
            disguise.value(field, event.new) if field != "comment" else event.new
        )
        who = disguise.person(event.actor)
        if who != "staff":
            step["by"] = who
        if field == "status" and category_of(event.new) != category:
            step["status_category"] = _written(category)
    if step:
        yield step


def _written(value: Value) -> object:
    return list(value) if isinstance(value, tuple) else value


def _time(at: Instant, zone: ZoneInfo) -> str:
    """`2026-11-16 09:00[:05]` on the wall clock; with its offset in an hour that comes twice."""
    local = to_datetime(Instant(at - at % SECOND), zone)
    precision = "seconds" if local.second else "minutes"
    twice = from_datetime(local.replace(fold=0)) != from_datetime(local.replace(fold=1))
    wall = local if twice else local.replace(tzinfo=None)
    return wall.isoformat(sep=" ", timespec=precision)


def _expectations(
    policies: Policies, ticket: Ticket, verdicts: Sequence[Verdict], end: Instant, zone: ZoneInfo
) -> _Map:
    """The state of a clock where it changes, and all figures at the end; where no policy gives
    the ticket a clock, that it has none."""
    expect: _Map = {}
    for at in _instants(verdicts, end):
        then = evaluate(policies, ticket, at)
        changed = [v for v in then if at in _turns(v)]
        if changed:
            expect[_time(at, zone)] = _items([_state(v, then) for v in changed])
    last: list[_Map] = [{**_state(v, verdicts), **_figures(v, zone)} for v in verdicts]
    clocks = {clock.name for policy in policies.policies for clock in policy.clocks}
    expect[_time(end, zone)] = _items(last or [dict.fromkeys(sorted(clocks), "none")])
    return expect


def _items(items: list[_Map]) -> object:
    return items if len(items) > 1 else items[0]


def _turns(verdict: Verdict) -> set[Instant]:
    """When the verdict changed: its spans begin, it stops, the second after its limit was used."""
    over = [] if verdict.breached_at is None else [Instant(verdict.breached_at + SECOND)]
    stops = [] if verdict.stopped_at is None else [verdict.stopped_at]
    return {*(span.start for span in verdict.spans[1:]), *stops, *over}


def _instants(verdicts: Sequence[Verdict], end: Instant) -> list[Instant]:
    """The latest of the turns before the end: of a long story how it came out."""
    turns = sorted({at for verdict in verdicts for at in _turns(verdict)} - {end})
    return [at for at in turns if at < end][-MOST_INSTANTS:]


def _state(verdict: Verdict, among: Sequence[Verdict]) -> _Map:
    """`{resolution: met}`, with the cycle, the policy and the value where there are several."""
    same = [v for v in among if v.clock == verdict.clock]
    said: _Map = {verdict.clock: verdict.state}
    if len({v.policy for v in same}) > 1:
        said["policy"] = verdict.policy
    if verdict.of:
        said["of"] = verdict.of
    if len({v.cycle for v in same}) > 1:
        said["cycle"] = verdict.cycle
    return said


def _figures(verdict: Verdict, zone: ZoneInfo) -> _Map:
    if verdict.state == "unknown":
        return {}
    figures: _Map = {"elapsed": _length(verdict.elapsed)}
    if verdict.due_at is not None and verdict.breached_at is None:
        figures["due"] = _time(verdict.due_at, zone)
    if verdict.breached_at is not None:
        figures["breached_at"] = _time(verdict.breached_at, zone)
    return figures


def _length(length: Millis) -> str:
    """`4h38m10s`, as test files write it."""
    hours, rest = divmod(length // SECOND, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0m"
