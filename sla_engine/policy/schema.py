"""The JSON Schema (2020-12) of policy files, made from the models, for editors and other tools."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from sla_engine.policy import examples
from sla_engine.policy.sections import File

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Schema(GenerateJsonSchema):
    """Without null (an empty value is a mistake here), defaults and made-up titles."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        for key, said in made.get("properties", {}).items():
            if found := examples.of(schema["cls"], key):
                said["examples"] = found
        return made

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 -- pydantic's hook
        return False

    def get_title_from_name(self, name: str) -> str:
        return name


def json_schema(model: type[BaseModel] = File) -> dict[str, Any]:
    """The JSON Schema of a policy file, or of any other model of ours, `$schema` and all."""
    schema = model.model_json_schema(by_alias=True, schema_generator=_Schema)
    untitled: dict[str, Any] = _untitled(schema)
    return {"$schema": DIALECT, "$id": "sla/v1", **untitled}


def _untitled(schema: Any) -> Any:
    """Without the titles, which repeat the names of our classes."""
    if isinstance(schema, list):
        return [_untitled(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _untitled(part)
        for key, part in schema.items()
        if key != "title" or not isinstance(part, str)
    }
