"""What a site is set up with: statuses and workflow, priorities, types, projects, fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes:"


class Named(NamedTuple):
    id: str
    name: str


class Category(NamedTuple):
    id: int
    key: str
    color: str
    name: str


class Status(NamedTuple):
    id: str
    name: str
    category: Category


NEW = Category(2, "new", "blue-gray", "To Do")
INDETERMINATE = Category(4, "indeterminate", "yellow", "In Progress")
DONE = Category(3, "done", "green", "Done")
CATEGORIES = (Category(1, "undefined", "medium-gray", "No Category"), NEW, INDETERMINATE, DONE)

STATUSES = {
    status.id: status
    for status in (
        Status("1", "Open", NEW),
        Status("3", "In Progress", INDETERMINATE),
        Status("10002", "Waiting for customer", INDETERMINATE),
        Status("10003", "Waiting for vendor", INDETERMINATE),
        Status("5", "Resolved", DONE),
        Status("6", "Closed", DONE),
    )
}


class Transition(NamedTuple):
    id: str
    name: str
    to: str
    leaving: tuple[str, ...]


WORKFLOW = (
    Transition("11", "Start work", "3", ("1",)),
    Transition("21", "Waiting for customer", "10002", ("1", "3", "10003")),
    Transition("31", "Waiting for vendor", "10003", ("1", "3", "10002")),
    Transition("41", "Resume work", "3", ("10002", "10003")),
    Transition("51", "Resolve", "5", ("1", "3", "10002", "10003")),
    Transition("61", "Close", "6", ("1", "3", "10002", "10003", "5")),
    Transition("71", "Reopen", "3", ("5", "6")),
)

PRIORITIES = {
    entry.id: entry
    for entry in (
        Named("1", "Highest"),
        Named("2", "High"),
        Named("3", "Medium"),
        Named("4", "Low"),
        Named("5", "Lowest"),
    )
}
COLORS = {"1": "#d04437", "2": "#f15C75", "3": "#f79232", "4": "#707070", "5": "#999999"}
TYPES = {
    entry.id: entry
    for entry in (Named("10010", "Incident"), Named("10011", "Question"), Named("10012", "Change"))
}
RESOLUTIONS = {
    entry.id: entry
    for entry in (Named("10000", "Done"), Named("10001", "Won't Do"), Named("10002", "Duplicate"))
}


class Project(NamedTuple):
    id: str
    key: str
    name: str
    kind: str  # "service_desk" has customers, who see public comments alone


PROJECTS = {
    project.id: project
    for project in (
        Project("10100", "SUP", "Support", "service_desk"),
        Project("10101", "OPS", "Operations", "software"),
        Project("10102", "PLAT", "Platform", "service_desk"),
        Project("10103", "NET", "Network", "software"),
        Project("10104", "APP", "Apps", "software"),
    )
}


@dataclass
class Field:
    """One field of the site. `type`/`items` are the JSON schema's; a custom one has a `custom`.

    `options` (id -> value) are those of selects, in their order.
    """

    id: str
    name: str
    type: str
    items: str = ""
    custom: str = ""
    searcher: bool = True
    options: dict[str, str] = field(default_factory=dict)

    @property
    def is_custom(self) -> bool:
        return bool(self.custom)

    @property
    def number(self) -> int:
        """The number of a custom field, as in `cf[10101]`."""
        return int(self.id.removeprefix("customfield_"))

    def option(self, said: str) -> str | None:
        """The id of the option with this value."""
        return next((id_ for id_, value in self.options.items() if value == said), None)


COMPONENTS = {"api": "10300", "web": "10301", "batch": "10302"}
"""Name -> id. An issue has them from its creation; nothing here changes them."""
CARRIERS = ("Carrier NOC", "Vendor Desk")
SLA_STATES = ("Breached", "At risk", "On track", "Paused", "Met", "Missed")


def _select(id_: str, name: str, first: int, values: tuple[str, ...]) -> Field:
    options = {str(first + i): value for i, value in enumerate(values)}
    return Field(id_, name, "option", custom=f"{CUSTOM}select", options=options)


def site_fields(teams: tuple[str, ...], organizations: tuple[str, ...]) -> dict[str, Field]:
    """The fields that a site of this desk has from the start, by id. Selects get their options."""
    fields = (
        Field("summary", "Summary", "string"),
        Field("issuetype", "Issue Type", "issuetype"),
        Field("project", "Project", "project"),
        Field("status", "Status", "status"),
        Field("statusCategory", "Status Category", "statusCategory"),
        Field("priority", "Priority", "priority"),
        Field("resolution", "Resolution", "resolution"),
        Field("assignee", "Assignee", "user"),
        Field("reporter", "Reporter", "user"),
        Field("creator", "Creator", "user"),
        Field("labels", "Labels", "array", "string"),
        Field("components", "Components", "array", "component"),
        Field("issuelinks", "Linked Issues", "array", "issuelinks", searcher=False),
        Field("description", "Description", "string"),
        Field("created", "Created", "datetime"),
        Field("updated", "Updated", "datetime"),
        Field("resolutiondate", "Resolved", "datetime"),
        Field("statuscategorychangedate", "Status Category Changed", "datetime"),
        Field("duedate", "Due date", "date"),
        Field("comment", "Comment", "comments-page"),
        Field(
            "customfield_10021", "Flagged", "array", "option", f"{CUSTOM}multicheckboxes",
            options={"10019": "Impediment"},
        ),
        _select("customfield_10040", "Tier", 10400, ("gold", "silver")),
        _select("customfield_10041", "Team", 10410, teams),
        _select("customfield_10042", "Organization", 10420, organizations),
        _select("customfield_10101", "SLA status", 10500, SLA_STATES),
        Field("customfield_10102", "SLA due", "datetime", custom=f"{CUSTOM}datetime"),
        Field("customfield_10103", "SLA summary", "string", custom=f"{CUSTOM}textfield"),
        Field("customfield_10104", "SLA missed", "array", "string", f"{CUSTOM}labels"),
        _select("customfield_10210", "Holder", 10600, (*teams, *CARRIERS)),
        Field("customfield_10211", "Incident", "string", custom=f"{CUSTOM}textfield"),
        Field("customfield_10500", "Case due", "datetime", custom=f"{CUSTOM}datetime"),
        _select("customfield_10501", "Case status", 10700, SLA_STATES),
    )  # fmt: skip
    return {entry.id: entry for entry in fields}


PRIORITY_OF = {"P1": "1", "P2": "2", "P3": "3", "P4": "4"}
"""The story's words -> ids of the site."""
FIELD_OF = {
    "tier": "customfield_10040",
    "team": "customfield_10041",
    "organization": "customfield_10042",
    "requester": "reporter",
    "holder": "customfield_10210",
    "incident": "customfield_10211",
}
"""The story's names of fields -> ids of the site, where they differ."""
