"""The version of policies: a hash over what they mean, not over how they are written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256

import msgspec

from sla_engine.calendars import Calendar
from sla_engine.terms import Policies

Meaning = str | int | float | bool | list["Meaning"] | dict[str, "Meaning"] | None


def version(policies: Policies) -> str:
    """Seven hex digits that change when a verdict or a deed might, and only then."""
    said = [
        sorted((_meaning(policy) for policy in policies.policies), key=str),
        _meaning(policies.fields),
        _meaning(policies.actors),
        _meaning(policies.publish),
    ]
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:7]


def _meaning(value: object) -> Meaning:
    """A value without places and names of files, in one order."""
    if isinstance(value, Calendar):
        return repr(value.versions)
    if isinstance(value, msgspec.Struct):
        fields = (name for name in value.__struct_fields__ if name != "where")
        return [type(value).__name__, {name: _meaning(getattr(value, name)) for name in fields}]
    if isinstance(value, Mapping):
        return {str(key): _meaning(inner) for key, inner in value.items()}
    if isinstance(value, (tuple, list)):
        return [_meaning(inner) for inner in value]
    assert value is None or isinstance(value, (str, int, float, bool))
    return value
