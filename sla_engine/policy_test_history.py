"""A test's `ticket:` and `history:` as a ticket with its journal.

Every event is named after its line ("line 57"), so that a failure can point at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

import msgspec

from sla_engine.document import Node
from sla_engine.model import Event, Journal, Ref, Ticket, Value
from sla_engine.policy_test_words import (
    Problems,
    actor_of,
    category_of,
    entries_of,
    items_of,
    length_of,
    say,
    time_of,
    value_of,
)
from sla_engine.units import Instant, Millis


class _Step(msgspec.Struct, frozen=True):
    """One entry of a history: all that happens in it happens at once."""

    at: Instant
    node: Node
    name: str

    @property
    def creates(self) -> bool:
        return self.node.text == "created" or self.node.child("created") is not None


def ticket_of(case: Node, zone: ZoneInfo, problems: Problems, *, number: int = 1) -> Ticket | None:
    """The ticket of a test with the members of its case; None where its history cannot be
    understood."""
    others = (
        ticket_of(node, zone, problems, number=at)
        for at, node in enumerate(items_of(case.child("members")), number + 1)
    )
    members = tuple(other for other in others if other is not None)
    skew = case.child("skew")
    steps = list(_steps(case.child("history"), zone, problems))
    created = _creation(case, steps, problems)
    if created is None:
        return None
    said = entries_of(case.child("ticket"), problems, "ticket")
    creation = entries_of(created.node.child("created"), problems, "created")
    key, incomplete = (_word(said.pop(name, None)) for name in ("key", "incomplete"))
    by = actor_of(said.pop("created_by", creation.get("by")), problems, "requester")
    initial = _initial(said, problems)
    events = tuple(_events([s for s in steps if s is not created], initial, problems))
    last = max((event.at for event in events), default=created.at)
    system = str(initial.get("system") or "test")
    return Ticket(
        ref=Ref(system, key or f"TEST-{number}", str(number)),
        system=system,
        url="",
        title="",
        created_at=created.at,
        created_by=by,
        initial=initial,
        journal=Journal(events),
        updated_at=last,
        incomplete=incomplete,
        members=members,
        skew=(length_of(skew, problems) if skew is not None else None) or Millis(0),
    )


def _word(node: Node | None) -> str:
    return "" if node is None else node.text or ""


def _steps(node: Node | None, zone: ZoneInfo, problems: Problems) -> Iterator[_Step]:
    found = []
    for text, value in entries_of(node, problems, "history").items():
        assert node is not None
        at = time_of(text, node.keys[text], zone, problems)
        if at is not None:
            items = items_of(value)
            found += [_Step(at, item, _name(item, alone=len(items) == 1)) for item in items]
    yield from sorted(found, key=lambda step: step.at)


def _name(node: Node, *, alone: bool) -> str:
    """What its events are called; steps of one instant must not be taken for one change."""
    column = "" if alone else f":{node.where.column}"
    return f"line {node.where.line}{column}"


def _creation(case: Node, steps: list[_Step], problems: Problems) -> _Step | None:
    created = [step for step in steps if step.creates]
    where = case.key_of("history")
    if not created:
        say(problems, where, "nothing creates the ticket", 'write "2026-11-16 09:00": created')
        return None
    for again in created[1:]:
        say(problems, again.node.where, "the ticket is created twice")
    return created[0]


def _initial(said: Mapping[str, Node], problems: Problems) -> dict[str, Value]:
    fields: dict[str, Value] = {"requester": "requester", "status": "Open"}
    fields |= {name: value_of(node, problems) for name, node in said.items()}
    fields.setdefault("status_category", category_of(fields["status"]))
    return fields


def _events(
    steps: list[_Step], initial: Mapping[str, Value], problems: Problems
) -> Iterator[Event]:
    state = dict(initial)
    sequence = 0
    for step in steps:
        said = entries_of(step.node, problems, "what happens")
        if step.node.entries is None and not step.creates:
            say(problems, step.node.where, "nothing happens here", "write {field: value}")
        actor = actor_of(said.pop("by", None), problems)
        for field, new in _changes(said, problems).items():
            sequence += 1
            old = None if field == "comment" else state.get(field)
            yield Event(step.at, sequence, field, old, new, actor, step.name)
            state[field] = new


def _changes(said: Mapping[str, Node], problems: Problems) -> dict[str, Value]:
    comment = said.get("comment")
    if comment is not None and comment.text not in ("public", "internal"):
        say(problems, comment.where, "a comment is public or internal")
    changes = {name: value_of(node, problems) for name, node in said.items()}
    if "status" in changes:
        changes.setdefault("status_category", category_of(changes["status"]))
    return changes
