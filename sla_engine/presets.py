"""What everybody gets without writing it: preset clocks, canonical fields, what tickets show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from sla_engine.conditions import NEVER, EventTest, FieldTest, Some
from sla_engine.terms import Choice, ClockTerms, FieldTerms, PublishTerms, Reopen


class Preset(msgspec.Struct, frozen=True):
    """A clock that knows how it is measured; targets and calendar come from the policy.

    `pausable` tells whether the policy's pause holds for it; `reopens` whether the policy's
    `reopen` does. `rests` is who has the ball while it stands still, by the parties: the customer,
    or anybody but us.
    """

    clock: ClockTerms
    pausable: bool = False
    reopens: bool = False
    rests: Literal["customer", "others", ""] = ""


_DONE = FieldTest("status_category", one_of=("done",))
_ANSWERED = EventTest("comment", visibility="public", by=("staff",))
_TOUCHED = FieldTest("status_category", one_of=("in_progress", "done"))

REQUESTER_REPLIES = EventTest("comment", visibility="public", by=("customer",))
"""`requester_replies`: whoever writes for the customer, as cases 25 and 26 have it."""

_EVER = Reopen("resume", None, "resume")
_WHOLE = ClockTerms("", Choice(), start=None, stop=_DONE, cycles="sum", reopen=_EVER)

CLOCKS: Mapping[str, Preset] = {
    "acknowledge": Preset(
        ClockTerms(
            "acknowledge",
            Choice(),
            start=None,
            stop=Some((EventTest("assigned"), EventTest("comment", by=("staff",)), _TOUCHED)),
            reopen=Reopen("ignore", None, "ignore"),
            preset="acknowledge",
        )
    ),
    "first_response": Preset(
        ClockTerms(
            "first_response",
            Choice(),
            start=None,
            stop=Some((_ANSWERED, _DONE)),
            reopen=Reopen("ignore", None, "ignore"),
            customer_starts=True,
            preset="first_response",
        )
    ),
    "next_response": Preset(
        ClockTerms(
            "next_response",
            Choice(),
            start=REQUESTER_REPLIES,
            stop=Some((_ANSWERED, _DONE)),
            cycles="every",
            reopen=Reopen("ignore", None, "ignore"),
            after="first_response",
            preset="next_response",
        )
    ),
    "update": Preset(
        ClockTerms(
            "update",
            Choice(),
            start=None,
            stop=_DONE,
            reset=_ANSWERED,
            cycles="every",
            reopen=Reopen("new", None, "new"),
            preset="update",
        ),
        pausable=True,
    ),
    "resolution": Preset(
        ClockTerms("resolution", Choice(), start=None, stop=_DONE, preset="resolution"),
        pausable=True,
        reopens=True,
    ),
    "requester_wait": Preset(
        msgspec.structs.replace(_WHOLE, name="requester_wait", preset="requester_wait"),
        rests="customer",
    ),
    "agent_work": Preset(
        msgspec.structs.replace(_WHOLE, name="agent_work", preset="agent_work"), rests="others"
    ),
    "handoff": Preset(
        ClockTerms(
            "handoff",
            Choice(),
            start=EventTest("changed", field="team"),
            stop=Some((EventTest("touched"), _DONE)),
            cycles="every",
            reopen=Reopen("ignore", None, "ignore"),
            by="team",
            preset="handoff",
        )
    ),
    "ownership": Preset(
        ClockTerms(
            "ownership",
            Choice(),
            start=FieldTest("team", is_set=True),
            stop=_DONE,
            cycles="sum",
            reopen=_EVER,
            by="team",
            preset="ownership",
        ),
        pausable=True,
    ),
}

CUSTOM = Preset(ClockTerms("", Choice(), start=None, stop=NEVER), pausable=True, reopens=True)
"""What a clock of one's own begins with; it must say when it stops."""


def _field(
    name: str,
    jira: str = "",
    servicenow: str = "",
    values: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[str, FieldTerms]:
    sources = {"jira": jira, "servicenow": servicenow}
    stated = {system: source for system, source in sources.items() if source}
    return name, FieldTerms(name, stated, values or {})


FIELDS: Mapping[str, FieldTerms] = dict(
    (
        _field("system"),
        _field("created"),
        _field("number"),
        _field("table"),
        _field("project", jira="project"),
        _field("type", jira="issuetype"),
        _field("status", jira="status", servicenow="state"),
        _field("status_category"),
        _field(
            "priority",
            jira="priority",
            servicenow="priority",
            values={
                "P1": ("Highest", "Critical", "1 - Critical", "1"),
                "P2": ("High", "2 - High", "2"),
                "P3": ("Medium", "3 - Moderate", "3"),
                "P4": ("Low", "4 - Low", "4"),
                "P5": ("Lowest", "5 - Planning", "5"),
            },
        ),
        _field("impact", servicenow="impact"),
        _field("urgency", servicenow="urgency"),
        _field("team", servicenow="assignment_group"),
        _field("assignee", jira="assignee", servicenow="assigned_to"),
        _field("requester_tz"),
        _field("requester", jira="reporter", servicenow="caller_id"),
        _field("organization", servicenow="company"),
        _field("labels", jira="labels"),
        _field("components", jira="components"),
        _field("resolution", jira="resolution"),
        _field("merged_into"),
        _field("deleted"),
    )
)
"""Canonical fields and where each system keeps them; `fields:` adds to them and changes them."""

CONNECTED = ("system", "created", "status_category", "table", "number", "type", "deleted")
"""Fields that a connector knows by itself, whatever `fields:` says."""

VALUES: Mapping[str, tuple[str, ...]] = {
    "status_category": ("new", "in_progress", "done"),
    "system": ("jira", "servicenow", "event_log", "memory"),
}
"""Fields whose values are ours to say."""

SYSTEMS = VALUES["system"]

PUBLISH: Mapping[str, PublishTerms] = {
    "jira": PublishTerms(
        {
            "SLA status": "state",
            "SLA due": "due",
            "SLA summary": "summary",
            "SLA missed": "missed",
        }
    ),
    "servicenow": PublishTerms(
        {
            "u_sla_status": "state",
            "u_sla_due": "due",
            "u_sla_summary": "summary",
            "u_sla_missed": "missed",
        }
    ),
    "event_log": PublishTerms({}, comments=False),
    "memory": PublishTerms(
        {
            "SLA status": "state",
            "SLA due": "due",
            "SLA summary": "summary",
            "SLA missed": "missed",
        }
    ),
}
"""What tickets show where `publish:` says nothing of their system."""
