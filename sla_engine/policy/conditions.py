"""Conditions as they are written: maps (AND of keys) over field values (OR of list values)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from sla_engine.policy.words import Length, Number, Switch, Text, Texts, mistake


class Model(BaseModel):
    """A map with known keys. Unknown ones are told apart from everything else, all at once."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
    called: ClassVar[str] = "this"
    not_yet: ClassVar[str] = ""

    @model_validator(mode="before")
    @classmethod
    def _keys_are_known(cls, data: object) -> object:
        if not isinstance(data, dict):
            raise mistake("SLA103", f"{cls.called} is written as a map", "write key: value")
        known = [field.alias or name for name, field in cls.model_fields.items()]
        unknown = [key for key in data if key not in known]
        if unknown and cls.model_config.get("extra") == "forbid":
            raise _unknown(unknown, known)
        return data


def _unknown(unknown: list[str], known: list[str]) -> Exception:
    return PydanticCustomError("sla_keys", "unknown keys", {"unknown": unknown, "known": known})


def never(*keys: str) -> Callable[[dict[str, Any]], None]:
    """Make the JSON Schema of an open map say that these keys mean another form."""

    def exclude(schema: dict[str, Any]) -> None:
        schema["properties"] |= dict.fromkeys(keys, False)

    return exclude


def arm(tag: str) -> Tag:
    """The tag of one form among several; marked so that it is never taken for a key."""
    return Tag(f"<{tag}>")


def shape(value: object) -> str:
    """The tag of a value by its shape alone."""
    if isinstance(value, str):
        return "<text>"
    return "<list>" if isinstance(value, (list, tuple)) else "<map>"


class FieldOps(Model):
    """Tests of one field's value; all of them must hold."""

    called = "a test of a field"

    not_: FieldValue | None = Field(None, alias="not")
    """The value is none of these."""
    gte: Number | None = None
    """The value is a number of at least this."""
    gt: Number | None = None
    """The value is a number above this."""
    lte: Number | None = None
    """The value is a number of at most this."""
    lt: Number | None = None
    """The value is a number below this."""
    set: Switch | None = None
    """true: the field has a value; false: it is empty."""
    matches: Texts | None = None
    """The value fits one of these patterns, where * stands for anything."""
    changed: Switch | None = None
    """true: the field changes in this very moment (start, stop, until, reset, cancel only)."""
    within: Length | None = None
    """With changed: it changed at most so long ago (if and unless of a ladder's step only)."""

    @model_validator(mode="after")
    def _says_something(self) -> FieldOps:
        if not self.model_fields_set:
            mend = "write a value, or not, gte, gt, lte, lt, set, matches, changed"
            raise mistake("SLA112", "this test of a field is empty", mend)
        return self


FieldValue = Annotated[
    Annotated[Text, arm("text")]
    | Annotated[tuple[Text, ...], Field(min_length=1), arm("list")]
    | Annotated[FieldOps, arm("map")],
    Discriminator(shape),
]
"""A value, a list of values of which one fits, or tests."""

Who = Annotated[Texts, Field(examples=["staff", "customer", "requester", "vendor", "bot", "ai"])]


class Condition(Model):
    """A map of tests that all hold: fields by their canonical names, any, all, not, and events."""

    model_config = ConfigDict(extra="allow", json_schema_extra=never("while", "until", "max"))
    called = "a condition"
    __pydantic_extra__: dict[str, FieldValue] = Field(init=False)

    any: tuple[Condition, ...] | None = None
    """At least one of these conditions holds."""
    all: tuple[Condition, ...] | None = None
    """All of these conditions hold."""
    not_: Condition | None = Field(None, alias="not")
    """This condition does not hold."""
    comment: Literal["public", "internal", "any"] | None = None
    """A comment is written (an event: true in that moment only)."""
    by: Who | None = None
    """Who writes the comment; without it any person, never a bot."""
    assigned: Switch | None = None
    """The ticket is given to a person (an event)."""
    linked: Text | None = None
    """Another ticket comes to the case by this link; any for whichever (an event)."""

    @model_validator(mode="after")
    def _says_something(self) -> Condition:
        if not self.model_fields_set and not self.model_extra:
            raise mistake("SLA112", "this condition is empty", "write {field: value}")
        return self

    @property
    def tests(self) -> dict[str, Any]:
        """The tests of fields, by canonical name, in the order written."""
        return self.model_extra or {}


FieldOps.model_rebuild()
