"""The small words of test files: times on a wall clock, lengths, people, statuses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sla_engine.document import Node
from sla_engine.model import Actor, ActorKind, Value
from sla_engine.problems import Problem, Where, did_you_mean
from sla_engine.units import Instant, Millis, from_datetime, parse_duration, parse_iso, to_datetime

Problems = list[Problem]

_PEOPLE: dict[str, ActorKind] = {
    "requester": "customer",
    "customer": "customer",
    "staff": "staff",
    "bot": "bot",
    "ai": "ai",
    "vendor": "vendor",
    "self": "self",
    "unknown": "unknown",
}
_CATEGORIES = {
    **dict.fromkeys(("done", "resolved", "closed"), "done"),
    **dict.fromkeys(("open", "new", "to do"), "new"),
}
_FRACTION = re.compile(r"\.([0-9]{1,3})s$")


def say(problems: Problems, where: Where, what: str, mend: str = "", code: str = "SLA170") -> None:
    """Note a mistake of a test file."""
    problems.append(Problem(where, what, mend, code))


def say_unknown(problems: Problems, where: Where, word: str, known: Iterable[str]) -> None:
    """Note a key that has no meaning here."""
    names = list(known)
    mend = did_you_mean(word, names) or f"known here: {', '.join(names)}"
    say(problems, where, f'unknown key "{word}"', mend, "SLA101")


def entries_of(node: Node | None, problems: Problems, called: str) -> dict[str, Node]:
    """A map's entries; a problem and nothing where it is no map."""
    if node is None or node.empty:
        return {}
    if node.entries is None:
        say(problems, node.where, f"{called} must be a map of keys and values")
        return {}
    return dict(node.entries)


def items_of(node: Node | None) -> tuple[Node, ...]:
    """A list's values; a single value is a list of one."""
    if node is None or node.empty:
        return ()
    return node.items if node.items is not None else (node,)


def time_of(text: str, where: Where, zone: ZoneInfo, problems: Problems) -> Instant | None:
    """`2026-11-16 09:00[:05[.250]]` on the wall clock of the zone, or ISO 8601 with an offset."""
    absolute = parse_iso(text)
    if absolute is not None:
        return absolute
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        say(problems, where, f'"{text}" is not a time', 'write "2026-11-16 09:00"', "SLA172")
        return None
    first, second = (from_datetime(wall.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if first == second:
        return first
    if to_datetime(first, zone).replace(tzinfo=None) != wall:
        what, mend = f"{text} does not exist in {zone.key}", "the clocks are put forward over it"
    else:
        offsets = " or ".join(f"{to_datetime(at, zone):%:z}" for at in (first, second))
        what, mend = f"{text} comes twice in {zone.key}", f"add the offset: {offsets}"
    say(problems, where, what, mend, "SLA172")
    return None


def length_of(node: Node, problems: Problems) -> Millis | None:
    """`10m`, `-38m`, `0.25s`; days are refused because only a calendar knows how long they are."""
    text = node.text or ""
    fraction = _FRACTION.search(text)
    millis = int(fraction[1].ljust(3, "0")) if fraction else 0
    length = parse_duration(_FRACTION.sub("s", text.removeprefix("-")))
    if length is None or length.business_days or length.months or length.calendar_days:
        what = f'"{text}" is not a duration' if length is None else f'"{text}" is in days'
        say(problems, node.where, what, "write hours and minutes: 1h30m, or -5m", "SLA104")
        return None
    whole = length.millis + millis
    return Millis(-whole if text.startswith("-") else whole)


def actor_of(node: Node | None, problems: Problems, default: str = "staff") -> Actor:
    """A role (`staff`), or a person by `{id, name, kind, groups}` whom `actors:` may know."""
    if node is None:
        return Actor(default, kind=_PEOPLE[default])
    if node.entries is not None:
        for key in node.entries.keys() - {"id", "name", "kind", "groups"}:
            say_unknown(problems, node.keys[key], key, ("id", "name", "kind", "groups"))
        said = {key: value.text or "" for key, value in node.entries.items()}
        groups = tuple(item.text or "" for item in items_of(node.entries.get("groups")))
        kind = actor_of(node.entries.get("kind"), problems, "unknown").kind
        return Actor(said.get("id", ""), said.get("name", ""), kind, groups)
    role = node.text or ""
    if role not in _PEOPLE:
        mend = did_you_mean(role, _PEOPLE) or f"write one of {', '.join(_PEOPLE)}, or {{id: …}}"
        say(problems, node.where, f'nobody is called "{role}" here', mend)
        return Actor(role)
    return Actor(role, kind=_PEOPLE[role])


def value_of(node: Node, problems: Problems) -> Value:
    """A field's value: a text, several, or nothing."""
    if node.entries is not None:
        say(problems, node.where, "a field has a text or a list of texts", "write field: value")
    if node.items is not None:
        return tuple(item.text or "" for item in node.items)
    return node.text


def category_of(status: Value) -> str:
    """The category that statuses of such names usually have; `status_category:` says otherwise."""
    return _CATEGORIES.get(status.lower() if isinstance(status, str) else "", "in_progress")
