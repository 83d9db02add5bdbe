"""Nothing is accepted and ignored: whatever key is changed, something else changes with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from sla_engine.calendars import Calendar
from sla_engine.document import plain, read
from sla_engine.policy import File
from sla_engine.policy.conditions import Model
from sla_engine.policy.words import NotEvaluated, NotYet
from sla_engine.policy_files import load_texts
from sla_engine.problems import Where

EVERYTHING = Path(__file__).with_name("everything.yaml")
HOLIDAYS = {"DE-BE": ["2026-10-03", "2026-10-31"], "own.ics": ["2026-08-08"]}

Place = tuple[str | int, ...]

FOR_READERS = {("File", "describe"): "says to whoever reads the file what it is for"}
"""Keys that are for people who read the YAML alone."""

UNCHANGED = {("Policy", "merge"): "only `keep` may be written, which is what happens anyway"}

INSTEAD: Mapping[tuple[str, str], Any] = {
    ("File", "schema"): "sla/v2",
    ("Policy", "match"): {"project": "Z"},
    ("Policy", "targets"): {"resolution": "77h"},
    ("PauseTerms", "while"): {"status": "Z"},
    ("Levels", "limit"): "3h",
    ("DueCell", "due"): "18:00 next business day",
    ("CalendarBy", "by"): "tier",
    ("Link", "parent"): {"system": "servicenow", "table": "problem"},
    ("Link", "child"): {"system": "jira", "where": {"number": "{parent.number}"}},
    ("Child", "where"): {"number": "{parent.correlation}"},
    ("Step", "at"): "90%",
    ("Step", "do"): [{"notify": "z"}],
    ("Exclusion", "kind"): "test",
    ("Exclusion", "when"): {"from": "2026-11-04T10:00Z", "to": "2026-11-05T10:00Z"},
    ("TicketException", "ticket"): "Z-1",
    ("TicketException", "approved_by"): "z",
    ("TicketException", "reason"): "z",
}
"""What is written in place of a key that must be there."""


def kinds(model: type[Model] = Model) -> Iterator[type[Model]]:
    for below in model.__subclasses__():
        yield below
        yield from kinds(below)


def idle(model: type[Model], key: str) -> bool:
    """Whether people are told that the key has no effect, or must not be written."""
    return any(isinstance(mark, NotYet | NotEvaluated) for mark in model.model_fields[key].metadata)


def unread_sections() -> set[type[Model]]:
    """The models that only stand below keys without effect: no verdict asks for them yet."""
    below = (m for m in kinds() if m.__module__.endswith(".later"))
    return set(below)


def promised() -> set[tuple[str, str]]:
    """Every key that may be written and must be read."""
    return {
        (model.__name__, field.alias or key)
        for model in set(kinds()) - unread_sections()
        for key, field in model.model_fields.items()
        if not idle(model, key) and not inherited(model, key)
    }


def inherited(model: type[Model], key: str) -> bool:
    """A link's child is a condition; what it inherits is read as one."""
    return model.__name__ == "Child" and key != "where"


@cache
def everything() -> dict[str, Any]:
    node, problems = read(EVERYTHING.read_bytes(), "everything.yaml")
    assert node is not None
    assert not problems
    data = plain(node)
    assert isinstance(data, dict)
    return data


def written(value: Any, path: Place = ()) -> Iterator[tuple[type[Model], str, Place]]:
    """Every key of a model in a file: the model, the key, its path."""
    if isinstance(value, Model):
        for name in value.model_fields_set:
            if name in type(value).model_fields:
                key = type(value).model_fields[name].alias or name
                yield type(value), key, (*path, key)
                yield from written(getattr(value, name), (*path, key))
        value = value.model_extra or {}
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from written(inner, (*path, key))
    elif isinstance(value, tuple):
        for number, inner in enumerate(value):
            yield from written(inner, (*path, number))


def loaded(data: Any) -> tuple[Any, list[str]]:
    """What a file means, without places, and what is wrong with it, without places."""
    policies, problems = load_texts({"e.yaml": yaml.safe_dump(data)}, holidays=HOLIDAYS)
    meant = meaning(msgspec.structs.replace(policies, files={}, version=""))
    return meant, sorted(problem.what for problem in problems if problem.severity == "error")


@cache
def before() -> tuple[Any, list[str]]:
    return loaded(everything())


def meaning(value: Any) -> Any:
    if isinstance(value, Calendar):
        return repr(value.versions)
    if isinstance(value, msgspec.Struct):
        fields = [getattr(value, field.name) for field in msgspec.structs.fields(type(value))]
        said = [meaning(one) for one in fields if not isinstance(one, Where)]
        return [type(value).__name__, *said]
    if isinstance(value, Mapping):
        return {key: meaning(inner) for key, inner in value.items()}
    return [meaning(inner) for inner in value] if isinstance(value, tuple) else repr(value)


def changed(path: Place, instead: Any) -> Any:
    """Everything with one key gone, or with another value."""
    data = deepcopy(everything())
    holder: Any = data
    for step in path[:-1]:
        holder = holder[step]
    if instead is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = instead
    return data


PLACES = list(written(File.model_validate(everything())))
BY_KEY: dict[tuple[str, str], list[Place]] = {}
for _model, _key, _path in PLACES:
    BY_KEY.setdefault((_model.__name__, _key), []).append(_path)


def test_the_file_has_everything_and_no_mistake() -> None:
    assert before()[1] == []
    assert promised() - BY_KEY.keys() - UNCHANGED.keys() == set()


@pytest.mark.parametrize("key", sorted(BY_KEY.keys() - FOR_READERS.keys()), ids=".".join)
def test_every_key_has_a_reader(key: tuple[str, str]) -> None:
    """One place where it makes a difference is enough: elsewhere another key may outweigh it."""
    instead = INSTEAD.get(key)
    assert any(loaded(changed(path, instead)) != before() for path in BY_KEY[key])


def test_the_exempt_are_as_is_said() -> None:
    for key in FOR_READERS:
        assert loaded(changed(BY_KEY[key][0], None)) == before()
