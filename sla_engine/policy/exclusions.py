"""Exclusions and exceptions as they are written: time, and single tickets, that do not count."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, model_validator

from sla_engine.policy.conditions import Condition, Model, arm, shape
from sla_engine.policy.words import Day, Length, Text, Texts, Yes, Zone, mistake


class When(Model):
    """A stretch of time, once (from, to) or again and again (rrule)."""

    called = "a stretch of time"

    from_: Text | None = Field(None, alias="from", examples=["2026-11-03T10:12+01:00"])
    """When it begins; with rrule the first day that counts."""
    to: Text | None = Field(None, examples=["2026-11-03T19:40+01:00"])
    """When it is over; a day is over at its end."""
    rrule: Text | None = Field(None, examples=["FREQ=MONTHLY;BYDAY=1SU"])
    """On which days it comes again (RFC 5545)."""
    at: Texts | None = Field(None, examples=["02:00-06:00"])
    """The hours of each of these days; the whole day where it is left out. May cross midnight."""
    tz: Zone | None = None
    """The time zone of its wall clock."""
    until: Day | None = None
    """The last day on which it may begin again."""

    @model_validator(mode="after")
    def _is_one_of_two(self) -> When:
        said = self.model_fields_set
        if self.rrule is None and not {"from_", "to"} <= said:
            mend = "write {from: …, to: …}, or {rrule: FREQ=MONTHLY;BYDAY=1SU, at: …, tz: …}"
            raise mistake("SLA140", "this does not say when it begins and ends", mend)
        if self.rrule is None and (more := sorted(said & {"at", "until"})):
            raise mistake("SLA140", f'"{more[0]}" goes with rrule alone', "leave it out")
        if self.rrule is not None and (self.to is not None or self.tz is None):
            what = '"to" does not go with rrule' if self.to else "rrule needs a time zone"
            mend = "write until: 2026-12-31" if self.to else "add tz: Europe/Berlin"
            raise mistake("SLA140", what, mend)
        return self


class Exclusion(Model):
    """Time that does not count."""

    called = "an exclusion"

    kind: Literal["maintenance", "force_majeure", "customer_caused", "disaster", "test"]
    """Why it does not count. Force majeure needs approved_by."""
    when: Annotated[
        Annotated[When, arm("map")] | Annotated[tuple[When, ...], Field(min_length=1), arm("list")],
        Discriminator(shape),
    ]
    """When: one stretch, or several."""
    match: Condition | None = None
    """For which tickets, as they are then; for all where it is left out."""
    announced: Length | None = None
    """How long before it begins it must have been announced."""
    effect: Literal["pause", "excuse", "note"] | None = None
    """pause (the default): clocks stand still; excuse: a breach within it is excused; note: it is
    marked, and nothing else."""
    approved_by: Text | None = None
    """Who approved it."""
    reason: Text | None = None
    """Why, in words; explanations show it."""

    @model_validator(mode="after")
    def _has_an_approver(self) -> Exclusion:
        if self.kind == "force_majeure" and self.approved_by is None:
            raise mistake("SLA142", "force majeure without a name", "add approved_by: person")
        return self


class TicketException(Model):
    """One ticket, one promise, on record: exactly one of extend, waive and due."""

    called = "an exception"

    ticket: Text = Field(examples=["SUP-1234"])
    """The ticket's key."""
    clock: Text | None = None
    """Which clock; all where it is left out."""
    extend: Length | None = None
    """By how much limit and aim grow."""
    waive: Yes | None = None
    """A breach is excused."""
    due: Text | None = Field(None, examples=["2026-12-01T17:00+01:00"])
    """Another deadline, on the wall clock."""
    approved_by: Text
    """Who approved it."""
    reason: Text
    """Why; explanations show it."""
    evidence: Text | None = None
    """Where the agreement is."""
    until: Day | None = None
    """With waive: breaches after this day count again."""

    @model_validator(mode="after")
    def _does_one_thing(self) -> TicketException:
        said = sorted(self.model_fields_set & {"extend", "waive", "due"})
        if len(said) != 1:
            what = f"{' and '.join(said)} at once" if said else "this exception excepts nothing"
            raise mistake("SLA143", what, "write one of extend: 8h, waive: true, due: …")
        if self.until is not None and self.waive is None:
            raise mistake("SLA143", '"until" goes with waive alone', "leave it out")
        return self
