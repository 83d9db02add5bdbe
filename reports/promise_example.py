"""A policy's test as a story: what happens to a ticket, and what is true of the promise then."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from reports.condition_words import both, name
from reports.words import person, value_text
from sla_engine.units import Instant, to_datetime
from sla_engine.words import clock_name, duration

if TYPE_CHECKING:
    from sla_engine.model import Event, Ticket, Verdict
    from sla_engine.policy_tests import Example

_UNSAID = {"requester": ("requester",), "status": ("Open",), "status_category": ("new",)}
"""What every ticket of a test has, unless its author says otherwise."""

_WRITES = {
    "staff": "we write to the customer",
    "customer": "the customer writes",
    "vendor": "a supplier writes",
    "bot": "an automatic message is sent",
    "ai": "an AI agent writes to the customer",
}


def story(example: Example, policy: str) -> tuple[str, ...]:
    """A line for each moment, in order; what is true of the promises of this policy is bold."""
    zone = ZoneInfo(example.case.zone)
    ticket = example.case.ticket
    members = (line for member in ticket.members for line in _happened(member, member.ref.key))
    told = sorted([*_happened(ticket), *members, *_true_then(example, policy, zone)])
    lines, day = [], ""
    for at, group in groupby(told, key=lambda one: one[0]):
        local = to_datetime(at, zone)
        date = f"{local:%A} {local.day} {local:%B %Y}"
        when = f"{local:%H:%M}" + (f":{local:%S}" if local.second else "")
        said = "; ".join(words for _, _, words in group)
        lines.append(f"{when if date == day else f'{date}, {when}'}: {said}")
        day = date
    return tuple(lines)


def belongs(example: Example, policy: str) -> bool:
    """Whether the example tells something of this policy."""
    return any(verdict and verdict.policy == policy for _, verdict in example.answers)


_Told = tuple[Instant, int, str]
"""When, what comes first of one moment, and the words."""


def _happened(ticket: Ticket, key: str = "") -> Iterator[_Told]:
    """What happens to a ticket; another one of a case goes by its key."""
    fields = [
        f"{name(field)} {value_text(value)}"
        for field, value in ticket.initial.items()
        if value and value not in _UNSAID.get(field, ()) and field != "status_category"
    ]
    yield ticket.created_at, 0, f"{key or 'the ticket'} is created: {', '.join(fields)}"
    for (at, _), events in groupby(ticket.journal, key=lambda one: (one.at, one.source_id)):
        said = [words for event in events if (words := _event(event))]
        if said:
            yield at, 1, f"{key}: {both(said)}" if key else both(said)


def _event(event: Event) -> str:
    if event.field == "comment":
        if event.new != "public":
            who = event.actor.groups[0] if event.actor.groups else ""
            return f"an internal note is written{f' by {who}' * bool(who)}"
        return _WRITES.get(event.actor.kind) or f"{person(event.actor)} writes"
    if event.field == "status_category":
        return ""  # the status says it
    return f"{name(event.field)} becomes {value_text(event.new) or 'empty'}"


def _true_then(example: Example, policy: str, zone: ZoneInfo) -> Iterator[_Told]:
    for wanted, verdict in example.answers:
        if verdict is not None and verdict.policy == policy:
            yield wanted.at, 2, f"**{_answer(verdict, wanted.at, zone)}**"


def _answer(verdict: Verdict, at: Instant, zone: ZoneInfo) -> str:
    of = f" of {verdict.of}" if verdict.of else ""
    clock = f"{clock_name(verdict.clock)}{of}"
    left = f", {duration(verdict.left)} left" if (verdict.left or 0) >= 0 and verdict.left else ""
    due = f", due {_moment(verdict.due_at, at, zone)}" if verdict.due_at is not None else ""
    match verdict.state:
        case "met":
            return f"{clock} kept after {duration(verdict.elapsed)}"
        case "tolerated":
            return f"{clock} kept after {duration(verdict.elapsed)}, later than we aim for"
        case "running":
            return f"{clock} runs{left}{due}"
        case "paused":
            return f"{clock} stands still{left}"
        case "breached":
            was = verdict.breached_at or verdict.due_at
            return f"{clock} broken" + (f", was due {_moment(was, at, zone)}" if was else "")
        case "cancelled":
            return f"{clock} no longer applies"
        case "excused":
            return f"{clock} excused"
        case _:
            return f"{clock} measured, nothing promised"


def _moment(at: Instant, near: Instant, zone: ZoneInfo) -> str:
    """The time alone where it is on the same day."""
    local = to_datetime(at, zone)
    if local.date() == to_datetime(near, zone).date():
        return f"{local:%H:%M}"
    return f"{local:%A} {local.day} {local:%B}, {local:%H:%M}"
