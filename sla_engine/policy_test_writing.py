"""How test files are written: YAML as people lay it out, times on a wall clock, lengths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from sla_engine.units import (
    HOUR,
    MINUTE,
    SECOND,
    Instant,
    Millis,
    from_datetime,
    to_datetime,
)

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


def as_yaml(value: object) -> str:
    """Maps of plain values on one line, all others in blocks."""
    return yaml.dump(
        value,
        Dumper=_Dumper,
        default_flow_style=None,
        sort_keys=False,
        allow_unicode=True,
        width=100,
    )


def as_time(at: Instant, zone: ZoneInfo) -> str:
    """`2026-11-16 09:00[:05[.250]]` on the wall clock; with its offset in an hour that comes
    twice."""
    local = to_datetime(at, zone)
    fine = "seconds" if at % MINUTE else "minutes"
    precision = "milliseconds" if at % SECOND else fine
    twice = from_datetime(local.replace(fold=0)) != from_datetime(local.replace(fold=1))
    wall = local if twice else local.replace(tzinfo=None)
    return wall.isoformat(sep=" ", timespec=precision)


def as_length(length: Millis) -> str:
    """`4h38m10.25s`, as test files write it."""
    hours, rest = divmod(length, HOUR)
    minutes, millis = divmod(rest, MINUTE)
    parts = ((f"{hours}", "h"), (f"{minutes}", "m"), (f"{millis / SECOND:g}", "s"))
    return "".join(number + unit for number, unit in parts if number != "0") or "0m"


class _Dumper(yaml.SafeDumper):
    """Writes as people write test files: items of lists set in, times in quotes, what is plain on
    one line."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # PyYAML's signature
        return True  # our own reader knows none

    def represent_mapping(
        self, tag: str, mapping: Any, flow_style: bool | None = None
    ) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        node.flow_style = all(isinstance(value, yaml.ScalarNode) for _, value in node.value)
        return node

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  # PyYAML's signature
        super().increase_indent(flow, False)


def _represented(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = '"' if _TIME.match(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:")
_Dumper.add_representer(str, _represented)
