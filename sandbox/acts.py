"""What stories are made of: who did what to a ticket, when, in neutral words."""

from __future__ import annotations

from typing import Literal, NamedTuple

from sandbox.people import PEOPLE, TIERS

Verb = Literal["create", "set", "comment", "note"]
System = Literal["jira", "servicenow"]
Kind = Literal["Incident", "Question", "Change"]
Fields = dict[str, str | list[str] | None]


class Act(NamedTuple):
    """Something a person did to a ticket.

    `create` bears all first fields and the description as text; `set` bears what changes, together,
    in one step; `comment` is public, `note` internal. An empty actor is one whose account is gone.
    """

    at: int
    actor: str
    verb: Verb
    fields: Fields = {}  # noqa: RUF012  # read, never changed
    text: str = ""


class Story(NamedTuple):
    """The whole life of one ticket; its first act is its creation."""

    system: System
    key: str
    title: str
    kind: Kind
    acts: tuple[Act, ...]


def first_fields(
    requester: str, team: str, priority: str, **more: str | list[str] | None
) -> Fields:
    """What every ticket has on creation: open, unassigned, tier and organization by requester."""
    organization = PEOPLE[requester].organization
    fields: Fields = {
        "status": "Open",
        "priority": priority,
        "assignee": None,
        "team": team,
        "tier": TIERS.get(organization, "silver"),
        "organization": organization,
        "labels": [],
        "requester": requester,
    }
    return fields | more
