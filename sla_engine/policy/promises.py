"""A policy as it is written: whom it is promised, what, and how its clocks are measured."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, model_validator

from sla_engine.policy.calendars import CalendarChoice
from sla_engine.policy.conditions import Condition, Model, arm, never, shape
from sla_engine.policy.ladders import Ladder
from sla_engine.policy.words import (
    Day,
    Length,
    Place,
    Promise,
    Steps,
    Switch,
    Text,
    Texts,
    Whole,
    mistake,
)

After = Literal["resume", "new", "ignore", "count"]
"""What leaving the stop condition does."""


class PauseTerms(Model):
    """A pause in full."""

    called = "a pause"

    while_: Condition = Field(alias="while")
    """The clock may stand still while this holds."""
    until: (
        Annotated[
            Annotated[Literal["requester_replies"], arm("text")] | Annotated[Condition, arm("map")],
            Discriminator(shape),
        ]
        | None
    ) = None
    """What ends the pause although `while` still holds: requester_replies, or a condition."""
    max: Length | None = None
    """The longest a cycle may be paused in all; after it the clock runs, and a warning says so."""


def _pause_shape(value: object) -> str:
    full = isinstance(value, PauseTerms) or (
        isinstance(value, dict) and bool({"while", "until", "max"} & set(value))
    )
    return "<full>" if full else "<condition>"


PauseChoice = Annotated[
    Annotated[PauseTerms, arm("full")] | Annotated[Condition, arm("condition")],
    Discriminator(_pause_shape),
]
"""A condition during which clocks stand still, or {while, until, max}."""


class Levels(Model):
    """Two levels of one promise."""

    called = "a target"

    aim: Length | None = None
    """What we want to keep; between aim and limit a cycle is tolerated."""
    limit: Length
    """What must be kept."""


class DueCell(Model):
    """A deadline instead of a length."""

    called = "a deadline"

    due: Text = Field(examples=["duedate", "17:00 next business day", "17:00 friday"])
    """A date field of the ticket, or a time of day on the calendar's wall clock with: today, next
    business day, in 3 business days, friday."""
    pause: Literal["ignore", "extend"] | None = None
    """ignore (the default): the deadline stays; extend: it moves by as long as a pause lasts."""


def _cell_shape(value: object) -> str:
    if isinstance(value, str):
        return "<text>"
    keys = set(value) if isinstance(value, dict) else set()
    if isinstance(value, Levels) or keys & {"aim", "limit"}:
        return "<levels>"
    return "<due>" if isinstance(value, DueCell) or "due" in keys else "<table>"


class Table(Model):
    """Targets by the values of fields: rows, rows of rows, and a default for the rest."""

    model_config = ConfigDict(extra="allow", json_schema_extra=never("aim", "limit", "due"))
    called = "a target"
    __pydantic_extra__: dict[str, Cell] = Field(init=False)

    by: Texts | None = None
    """The fields whose values choose, outermost first; priority where it is left out."""
    default: Cell | None = None
    """For every value without a row."""

    @property
    def rows(self) -> dict[str, Any]:
        """The rows as written, in order."""
        return self.model_extra or {}

    @model_validator(mode="after")
    def _has_rows(self) -> Table:
        if not self.rows and self.default is None:
            raise mistake("SLA113", "this target is empty", "write 4h, or {P1: 1h, default: 4h}")
        return self


Cell = Annotated[
    Annotated[Promise, arm("text")]
    | Annotated[Levels, arm("levels")]
    | Annotated[DueCell, arm("due")]
    | Annotated[Table, arm("table")],
    Discriminator(_cell_shape),
]
"""A promise: 4h, none, {aim, limit}, or a map by priority or by other fields."""


class ReopenTerms(Model):
    """What a reopening does, by how long after the stop it comes."""

    called = "reopen"

    within: Length | None = None
    """Up to so long after the stop `then` is done, later `else`."""
    then: After = "resume"
    """What a reopening does within the window."""
    else_: After = Field("new", alias="else")
    """What a later reopening does."""


ReopenChoice = Annotated[
    Annotated[After, arm("text")] | Annotated[ReopenTerms, arm("map")],
    Discriminator(lambda value: "<text>" if isinstance(value, str) else "<map>"),
]
"""resume | new | ignore | count, or {within: 7d, then: resume, else: new}."""

Trigger = Annotated[
    Annotated[Literal["created", "linked"], arm("text")] | Annotated[Condition, arm("map")],
    Discriminator(lambda value: "<text>" if isinstance(value, str) else "<map>"),
]
"""created, or a condition that becomes true."""


class Clock(Model):
    """How a clock is measured; on top of a preset, where it names or is one."""

    called = "a clock"

    preset: Text | None = None
    """The preset to begin with: acknowledge, first_response, next_response, update, resolution,
    requester_wait, agent_work, handoff, ownership."""
    describe: Text | None = None
    """What this clock measures, in a sentence."""
    start: Trigger | None = None
    """created (the default), linked (another ticket comes to the case), or a condition: the clock
    starts when it becomes true."""
    stop: Condition | None = None
    """The clock stops when this becomes true."""
    cancel: Condition | None = None
    """The cycle ends without a verdict when this becomes true."""
    reset: Condition | None = None
    """The cycle ends and the next begins when this becomes true."""
    pause: PauseChoice | None = None
    """A pause of this clock alone, instead of the policy's."""
    pausable: Switch | None = None
    """Whether the policy's pause holds for this clock."""
    cycles: Literal["once", "every", "sum"] | None = None
    """Whether it starts again: once, every time, or one sum over all times."""
    by: Text | None = None
    """One clock for each value of this field: team, for how long each team has the ticket."""
    calendar: CalendarChoice | None = None
    """A calendar of this clock alone."""


class Review(Model):
    """When people look at this again."""

    called = "a review"

    every: Length | None = None
    """How often."""
    next: Day | None = None
    """When next: from this day on sla run reminds, and from the day after sla check warns."""
    by: Texts | None = None
    """Who: channels of service.yaml are sent the reminder; the owner's is where nobody is named."""
    plan: Text | None = None
    """Where the plan is (an address)."""


Retargeting = Literal["carry", "latest", "prorate", "restart", "sticky", "strictest"] | None


class Defaults(Model):
    """What every policy inherits unless it says otherwise."""

    called = "defaults"

    owner: Text | None = None
    """Who answers for it."""
    calendar: CalendarChoice | None = None
    """When the clocks run: a calendar's name, one in short (mon-fri 09:00-17:00 Europe/Berlin),
    or {by: priority, P1: 24x7, default: office}."""
    tz: Place | None = None
    """The wall clock on which the calendar hangs, instead of its own: a time zone, or requester (of
    the field requester_tz, as it is when a clock starts)."""
    pause: PauseChoice | None = None
    """When pausable clocks stand still."""
    on_target_change: Retargeting = None
    """carry: a new target judges what was used so far; latest: the last target judges it all;
    prorate: the share that is used stays used; restart: a new cycle begins; sticky: the first
    target stays; strictest: the lowest limit so far."""
    reopen: ReopenChoice | None = None
    """What a reopening does."""
    settle: Length | None = None
    """Changes of fields this soon after the start count as initial values."""
    warn: Steps | None = None
    """Warn at these steps: one internal comment, and the assignee is told."""
    escalate: Ladder | None = None
    """The steps of an escalation, or the name of a ladder under escalations."""
    review: Review | None = None
    """When people look at this policy again."""


def _whole_or_extended(schema: dict[str, Any]) -> None:
    """What a policy needs it may inherit."""
    schema["anyOf"] = [{"required": schema.pop("required")}, {"required": ["extends"]}]


class Policy(Defaults):
    """A promise to the tickets that match."""

    model_config = ConfigDict(json_schema_extra=_whole_or_extended)
    called = "a policy"

    describe: Text | None = None
    """What is promised, for agents and statements."""
    type: Literal["sla", "ola", "uc"] | None = None
    """sla: to customers. ola: among teams. uc: by suppliers; both are measured besides others."""
    effective: Day | None = None
    """Clocks that start on or after this day; a list under one name holds its versions."""
    until: Day | None = None
    """The last day on which clocks may start."""
    applies_to: Literal["new", "open"] | None = None
    """new: clocks keep the version of their start. open: it takes over those that run by then."""
    rank: Whole | None = None
    """Among policies that promise the same to one ticket, the lowest rank wins (100)."""
    additive: Switch | None = None
    """true: measured besides the other policies that promise the same, whatever their ranks."""
    extends: Text | None = None
    """The policy whose keys this one inherits; its own name: those of the version before."""
    match: Condition
    """To which tickets this is promised. Needed, be it inherited."""
    targets: Annotated[dict[str, Cell], Field(min_length=1)]
    """What is promised, for each clock. Needed, be it inherited."""
    clocks: dict[str, Clock] | None = None
    """Clocks that are no presets, and changes of those that are."""
    merge: Literal["keep", "earliest"] | None = None
    """When tickets are merged into one: keep its start (default), or count from the earliest."""
    exclusions: Texts | None = None
    """The exclusions that hold for this policy; all whose match fits, where it is left out."""
    supports: Text | None = None
    """The promise that this one must fit inside: policy.clock."""
    tags: Texts | None = None
    """Words for reports."""


Table.model_rebuild()
