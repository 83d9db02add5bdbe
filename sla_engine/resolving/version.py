"""The version of policies: a hash over what they mean, not over how they are written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256

import msgspec

from sla_engine.calendars import Calendar
from sla_engine.problems import Where
from sla_engine.terms import Policies

ASIDE = ("meaning", "review")
"""What is for people alone."""

Meaning = str | int | float | bool | list["Meaning"] | dict[str, "Meaning"] | None


def version(policies: Policies) -> str:
    """Seven hex digits that change when a verdict or a deed might, and only then."""
    return fingerprint(policies)[:7]


def fingerprint(policies: Policies) -> str:
    """The whole SHA-256 that the version is the start of."""
    said = [
        sorted((_meaning(policy) for policy in policies.policies), key=str),
        _meaning(policies.fields),
        _meaning(policies.actors),
        _meaning(policies.publish),
        _meaning(policies.exceptions),
    ]
    if policies.links:
        said.append(_meaning(policies.links))
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _said(value: msgspec.Struct) -> Iterator[tuple[str, Meaning]]:
    """What is not as it would be anyway: a language that grows changes no policy that does not use
    what is new."""
    for name, default in _fields(type(value)):
        said = getattr(value, name)
        if not isinstance(said, Where) and said != default:
            yield name, _meaning(said)


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[tuple[str, object], ...]:
    """Those that mean something, with their defaults; msgspec works out their types each time."""
    fields = msgspec.structs.fields(kind)
    return tuple((field.name, field.default) for field in fields if field.name not in ASIDE)


def _meaning(value: object) -> Meaning:
    """A value without places and names of files, in one order."""
    if isinstance(value, Calendar):
        return repr(value.versions)
    if isinstance(value, msgspec.Struct):
        return [type(value).__name__, dict(_said(value))]
    if isinstance(value, Mapping):
        return {str(key): _meaning(inner) for key, inner in value.items()}
    if isinstance(value, (tuple, list)):
        return [_meaning(inner) for inner in value]
    assert value is None or isinstance(value, (str, int, float, bool))
    return value
