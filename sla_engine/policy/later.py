"""Sections of the language that are checked and not acted on yet, as they are written."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field

from sla_engine.policy.conditions import Condition, Model, arm, shape
from sla_engine.policy.promises import Review
from sla_engine.policy.words import (
    Day,
    Length,
    Number,
    Percentage,
    Text,
    Texts,
    Whole,
    Zone,
)


class Outages(Model):
    """An objective over outages, told by tickets."""

    called = "an objective's subject"

    outages: Condition | None = None
    """Which tickets tell of outages."""
    from_: Text | None = Field(None, alias="from")
    """The field with the beginning."""
    to: Text | None = None
    """The field with the end."""
    external: Text | None = None
    """A series from elsewhere."""


class Window(Model):
    """Over which time an objective is counted."""

    called = "a window"

    every: Length | None = None
    """Windows of this length, one after another."""
    from_: Day | None = Field(None, alias="from")
    """The first day of the first."""
    calendar: Literal["week", "month", "quarter", "year"] | None = None
    """Calendar weeks, months, quarters or years."""
    tz: Zone | None = None
    """The time zone of their bounds."""


class Ramp(Model):
    """A lower mark for the beginning."""

    called = "a ramp"

    until: Day
    """The last day of this mark."""
    attain: Percentage
    """How much must be good until then."""


class Alert(Model):
    """When people are told that an objective is in danger."""

    called = "an alert"

    below: Percentage | None = None
    """Attainment below this."""
    for_: Length | None = Field(None, alias="for")
    """For so long."""
    burn: Number | None = None
    """The budget is used up so many times too fast."""
    notify: Texts | None = None
    """Whom to tell."""


class Objective(Model):
    """A promise over many tickets."""

    called = "an objective"

    describe: Text | None = None
    """What is promised."""
    owner: Text | None = None
    """Who answers for it."""
    of: Annotated[
        Annotated[Text, arm("text")] | Annotated[Outages, arm("map")], Discriminator(shape)
    ]
    """What is counted: policy.clock, outages, or a series from elsewhere."""
    match: Condition | None = None
    """Which tickets are counted."""
    count: Literal["limit", "aim"] | None = None
    """Which level is good."""
    attain: Percentage
    """How much must be good."""
    window: Annotated[
        Annotated[Length, arm("text")] | Annotated[Window, arm("map")], Discriminator(shape)
    ]
    """Over which time."""
    ramp: tuple[Ramp, ...] | None = None
    """Lower marks for the beginning."""
    min_samples: Whole | None = None
    """Fewer cycles than this say nothing."""
    alert: Alert | None = None
    """When to tell people."""
    review: Review | None = None
    """When people look at it again."""


class Fee(Model):
    """What is paid."""

    called = "a fee"

    amount: Number
    """How much."""
    currency: Text
    """Of which currency, by its ISO code."""
    per: Literal["month", "quarter", "year"]
    """For which time."""


class Tier(Model):
    """A mark and what missing it costs."""

    called = "a tier"

    below: Percentage
    """Attainment below this."""
    credit: Percentage
    """How much of the fee is credited."""


class PerBreach(Model):
    """A credit for each breach."""

    called = "a credit"

    clock: Text
    """policy.clock"""
    match: Condition | None = None
    """Which tickets."""
    credit: Text
    """A percentage or an amount."""
    free: Whole | None = None
    """So many cost nothing."""


class Credit(Model):
    """What a missed objective costs."""

    called = "a credit"

    objective: Text | None = None
    """The objective."""
    tiers: tuple[Tier, ...] | None = None
    """The worst tier that is reached counts."""
    per_point: Percentage | None = None
    """For each started percentage point."""
    per_breach: PerBreach | None = None
    """For each breach."""


class Contract(Model):
    """Money for promises."""

    called = "a contract"

    describe: Text | None = None
    """What it is."""
    match: Condition
    """Whose tickets."""
    effective: Day | None = None
    """The first day."""
    until: Day | None = None
    """The last day."""
    fee: Fee | None = None
    """What is paid for the service."""
    credits: tuple[Credit, ...] | None = None
    """What misses cost."""
    bonus: tuple[Credit, ...] | None = None
    """What exceeding earns."""
    cap: Percentage | None = None
    """The most that is credited."""
    minimum: Number | None = None
    """The least amount that is paid out."""
    claim_within: Length | None = None
    """How long a credit can be claimed."""
    approve: Text | None = None
    """Who signs."""
    review: Review | None = None
    """When people look at it again."""
