"""A policy file as it is written: its sections, each a map by name."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field

from sla_engine.policy.calendars import Versions
from sla_engine.policy.conditions import Condition, Model, arm, shape
from sla_engine.policy.exclusions import Exclusion, TicketException
from sla_engine.policy.ladders import Rungs
from sla_engine.policy.later import Contract, Objective
from sla_engine.policy.links import Link
from sla_engine.policy.promises import Defaults, Policy
from sla_engine.policy.words import NOT_EVALUATED, Text, Texts


class FieldEntry(Model):
    """A canonical field: where each system keeps it, and which of its values mean what."""

    called = "a field"

    jira: Text | None = None
    """The field in Jira, by name, id or path: priority, customfield_10210."""
    servicenow: Text | None = None
    """The column in ServiceNow: assignment_group, company.u_tier."""
    event_log: Text | None = None
    """The column in an event log."""
    memory: Text | None = None
    """The field of tickets that are made up (tests)."""
    values: dict[str, Texts] | None = None
    """What the systems call each canonical value: {P1: [Highest, "1 - Critical"]}."""
    history: Literal["full", "none"] | None = None
    """none: the source keeps no history of it; its value counts as constant."""


class Group(Model):
    """People by their groups or names."""

    called = "a group of people"

    group: Texts | None = None
    """Names of groups in the source."""
    domain: Texts | None = None
    """Domains of their addresses."""
    names: Texts | None = None
    """Ids or names; * stands for anything."""


Whom = Annotated[
    Annotated[Text, arm("text")]
    | Annotated[tuple[Text, ...], Field(min_length=1), arm("list")]
    | Annotated[Group, arm("map")],
    Discriminator(shape),
]
"""Ids or names (* stands for anything), or {group: agents}."""


class Actors(Model):
    """Who is who. What the source says itself stands where nothing here fits."""

    called = "actors"

    staff: Whom | None = None
    """Our people: their public comments are responses."""
    bots: Texts | None = None
    """Accounts of automation; what they write is never a response."""
    ai: Texts | None = None
    """Agents that are programs; they count only where a policy lists ai in `by`."""
    vendor: Whom | None = None
    """Suppliers."""


class Publish(Model):
    """What one system's tickets show."""

    called = "a system's publish"

    fields: (
        dict[str, Literal["due", "state", "summary", "missed", "policy", "breached_at"]] | None
    ) = None
    """Which field of the system shows what."""
    comments: Literal["internal", "none"] | None = None
    """internal: comments that customers do not see; none: no comments."""


class File(Model):
    """SLA policies. All files of a folder are one; names are unique."""

    called = "a policy file"

    schema_: Literal["sla/v1"] = Field(alias="schema")
    """The version of this language: sla/v1."""
    describe: Text | None = None
    """What this file is for."""
    defaults: Defaults | None = None
    """What every policy inherits."""
    calendars: dict[str, Versions] | None = None
    """When business is open, by name; 24x7 is there already."""
    fields: dict[str, FieldEntry] | None = None
    """One vocabulary of fields for all systems."""
    actors: Actors | None = None
    """Who is who."""
    parties: dict[str, Condition] | None = None
    """Who has the ball, by name: the first whose condition holds, and us where none does."""
    links: dict[str, Link] | None = None
    """Several tickets that are one case."""
    policies: (
        dict[
            str,
            Annotated[
                Annotated[Policy, arm("map")]
                | Annotated[tuple[Policy, ...], Field(min_length=1), arm("list")],
                Discriminator(shape),
            ],
        ]
        | None
    ) = None
    """The promises, by name; a list holds the versions of one, each with its `effective`."""
    escalations: dict[str, Rungs] | None = None
    """Ladders of steps, by name."""
    exclusions: dict[str, Exclusion] | None = None
    """Time that does not count, by name."""
    exceptions: tuple[TicketException, ...] | None = None
    """What single tickets are granted, on record."""
    objectives: Annotated[dict[str, Objective] | None, NOT_EVALUATED] = None
    """Promises over many tickets, by name."""
    contracts: Annotated[dict[str, Contract] | None, NOT_EVALUATED] = None
    """What missed objectives cost, by name."""
    publish: dict[str, Publish] | None = None
    """What the tickets show, by system."""
    glossary: dict[str, Text] | None = None
    """Words and what they mean."""
