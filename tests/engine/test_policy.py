"""The models of the language and the JSON Schema that they make."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sla_engine.actions.comment import PLACEHOLDER
from sla_engine.document import plain, read
from sla_engine.policy import json_schema
from sla_engine.policy.ladders import Action
from sla_engine.policy.promises import Policy
from sla_engine.policy.reading import not_acted_on
from sla_engine.policy.reading import read as read_as
from sla_engine.policy.words import At, Length, Percentage
from sla_engine.problems import Problem

REPO = Path(__file__).resolve().parents[2]
SCHEMA = json_schema()
GOOD = sorted(
    path
    for folder in ("policies", "examples")
    for path in (REPO / "config" / folder).glob("*.yaml")
    if not path.name.endswith(".test.yaml")
)


def typed(value: Any) -> Any:
    """What an editor's YAML 1.2 reader makes of our texts: numbers and switches have types."""
    if isinstance(value, dict):
        return {key: typed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [typed(inner) for inner in value]
    if re.fullmatch(r"-?\d+", value):
        return int(value)
    return {"true": True, "false": False}.get(value, value)


def document(path: Path) -> Any:
    node, problems = read(path.read_bytes(), path.name)
    assert node is not None
    assert not problems
    return typed(plain(node))


def policy(text: str) -> tuple[Policy | None, list[Problem]]:
    node, problems = read(text, "p.yaml")
    assert node is not None
    assert not problems
    written, problems = read_as(Policy, node, node.where)
    return written, [*problems, *not_acted_on(written, node)]


def test_the_schema_is_a_schema_of_2020_12() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_the_schema_accepts_what_we_accept(path: Path) -> None:
    jsonschema.validate(document(path), SCHEMA, jsonschema.Draft202012Validator)


@pytest.mark.parametrize("name", ["03-follow-the-sun.yaml", "04-cross-system-ola.yaml"])
def test_the_schema_knows_the_whole_language(name: str, shared: Path) -> None:
    jsonschema.validate(document(shared / "design" / "examples" / name), SCHEMA)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("match:", "mach:"),
        ("8h", "8 hours"),
        ("75%", "[]"),
        ("targets:", "target:"),
        ("{project: SUP}", "SUP"),
        ("policies:", "polices:"),
        ("sla/v1", "sla/v2"),
    ],
)
def test_the_schema_refuses_what_we_refuse(old: str, new: str) -> None:
    (path,) = REPO.glob("config/examples/*/policies/01-minimal.yaml")
    text = path.read_text()
    node, _ = read(text.replace(old, new), "x.yaml")
    assert node is not None
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(typed(plain(node)))


def test_the_schema_names_every_placeholder_of_a_comment() -> None:
    told = Action.model_fields["comment"].description or ""
    named = re.findall(r"\{\w+\}", told)
    known = re.findall(r"\w{2,}", PLACEHOLDER.pattern)
    assert named == [f"{{{name}}}" for name in known]
    assert told in str(json_schema())


def test_the_schema_knows_neither_null_nor_titles() -> None:
    text = str(SCHEMA)
    assert "'null'" not in text
    assert "'title':" not in text


@pytest.mark.parametrize(
    ("kind", "text", "good"),
    [
        (Length, "15m", True),
        (Length, "1h 30m", True),
        (Length, "2h30m", True),
        (Length, "3bd", True),
        (Length, "1.5h", False),
        (Length, "4 hours", False),
        (Length, "-1h", False),
        (Length, "", False),
        (At, "75%", True),
        (At, "75 %", True),
        (At, "breach", True),
        (At, "breach+2h", True),
        (At, "breach  +  2h", True),
        (At, "30m left", True),
        (At, "aim", True),
        (At, "75 percent", False),
        (At, "breach - 2h", False),
        (At, "0%", False),
        (At, "left", False),
        (Percentage, "99.9%", True),
        (Percentage, "101%", False),
        (Percentage, "99.9", False),
    ],
)
def test_the_small_words(kind: Any, text: str, good: bool) -> None:
    node, _ = read(f"[{text!r}]", "x.yaml")
    assert node is not None
    _, problems = read_as(kind, node.at(0), node.where)
    assert (problems == []) is good


@pytest.mark.parametrize(
    ("written", "name"),
    [("75.0%", "75%"), ("75 %", "75%"), ("breach+2h", "breach + 2h"), ("30m  left", "30m left")],
)
def test_steps_have_one_name_however_they_are_written(written: str, name: str) -> None:
    entry, problems = policy(f"match: {{a: b}}\ntargets: {{resolution: 4h}}\nwarn: {written}\n")
    assert problems == []
    assert entry is not None
    assert entry.warn is not None
    assert [step.name for step in entry.warn] == [name]


def test_all_mistakes_are_found_in_one_go_and_the_rest_is_read() -> None:
    entry, problems = policy(
        "match: {project: SUP}\n"
        "targets: {resolution: {P1: soon, P2: 4h}, update: {P3: 1h, P4: x}}\n"
        "colour: red\n"
        "pause: {while: {status: {nott: x}}, untill: y, max: z}\n"
    )
    assert sorted(problem.where.line for problem in problems) == [2, 2, 3, 4, 4, 4]
    assert entry is not None
    assert list(entry.targets) == ["resolution", "update"]
    assert str(entry.targets["resolution"]).count("14400000") == 1


def test_a_key_that_was_misspelt_is_not_missing_too() -> None:
    _, problems = policy("macth: {project: SUP}\ntargets: {resolution: 4h}\n")
    assert [problem.mend for problem in problems] == ['did you mean "match"?']


def test_no_words_of_the_libraries_are_shown() -> None:
    _, problems = policy(
        "match: [1]\ntargets: {a: {aim: [1]}}\nrank: {}\nwarn: {}\nclocks: []\nreview: x\n"
        "calendar: []\nreopen: []\npause: []\nescalate: {}\nowner: [a]\nadditive: 1\n"
    )
    said = " ".join(f"{problem.what} {problem.mend}" for problem in problems)
    assert len(problems) >= 12
    assert not re.search(r"(?i)valid |input|tuple|dict|union|tag|pydantic|string|int\b", said)
