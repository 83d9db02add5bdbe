"""What a ticket is and what is said of it: frozen values, no behaviour but order and look-up.

Structs of msgspec rather than dataclasses: as frozen and as typed, made five times as fast, and
they know their own JSON (docs/adr/0002).
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, overload

import msgspec

from sla_engine.units import Instant, Millis

Value = str | tuple[str, ...] | None
"""A field's value as the source says it: a text, several (labels), or nothing. Numbers are text."""

ActorKind = Literal["staff", "customer", "bot", "ai", "vendor", "self", "unknown"]
"""`self` is our own account: what it does is never a response. Policies may say it better."""

Phase = Literal["running", "paused", "stopped"]

State = Literal[
    "running",
    "paused",
    "met",
    "tolerated",  # finished over the aim, within the limit
    "breached",  # over the limit, whether open or finished
    "cancelled",
    "excused",
    "none",  # measured, nothing is promised
    "no_target",
    "unknown",  # the history has holes
]


Kind = Literal["sla", "ola", "uc"]
"""To whom a promise is made: to customers, among teams, by suppliers."""


class Ref(msgspec.Struct, frozen=True, gc=False, order=True):
    """Which ticket. Identity is (connection, id); the key is for people and may change."""

    connection: str
    key: str
    id: str


class Actor(msgspec.Struct, frozen=True, gc=False):
    """Who did something, as the source knew them when they did it."""

    id: str
    name: str = ""
    kind: ActorKind = "unknown"
    groups: tuple[str, ...] = ()


NOBODY = Actor("")


class Event(msgspec.Struct, frozen=True, gc=False):
    """One thing that happened to a ticket.

    `field` is a canonical field name for a change of it, or `comment`, where `new` is "public" or
    "internal". Events of one source change (one Jira history entry, one ServiceNow update) share
    `at` and `source_id` and count as one atomic step. Order is (at, sequence), never arrival.
    `source_id` is how people find it: "history 88240", "comment 40127".
    """

    at: Instant
    sequence: int
    field: str
    old: Value
    new: Value
    actor: Actor
    source_id: str


Step = tuple[Instant, str, Value, Actor, str, str]


def _numbers(values: list[int]) -> array[int]:
    """Most systems' numbers fit four bytes."""
    try:
        return array("i", values)
    except OverflowError:
        return array("q", values)


class Journal(Sequence[Event]):
    """Events in order, held as columns: half the memory of a list of them, and quick to fold."""

    __slots__ = ("actors", "ats", "fields", "news", "olds", "sequences", "source_ids")

    def __init__(self, events: Iterable[Event] = ()) -> None:
        ordered = sorted(events, key=lambda event: (event.at, event.sequence))
        self.ats = array("q", [event.at for event in ordered])
        self.sequences = _numbers([event.sequence for event in ordered])
        self.fields = tuple(event.field for event in ordered)
        self.olds = tuple(event.old for event in ordered)
        self.news = tuple(event.new for event in ordered)
        self.actors = tuple(event.actor for event in ordered)
        self.source_ids = tuple(event.source_id for event in ordered)

    def until(self, now: Instant) -> Iterator[Step]:
        """(at, field, new, actor, source_id, the next event's source_id) up to and including now,
        without making events."""
        ats, sources = self.ats, self.source_ids
        whole = not ats or ats[-1] <= now
        return zip(
            ats if whole else ats[: bisect_right(ats, now)],
            self.fields,
            self.news,
            self.actors,
            sources,
            (*sources[1:], ""),
            strict=False,
        )

    def __len__(self) -> int:
        return len(self.ats)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> Journal: ...
    def __getitem__(self, index: int | slice) -> Event | Journal:
        if isinstance(index, slice):
            return Journal(self[i] for i in range(*index.indices(len(self))))
        return Event(
            Instant(self.ats[index]),
            self.sequences[index],
            self.fields[index],
            self.olds[index],
            self.news[index],
            self.actors[index],
            self.source_ids[index],
        )

    def __iter__(self) -> Iterator[Event]:
        return (self[i] for i in range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Journal) and all(
            getattr(self, column) == getattr(other, column) for column in self.__slots__
        )

    def __hash__(self) -> int:
        return hash((self.ats.tobytes(), self.source_ids))

    def __repr__(self) -> str:
        return f"Journal({list(self)!r})"


class At(msgspec.Struct, frozen=True, gc=False, tag=True):
    """An instant as the value of a ticket's field, so that a date is never mistaken for text."""

    at: Instant


FieldValue = str | tuple[str, ...] | At | None
"""What we write into a field and read back from it; None is an empty field."""


_NOTHING_WRITTEN: Mapping[str, FieldValue] = MappingProxyType({})


class Gap(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A field that went from one value to another without an entry in the history: an admin deleted
    a priority, an import rewrote it. When, nobody can tell."""

    field: str
    before: Value
    after: Value


class Ticket(msgspec.Struct, frozen=True, gc=False):
    """One ticket and all that is known to have happened to it.

    `initial` are the canonical fields at `created_at`; the journal holds what changed after.
    `written` are the fields of ours as they stand in the ticket now, by the source's field name;
    `marks` the action keys that its comments bear. `incomplete` says why the history has holes:
    then no verdict is given. `gaps` are holes in single fields, which matter to policies that can
    tell the two ends of one apart. `members` are the other tickets of its case, where it is the
    parent of one, and `skew` how far the clocks of their systems are apart at most.
    """

    ref: Ref
    system: str
    url: str
    title: str
    created_at: Instant
    created_by: Actor
    initial: Mapping[str, Value]
    journal: Journal
    updated_at: Instant
    written: Mapping[str, FieldValue] = _NOTHING_WRITTEN
    marks: frozenset[str] = frozenset()
    incomplete: str = ""
    gaps: tuple[Gap, ...] = ()
    members: tuple[Ticket, ...] = ()
    skew: Millis = Millis(0)


class Span(msgspec.Struct, frozen=True, gc=False):
    """A stretch [start, end) of one phase. `counted` is what it added to elapsed, by `calendar`.

    `cause` is the source_id of the event that began it ("created", "history 88240"); `reason` says
    it in words: "Waiting for customer", "customer replied", "pause cap reached".
    """

    start: Instant
    end: Instant
    phase: Phase
    cause: str
    reason: str
    counted: Millis
    calendar: str
    limit: Millis | None


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What is true of one cycle of one clock at `now`.

    `elapsed` and `left` are business time at `now` (or at the stop); `left` is negative when over.
    `due_at` is the earliest instant at which elapsed reaches the limit if nothing more happens;
    None while paused, stopped or without a target. `breached_at` is the instant after which elapsed
    exceeds the limit, latched; None where it has not come. An open overdue cycle keeps its due.
    `next_at` is the next instant after `now` at which this verdict changes by itself. `flags` mark
    what deserves a second look. `of` is the value whose clock it is, where each value of a field
    has one ("Network"); cycles are counted over all values.
    """

    ref: Ref
    policy: str
    version: str
    clock: str
    cycle: int
    state: State
    phase: Phase
    started_at: Instant | None = None
    stopped_at: Instant | None = None
    elapsed: Millis = Millis(0)
    aim: Millis | None = None
    limit: Millis | None = None
    left: Millis | None = None
    due_at: Instant | None = None
    breached_at: Instant | None = None
    next_at: Instant | None = None
    spans: tuple[Span, ...] = ()
    steps: tuple[Reached, ...] = ()
    flags: tuple[str, ...] = ()
    reason: str = ""
    of: str = ""
    type: Kind = "sla"


class Reached(msgspec.Struct, frozen=True, gc=False):
    """A step of a ladder that this cycle has reached: `name` ("75%", "breach + 2h"), when, and the
    which-th time (repeats count from 1)."""

    name: str
    at: Instant
    occurrence: int = 1
