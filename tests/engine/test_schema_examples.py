"""Every key of the schema is explained and shown, and what is shown is right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from pydantic import TypeAdapter

from sla_engine.policy import json_schema
from sla_engine.policy.conditions import Model
from sla_engine.policy.examples import EXAMPLES

SCHEMA = json_schema()
FORMS = ("anyOf", "oneOf")


def properties() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(model, key, its schema) for everything that can be written."""
    for name, schema in {"File": SCHEMA, **SCHEMA["$defs"]}.items():
        for key, said in schema.get("properties", {}).items():
            if said is not False:
                yield name, key, said


def shows(schema: dict[str, Any]) -> bool:
    """Whether a value can be seen in it."""
    if {"examples", "enum", "const"} & schema.keys() or schema.get("type") == "boolean":
        return True
    return any(shows(form) for key in FORMS for form in schema.get(key, ()))


def test_every_key_is_explained_and_shown() -> None:
    told = list(properties())
    assert len(told) > 200
    assert [(name, key) for name, key, said in told if not said.get("description")] == []
    assert [(name, key) for name, key, said in told if not shows(said)] == []


def test_every_example_fits_the_schema() -> None:
    wrong = []
    for name, key, said in properties():
        validator = jsonschema.Draft202012Validator({**said, "$defs": SCHEMA["$defs"]})
        wrong += [
            (name, key, example)
            for example in said.get("examples", ())
            if not validator.is_valid(example)
        ]
    assert wrong == []


def as_written(value: Any) -> Any:
    """Scalars as the reader of documents hands them on: as texts."""
    if isinstance(value, dict):
        return {key: as_written(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_written(inner) for inner in value]
    return str(value)


def kinds(model: type[Model] = Model) -> dict[str, type[Model]]:
    """Every model of the language by its name."""
    below = [kinds(one) for one in model.__subclasses__()]
    return {model.__name__: model, **{name: one for found in below for name, one in found.items()}}


MODELS = kinds()


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_read(name: str) -> None:
    model: type[Model] = MODELS[name]
    fields = {field.alias or key: field for key, field in model.model_fields.items()}
    for key, shown in EXAMPLES[name].items():
        kind: TypeAdapter[Any] = TypeAdapter(fields[key].rebuild_annotation())
        for example in shown:
            kind.validate_python(as_written(example))
