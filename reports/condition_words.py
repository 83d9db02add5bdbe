"""Conditions in plain language: `project is SUP, and type is Incident or Question`."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sla_engine.conditions import ALWAYS, All, Condition, EventTest, FieldTest, Not, Some

_SYSTEMS = {"jira": "Jira", "servicenow": "ServiceNow", "event_log": "the event log"}
_CATEGORIES = {
    "new": "nobody works on it yet",
    "in_progress": "it is worked on",
    "done": "it is resolved",
}
_WHO = {
    "staff": "us",
    "customer": "the customer",
    "requester": "the customer",
    "vendor": "a supplier",
    "bot": "an automatic process",
    "ai": "an AI agent",
    "unknown": "somebody",
}
_COMPARED = (("gte", "at least"), ("gt", "above"), ("lte", "at most"), ("lt", "below"))


def name(word: str) -> str:
    """`hold_reason` as `hold reason`."""
    return word.replace("_", " ").replace("-", " ")


def either(words: Iterable[str]) -> str:
    """`A`, `A or B`, `A, B or C`."""
    return _joined(tuple(words), "or")


def both(words: Iterable[str]) -> str:
    """`A`, `A and B`, `A, B and C`."""
    return _joined(tuple(words), "and")


def _joined(words: tuple[str, ...], last: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def condition_words(condition: Condition) -> str:
    """A clause that can follow `while`, `until` and `where`."""
    match condition:
        case FieldTest():
            return _field(condition)
        case EventTest():
            return _event(condition)
        case All((part,)) | Some((part,)):
            return condition_words(part)
        case All(parts):
            return both(map(_inner, parts))
        case Some(parts):
            return either(_inner(_alone(part, parts[:number])) for number, part in enumerate(parts))
        case Not(part):
            return _denied(part)


def _denied(part: Condition) -> str:
    match part:
        case All((one,)) | Some((one,)):
            return _denied(one)
        case FieldTest() if part.one_of and not part.negated:
            return _field(msgspec.structs.replace(part, negated=True))
    return f"it is not so that {condition_words(part)}"


def _alone(part: Condition, before: tuple[Condition, ...]) -> Condition:
    """`B and not A` as B where A stands before it in the same choice: who has the ball is asked in
    order, and that changes nothing here."""
    if not isinstance(part, All):
        return part
    kept = tuple(p for p in part.parts if not (isinstance(p, Not) and _excludes(p.part, before)))
    return kept[0] if len(kept) == 1 else All(kept)


def _excludes(excluded: Condition, before: tuple[Condition, ...]) -> bool:
    return excluded in before or (isinstance(excluded, Some) and set(excluded.parts) <= set(before))


def _inner(part: Condition) -> str:
    """A part of several, in brackets where the words alone would leave open what belongs
    together."""
    said = condition_words(part)
    several = isinstance(part, All | Some) and len(part.parts) > 1
    negated = isinstance(part, Not) and said.startswith("it is not so")
    return f"({said})" if several or negated else said


def tickets(match: Condition, *, case: bool = False) -> str:
    """To which tickets, or cases of several, something is promised."""
    if match == ALWAYS:
        return "every case" if case else "every ticket"
    of = "cases with any ticket where" if case else "tickets where"
    return f"{of} {condition_words(match)}"


def _field(test: FieldTest) -> str:
    field = name(test.field)
    if test.field == "status_category" and test.one_of and not test.negated:
        return either(_CATEGORIES.get(value, value) for value in test.one_of)
    if test.field == "system" and test.one_of:
        places = either(_SYSTEMS.get(value, value) for value in test.one_of)
        return f"it is {'not ' * test.negated}in {places}"
    if test.is_set is not None and len(list(_tests(test))) == 1:
        return f"{field} is {'set' if test.is_set != test.negated else 'empty'}"
    return f"{field} is {'not ' * test.negated}{both(_tests(test))}"


def _tests(test: FieldTest) -> Iterable[str]:
    if test.one_of:
        yield either(test.one_of)
    if test.matches:
        yield f"like {either(test.matches)}"
    if test.is_set is not None:
        yield "set" if test.is_set else "empty"
    for key, words in _COMPARED:
        if (limit := getattr(test, key)) is not None:
            yield f"{words} {limit:g}"


def _event(test: EventTest) -> str:
    match test.kind:
        case "comment":
            kind = {"public": "public message", "internal": "internal note"}
            by = either(dict.fromkeys(_WHO.get(who, who) for who in test.by)) or "a person"
            return f"there is a {kind.get(test.visibility, 'comment')} by {by}"
        case "assigned":
            return "it is assigned to a person"
        case "changed":
            return f"{name(test.field)} changes"
        case "touched":
            return "the team does something to it"
        case _:
            return "another ticket is linked to it"
