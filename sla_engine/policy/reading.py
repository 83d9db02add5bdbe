"""From a value in a file to a model of it, with everything wrong said in our words, at its place.

Models stop at what they cannot read. So what was wrong is taken out and the rest is read again:
one pass finds all mistakes, and what is left can still be looked at further.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from sla_engine.document import Node, Plain, plain, texts
from sla_engine.policy.conditions import Model
from sla_engine.policy.words import NotEvaluated, NotYet
from sla_engine.problems import Problem, Where, did_you_mean

T = TypeVar("T")

Path = tuple[str | int, ...]

_ROUNDS = 20
_LEAVE_OUT = "write a value, or leave the key out"
_ADD = {
    "match": "add match: {project: KEY}",
    "targets": "add targets: {resolution: 8h}",
    "at": "say when: at: 75%",
    "do": "say what: do: [{notify: assignee}]",
    "limit": "add limit: 4h, or write the length alone",
    "while": "say when it stands still: while: {status: Waiting for customer}",
    "approved_by": "name the person who approved it",
    "reason": "say why: reason: the customer asked to wait",
}
_KINDS = {
    "string_type": "a text belongs here",
    "tuple_type": "a list belongs here",
    "dict_type": "a map (key: value) belongs here",
    "union_tag_not_found": "this form does not fit here",
    "union_tag_invalid": "this form does not fit here",
    "too_short": "this is empty",
    "greater_than_equal": "this number is too small",
    "less_than_equal": "this number is too large",
}


def read(kind: type[T], node: Node, named: Where) -> tuple[T | None, list[Problem]]:
    """The node as a model (or any annotated type) and all problems; `named` is the entry's key.

    With problems the model lacks what was wrong; it is None where nothing sensible is left.
    """
    problems = dict.fromkeys(nothing_written(node))
    data = _filled(plain(node))
    gone: set[Path] = set()
    for _ in range(_ROUNDS):
        try:
            read_as: T = _adapter(cast("Hashable", kind)).validate_python(data)
            return read_as, list(problems)
        except ValidationError as error:
            went_on = False
            for found, path in _told(error):
                if not any(taken[: len(path)] == path for taken in gone):
                    problems |= dict.fromkeys(_problems(found, path, node, named, gone))
                went_on = _take_out(data, _culprit(found, path), gone) or went_on
            if not went_on:
                break
    return None, list(problems)


def _told(error: ValidationError) -> list[tuple[Any, Path]]:
    """Each mistake and its path; a list that is short only for what was wrong in it is none."""
    all_of = [(found, _path(found["loc"])) for found in error.errors(include_url=False)]
    return [
        (found, path)
        for found, path in all_of
        if found["type"] != "too_short"
        or not any(len(other) > len(path) and other[: len(path)] == path for _, other in all_of)
    ]


def nothing_written(node: Node) -> list[Problem]:
    """A problem for every value that was left empty, at any depth."""
    return [
        Problem(empty.where, "nothing is written here", _LEAVE_OUT, "SLA102")
        for empty in texts(node)
    ]


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter[Any](kind)


def _filled(data: Plain) -> Plain:
    """Without the values that were left empty: they are told of already."""
    if isinstance(data, dict):
        return {key: _filled(value) for key, value in data.items() if value is not None}
    if isinstance(data, list):
        return [_filled(value) for value in data if value is not None]
    return data


def _path(loc: Sequence[str | int]) -> Path:
    """The keys and positions of a location; the tags of forms (<map>) are left out."""
    return tuple(s for s in loc if not (isinstance(s, str) and re.fullmatch(r"<[a-z]+>", s)))


def _culprit(found: Any, path: Path) -> Path:
    """What must go so that the next reading gets further: a map that lacks a key goes whole."""
    if found["type"] == "missing":
        return path[:-1]
    unknown = found.get("ctx", {}).get("unknown") if found["type"] == "sla_keys" else None
    return (*path, *unknown[:1]) if unknown else path


def _take_out(data: Plain, path: Path, gone: set[Path]) -> bool:
    """Remove the value at a path, or the list that holds it (so that positions stay true).

    False where only the whole entry could be removed.
    """
    holder, key, depth = None, "", 0
    for number, step in enumerate(path):
        if isinstance(data, dict) and step in data:
            holder, key, depth = data, str(step), number + 1
            data = data[str(step)]
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            break
    if holder is None:
        return False
    del holder[key]
    gone.add(tuple(path[:depth]))
    return True


def _problems(
    found: Any, path: Path, node: Node, named: Where, gone: set[Path]
) -> Iterator[Problem]:
    context = found.get("ctx") or {}
    if found["type"] == "sla":
        yield Problem(node.where_of(*path), context["what"], context["mend"], context["code"])
    elif found["type"] == "sla_keys":
        yield from _unknown_keys(context, path, node, gone)
    elif found["type"] == "missing":
        where = node.key_of(*path[:-1]) if len(path) > 1 else named
        mend = _ADD.get(str(path[-1]), "")
        yield Problem(where, f'"{path[-1]}" is missing', mend, "SLA102")
    elif found["type"] == "literal_error":
        yield _no_such_word(found["input"], context["expected"], node.where_of(*path))
    else:
        what = _KINDS.get(found["type"], "this does not fit here")
        mend = "write at least one" if found["type"] == "too_short" else ""
        yield Problem(
            node.where_of(*path), what, mend, "SLA103" if found["type"] in _KINDS else "SLA100"
        )


def _unknown_keys(context: Any, path: Path, node: Node, gone: set[Path]) -> Iterator[Problem]:
    known = context["known"]
    for key in context["unknown"]:
        mend = did_you_mean(key, known)
        if mend:
            gone.add((*path, mend.split('"')[1]))  # what is meant is not missing
        mend = mend or f"known here: {', '.join(known)}"
        yield Problem(node.key_of(*path, key), f'unknown key "{key}"', mend, "SLA101")


def _no_such_word(given: object, expected: str, where: Where) -> Problem:
    words = re.findall(r"'([^']*)'", expected)
    if not isinstance(given, str):
        return Problem(where, f"one of {', '.join(words)} belongs here", "", "SLA103")
    mend = did_you_mean(given, words) or f"write {_or(words)}"
    return Problem(where, f'"{given}" is not known here', mend, "SLA105")


def _or(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]


def not_acted_on(value: object, node: Node) -> Iterator[Problem]:
    """What a model says that is refused for now (SLA190) or has no effect yet (SLA290)."""
    if isinstance(value, Model):
        yield from _of_model(value, node)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from not_acted_on(inner, node.at(key))
    elif isinstance(value, tuple):
        for number, inner in enumerate(value):
            yield from not_acted_on(inner, node.at(number))


def _of_model(value: Model, node: Node) -> Iterator[Problem]:
    if value.not_yet:
        yield refused(value.not_yet, node.where)
    for name, field in type(value).model_fields.items():
        if name in value.model_fields_set:
            marks = [m for m in field.metadata if isinstance(m, (NotYet, NotEvaluated))]
            yield from _marked(getattr(value, name), field.alias or name, marks, node)
    yield from not_acted_on(value.model_extra or {}, node)


def _marked(
    value: object, key: str, marks: Sequence[NotYet | NotEvaluated], node: Node
) -> Iterator[Problem]:
    for mark in marks:
        if isinstance(mark, NotEvaluated):
            yield not_evaluated(key, node.key_of(key))
        else:
            yield refused(f'"{key}"', node.key_of(key))
    if not any(isinstance(mark, NotYet) for mark in marks):
        yield from not_acted_on(value, node.at(key))


def refused(what: str, where: Where) -> Problem:
    """Something of the language that does nothing yet, and so must not be written."""
    return Problem(where, f"{what} is not supported yet", "leave it out for now", "SLA190")


def not_evaluated(key: str, where: Where) -> Problem:
    """Something that is checked and has no effect so far."""
    what = f'"{key}" are validated, but not evaluated yet'
    return Problem(where, what, "they change no verdict", "SLA290", "note")
