"""Escalations as they are written: ladders of steps, and what is done at each."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Field, model_validator

from sla_engine.policy.conditions import Condition, Model, arm
from sla_engine.policy.words import NOT_YET, At, Length, Text, Texts, Whole, mistake


class Action(Model):
    """One thing to do; exactly one key."""

    called = "an action"

    notify: Texts | None = None
    """Tell people or channels: assignee, team_lead, owner, slack:#channel, an address."""
    comment: Text | None = None
    """Internal. Fills in {clock} {due} {left} {used} {target} {key} {priority} {team} {policy}."""
    set: dict[str, Text] | None = None
    """Fields to set; labels: +name adds a label."""
    assign: Text | None = None
    """The team or person to give the ticket to."""
    transition: Text | None = None
    """The status to move the ticket to."""
    reply: Text | None = None
    """A comment that the customer reads, in these words alone; the same {placeholders}."""
    page: Text | None = None
    """The channel that calls out who is on duty: pagerduty:platform."""
    create: Annotated[dict[str, Text] | None, NOT_YET] = None
    """A ticket to open."""
    webhook: Text | None = None
    """The channel to which what happened is sent as JSON."""
    run: Text | None = None
    """The channel with a command that is run; it reads what happened as JSON."""

    @model_validator(mode="after")
    def _is_one(self) -> Action:
        said = sorted(self.model_fields_set)
        if len(said) != 1:
            what = f"{' and '.join(said)} are two actions" if said else "this action is empty"
            raise mistake("SLA114", what, "write each as an entry of its own: - notify: assignee")
        return self


class Step(Model):
    """A rung of a ladder."""

    called = "a step"

    at: At
    """When: 75% of the limit, breach, breach + 2h, 30m left, or aim."""
    do: Annotated[tuple[Action, ...], Field(min_length=1)]
    """What is done, in this order."""
    if_: Condition | None = Field(None, alias="if")
    """Only if this holds, asked again right before acting."""
    unless: Condition | None = None
    """Not if this holds, asked again right before acting."""
    repeat: Length | None = None
    """Again and again after so long."""
    max: Whole | None = Field(None, ge=1, le=1000)
    """How many times in all."""
    hours: Text | None = None
    """Hold it until this calendar is open."""


Rungs = Annotated[tuple[Step, ...], Field(min_length=1)]

Ladder = Annotated[
    Annotated[Text, arm("text")] | Annotated[Rungs, arm("list")],
    Discriminator(lambda value: "<text>" if isinstance(value, str) else "<list>"),
]
"""The name of a ladder, or its steps."""
