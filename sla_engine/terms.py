"""What policies say, resolved: the engine's reading of the files, with nothing left to look up.

`policy.py` models the YAML as people write it; `policy_files.py` turns that into these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Generic, Literal, TypeVar

import msgspec

from sla_engine.calendars import Calendar
from sla_engine.conditions import ALWAYS, Condition
from sla_engine.model import Kind, Value
from sla_engine.problems import Where
from sla_engine.units import Duration, Instant, Millis

T = TypeVar("T")

Argument = str | tuple[str, ...] | tuple[tuple[str, str], ...]
Retarget = Literal["carry", "latest", "prorate", "restart", "sticky", "strictest"]
Cycles = Literal["once", "every", "sum"]


class Choice(msgspec.Struct, Generic[T], frozen=True):
    """A leaf chosen by the values of `by`, level after level, falling back to each level's default.

    With no `by` it is the default itself. None means that no row fits.
    """

    by: tuple[str, ...] = ()
    rows: Mapping[str, Choice[T]] = {}
    default: T | None = None

    def pick(self, fields: Mapping[str, Value]) -> T | None:
        """The leaf for these fields, of several values by the first with a row; an inner level
        without a row falls back to the outer one."""
        if self.by:
            value = fields.get(self.by[0])
            values = (value,) if isinstance(value, str) else value or ()
            row = next((self.rows[one] for one in values if one in self.rows), None)
            if row is not None and (leaf := row.pick(fields)) is not None:
                return leaf
        return self.default

    def leaves(self) -> Iterator[T]:
        """Every leaf there is, in the order written."""
        for row in self.rows.values():
            yield from row.leaves()
        if self.default is not None:
            yield self.default


class Deadline(msgspec.Struct, frozen=True):
    """When something is due: `at`, or what the ticket's `field` says, or `time` on the wall clock,
    on a `weekday` (Monday is 0) or so many business `days` after the start (0: today). Pauses move
    it where it `extends`."""

    field: str = ""
    at: Instant | None = None
    time: Millis = Millis(0)
    days: int = 0
    weekday: int | None = None
    extends: bool = False


class Target(msgspec.Struct, frozen=True):
    """What is promised: a limit, and perhaps an aim below it, or a deadline. Without any of them:
    measured only."""

    limit: Duration | None
    aim: Duration | None = None
    where: Where | None = None
    due: Deadline | None = None


class Pause(msgspec.Struct, frozen=True):
    """Stand still while `when` holds, until `until` happens, at most `cap` a cycle."""

    when: Condition
    until: Condition | None = None
    cap: Duration | None = None


class Reopen(msgspec.Struct, frozen=True):
    """What leaving the stop condition does: `then` within `within` of the stop, `later` after."""

    then: Literal["resume", "new", "ignore", "count"] = "resume"
    within: Duration | None = None
    later: Literal["resume", "new", "ignore", "count"] = "new"


class Step(msgspec.Struct, frozen=True):
    """A rung of a ladder. It is reached when elapsed passes `percent` of the limit plus `offset`
    (business time; `aim` counts from the aim instead); it acts once `hours` are open."""

    name: str
    percent: float
    offset: Millis
    of_aim: bool = False
    when: Condition = ALWAYS
    unless: Condition | None = None
    do: tuple[Action, ...] = ()
    hours: Calendar | None = None
    repeat: Millis | None = None
    times: int = 1
    where: Where | None = None


class Action(msgspec.Struct, frozen=True):
    """One entry of `do:`: the action's name and its argument as written (lists as tuples)."""

    name: str
    argument: Argument


class ClockTerms(msgspec.Struct, frozen=True):
    """How one clock of a policy starts, stops and counts. `start` None is the creation."""

    name: str
    targets: Choice[Target]
    start: Condition | None
    stop: Condition
    cancel: Condition | None = None
    reset: Condition | None = None
    pause: Pause | None = None
    cycles: Cycles = "once"
    reopen: Reopen = Reopen()
    calendar: Choice[Calendar] = Choice()
    after: str = ""  # a clock that must have stopped first: next_response after first_response
    customer_starts: bool = False  # created by staff for somebody: starts at their first word
    preset: str = ""
    by: str = ""  # one clock for each value of this field
    meaning: str = ""  # what it measures, for people
    where: Where | None = None


Effect = Literal["pause", "excuse", "note"]


class Exclusion(msgspec.Struct, frozen=True):
    """Time that does not count, for tickets that `match` as they are then: `when` is open then."""

    name: str
    kind: str
    when: Calendar
    match: Condition = ALWAYS
    effect: Effect = "pause"
    announced: Duration | None = None
    approved_by: str = ""
    reason: str = ""
    where: Where | None = None


class TicketException(msgspec.Struct, frozen=True):
    """What one ticket is granted on one clock ("" for all): `extend` or another `due`, else a
    breach is waived, up to `until`."""

    ticket: str
    clock: str
    approved_by: str
    reason: str
    extend: Duration | None = None
    due: Instant | None = None
    until: Instant | None = None
    evidence: str = ""
    where: Where | None = None


class Review(msgspec.Struct, frozen=True):
    """When people look at a policy again: from the day `next` in `zone` on they are reminded; `by`
    whom, following which `plan`."""

    next: date | None = None
    zone: str = "UTC"
    every: Duration | None = None
    by: tuple[str, ...] = ()
    plan: str = ""


class Policy(msgspec.Struct, frozen=True):
    """A promise to the tickets that `match`; among several the lowest rank has a clock.

    Clocks may start in [effective, until). Where it `applies_to` open tickets, it takes over the
    clocks that run when it comes into effect; `ends` is when such a version follows. `additive`
    ones are measured besides all others, as `ola` and `uc` always are. `supports` is (policy,
    clock) of what this must fit inside.
    """

    name: str
    match: Condition
    clocks: tuple[ClockTerms, ...]
    describe: str = ""
    owner: str = ""
    rank: int = 100
    effective: Instant | None = None
    until: Instant | None = None
    ends: Instant | None = None
    applies_to: Literal["new", "open"] = "new"
    type: Kind = "sla"
    additive: bool = False
    case: bool = False  # about a whole case, not about one ticket
    supports: tuple[str, str] | None = None
    tags: tuple[str, ...] = ()
    on_target_change: Retarget = "carry"
    merge: Literal["keep", "earliest"] = "keep"
    settle: Millis = Millis(0)
    local: bool = False  # calendars hang on the wall clock of the requester
    steps: tuple[Step, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    review: Review | None = None
    where: Where | None = None


class FieldTerms(msgspec.Struct, frozen=True):
    """A canonical field: where each system keeps it, and what its values are called there."""

    name: str
    sources: Mapping[str, str] = {}
    values: Mapping[str, tuple[str, ...]] = {}
    history: bool = True


class ActorTerms(msgspec.Struct, frozen=True):
    """Whom policies call what: globs over ids and names, and groups. First fit wins, in the order
    bot, ai, vendor, staff; else the source's own word stands."""

    staff_groups: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    bots: tuple[str, ...] = ()
    ai: tuple[str, ...] = ()
    vendor_domains: tuple[str, ...] = ()
    vendor_groups: tuple[str, ...] = ()
    vendor: tuple[str, ...] = ()


Published = Literal["due", "state", "summary", "missed", "policy", "breached_at"]


class PublishTerms(msgspec.Struct, frozen=True):
    """Which of our figures go into which field of one system, and whether comments are written."""

    fields: Mapping[str, Published]
    comments: bool = True


class LinkTerms(msgspec.Struct, frozen=True):
    """Which tickets are one case: a child belongs to the parent whose fields have the values of its
    own, by pairs (field of the child, field of the parent)."""

    name: str
    parent: Condition
    child: Condition
    where: tuple[tuple[str, str], ...]


class Policies(msgspec.Struct, frozen=True, dict=True):
    """Everything in force. `version` is the start of the SHA-256 over the files' meaning, `files`
    are their texts by name."""

    policies: tuple[Policy, ...] = ()
    calendars: Mapping[str, Calendar] = {}
    fields: Mapping[str, FieldTerms] = {}
    actors: ActorTerms = ActorTerms()
    publish: Mapping[str, PublishTerms] = {}
    links: tuple[LinkTerms, ...] = ()
    glossary: Mapping[str, str] = {}
    exceptions: tuple[TicketException, ...] = ()
    version: str = ""
    files: Mapping[str, str] = {}
