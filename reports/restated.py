"""Finished clocks whose verdict was changed after all: what was said, what is, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from reports.json_values import JsonValue, iso
from reports.words import count, date_moment
from sla_engine.units import Instant, Millis, to_datetime
from sla_engine.words import clock_name, duration

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sla_engine.model import State


class Said(msgspec.Struct, frozen=True):
    """What a verdict said of a finished cycle."""

    state: State
    elapsed: Millis
    limit: Millis | None
    stopped_at: Instant | None
    breached_at: Instant | None

    def __str__(self) -> str:
        """`met, 2 h of 4 h`."""
        word = "missed" if self.state == "breached" and self.stopped_at else self.state
        of = "" if self.limit is None else f" of {duration(self.limit)}"
        return f"{word.replace('_', ' ')}, {duration(self.elapsed)}{of}"

    def ended(self, zone: ZoneInfo) -> str:
        """`ended Tue 17 Nov 15:00`: where nothing else tells two verdicts apart."""
        return "open" if self.stopped_at is None else f"ended {date_moment(self.stopped_at, zone)}"


class Cause(msgspec.Struct, frozen=True):
    """Why: its kind, in words, when that happened and when it came to light."""

    kind: str
    what: str
    at: Instant | None
    known_at: Instant | None


class Restated(msgspec.Struct, frozen=True):
    """One verdict that was changed; `new` is None where nothing is promised any more."""

    at: Instant
    key: str
    policy: str
    clock: str
    of: str
    cycle: int
    old: Said
    new: Said | None
    causes: tuple[Cause, ...]

    @property
    def name(self) -> str:
        """`Resolution`, `Ownership of Network`."""
        return clock_name(self.clock) + (f" of {self.of}" if self.of else "")


class Stands(msgspec.Struct, frozen=True):
    """A finished clock that keeps its verdict of then: `version` is that of the policies which
    judged it, `new` what those of today would say; None where they promise nothing."""

    name: str
    version: str
    new: Said | None


class OnRecord(msgspec.Struct, frozen=True):
    """Of one ticket: which verdicts stand in spite of today's policies, which were changed."""

    stands: tuple[Stands, ...]
    restated: tuple[Restated, ...]


def record_parts(record: OnRecord, zone: ZoneInfo) -> Iterator[Text]:
    """Lines for the ticket's own screen."""
    for one in record.stands:
        new = "promise nothing here" if one.new is None else f"would say {one.new}"
        yield Text(f"{one.name} was judged under policies {one.version}; today's {new}")
    for restated in record.restated:
        yield from _lines(restated, zone, f"Restated {_day(restated, zone)}: ")


def record_json(record: OnRecord) -> JsonValue:
    """`record` of the ticket's JSON."""
    return {
        "stands": [
            {
                "clock": one.name,
                "policies": one.version,
                "today": None if one.new is None else _said(one.new),
            }
            for one in record.stands
        ],
        "restated": [_json(one) for one in record.restated],
    }


def render_restated(found: Sequence[Restated], *, days: int, zone: ZoneInfo) -> RenderableType:
    """Newest first, each with its causes below."""
    if not found:
        return Text(f"no verdict on a finished clock was changed in the last {count(days, 'day')}")
    lines = [
        line for one in found for line in _lines(one, zone, f"  {_day(one, zone)}  {one.key}  ")
    ]
    count_of = f"{count(len(found), 'verdict')} restated in the last {count(days, 'day')}"
    return Group(*lines, Text(), Text(count_of))


def _day(one: Restated, zone: ZoneInfo) -> str:
    return f"{to_datetime(one.at, zone):%Y-%m-%d %H:%M}"


def _lines(one: Restated, zone: ZoneInfo, lead: str) -> Iterator[Text]:
    old, new = str(one.old), "nothing is promised any more" if one.new is None else str(one.new)
    if old == new and one.new is not None:
        old, new = (f"{said}, {said.ended(zone)}" for said in (one.old, one.new))
    yield Text(f"{lead}{one.name}: {old} → {new}")
    for cause in one.causes:
        of = f" of {date_moment(cause.at, zone)}" if cause.at is not None else ""
        known = date_moment(cause.known_at, zone) if cause.known_at is not None else ""
        since = f", known since {known}" if known else ""
        yield Text(f"{'':4}because {cause.what}{of}{since}", style="dim")


def restated_json(found: Sequence[Restated]) -> JsonValue:
    """The same for machines."""
    return {"schema": 1, "restated": [_json(one) for one in found]}


def _json(one: Restated) -> JsonValue:
    return {
        "at": iso(one.at),
        "ticket": one.key,
        "policy": one.policy,
        "clock": one.clock,
        "of": one.of or None,
        "cycle": one.cycle,
        "old": _said(one.old),
        "new": None if one.new is None else _said(one.new),
        "causes": [
            {"kind": why.kind, "what": why.what, "at": iso(why.at), "known_at": iso(why.known_at)}
            for why in one.causes
        ],
    }


def _said(said: Said) -> JsonValue:
    return {
        "state": said.state,
        "elapsed": said.elapsed,
        "limit": said.limit,
        "stopped_at": iso(said.stopped_at),
        "breached_at": iso(said.breached_at),
    }
