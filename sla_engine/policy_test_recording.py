"""A test of policies written from a real ticket: its history disguised, its verdicts expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sla_engine.evaluate import evaluate
from sla_engine.model import Event, Journal, Ticket, Value, Verdict
from sla_engine.outlook import as_of
from sla_engine.plan import zone_of
from sla_engine.policy_test_disguise import Disguise
from sla_engine.policy_test_files import SCHEMA, read_tests
from sla_engine.policy_test_words import category_of
from sla_engine.policy_test_writing import as_length, as_time, as_yaml
from sla_engine.units import MINUTE, SECOND, Instant, Millis

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

    `files` are the policies as the test file is to name them. Times are cut to the second, and kept
    to the millisecond where that would come to other states.
    """
    ticket = as_of(ticket, now)
    real = evaluate(policies, ticket, now)
    text, there = _by(SECOND, policies, ticket, now, files, zone_of(policies, real))
    if any(differing(real, there)):
        return _by(Millis(1), policies, ticket, now, files, zone_of(policies, real))
    return text, there


def differing(
    real: Sequence[Verdict], there: Sequence[Verdict]
) -> Iterator[tuple[Verdict, Verdict | None]]:
    """The verdicts that a test does not come to, each with the one that it has instead. Lengths
    are the same where they differ by what cutting times to the second may add up to."""
    written = {_cycle(verdict): verdict for verdict in there}
    for verdict in real:
        other = written.get(_cycle(verdict))
        same = other is not None and other.state == verdict.state
        if other is None or not same or abs(other.elapsed - verdict.elapsed) > MINUTE:
            yield verdict, other


def _cycle(verdict: Verdict) -> tuple[str, str, str, int]:
    return verdict.policy, verdict.clock, verdict.of, verdict.cycle


def _by(
    grain: Millis,
    policies: Policies,
    ticket: Ticket,
    now: Instant,
    files: Sequence[str],
    zone: ZoneInfo,
) -> tuple[str, tuple[Verdict, ...]]:
    """What `recorded` gives, of times in steps of `grain`."""
    case = _case(policies, _cut(ticket, grain), zone)
    draft = _text(files, zone, {**case, "expect": {"end": {"none": "none"}}})
    told, problems = read_tests(draft, "recorded.test.yaml")
    assert told is not None, problems
    there = told.cases[0].ticket
    end = Instant(now - now % grain)
    verdicts = evaluate(policies, there, end)
    case["expect"] = _expectations(policies, there, verdicts, end, zone)
    return _text(files, zone, case), verdicts


def _cut(ticket: Ticket, grain: Millis) -> Ticket:
    """Its times cut; what then falls together stays in the order in which it happened."""
    events = (
        replace(event, at=Instant(event.at - event.at % grain), sequence=number)
        for number, event in enumerate(ticket.journal)
    )
    created_at = Instant(ticket.created_at - ticket.created_at % grain)
    return replace(ticket, created_at=created_at, journal=Journal(events))


def _text(files: Sequence[str], zone: ZoneInfo, case: _Map) -> str:
    head = {"schema": SCHEMA, "files": list(files), "tz": zone.key}
    return f"{as_yaml(head)}\n{as_yaml({'tests': [case]})}"


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
    history: _Map = {as_time(ticket.created_at, zone): "created"}
    for text, steps in _history(disguise, ticket, zone):
        before = history.get(text)
        items = [] if before is None else before if isinstance(before, list) else [before]
        both = [*items, *steps]
        history[text] = both if len(both) > 1 else both[0]
    return {"name": f"{ticket.ref.key} as it was", "ticket": fields, "history": history}


def _history(
    disguise: Disguise, ticket: Ticket, zone: ZoneInfo
) -> Iterator[tuple[str, list[_Map]]]:
    """What happened, by its time; entries dated before the creation count as of it."""
    category = ticket.initial.get("status_category")
    steps: list[tuple[Instant, _Map]] = []
    for (at, _), events in groupby(ticket.journal, key=lambda event: (event.at, event.source_id)):
        together = list(events)
        categories = [event.new for event in together if event.field == "status_category"]
        category = categories[-1] if categories else category
        told = _steps(disguise, together, category)
        steps += [(max(at, ticket.created_at), step) for step in told]
    for text, same in groupby(steps, key=lambda step: as_time(step[0], zone)):
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
            expect[as_time(at, zone)] = _items([_state(v, then) for v in changed])
    last: list[_Map] = [{**_state(v, verdicts), **_figures(v, zone)} for v in verdicts]
    clocks = {clock.name for policy in policies.policies for clock in policy.clocks}
    expect[as_time(end, zone)] = _items(last or [dict.fromkeys(sorted(clocks), "none")])
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
    figures: _Map = {"elapsed": as_length(verdict.elapsed)}
    if verdict.due_at is not None and verdict.breached_at is None:
        figures["due"] = as_time(verdict.due_at, zone)
    if verdict.breached_at is not None:
        figures["breached_at"] = as_time(verdict.breached_at, zone)
    return figures
