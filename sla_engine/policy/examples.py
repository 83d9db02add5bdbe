"""An example of every key whose type alone does not show one: editors offer them."""

from __future__ import annotations

from collections.abc import Mapping

Example = str | int | float | list["Example"] | dict[str, "Example"]

_OFFICE: Example = {"tz": "Europe/Berlin", "hours": "mon-fri 09:00-17:00", "holidays": "DE-BE"}
_STEP: Example = {"at": "breach", "do": [{"notify": "team_lead"}]}
_REVIEW: Example = {"every": "6mo", "next": "2027-03-01", "by": "service-delivery"}
_WAITING: Example = {"status": "Waiting for customer"}
_PATCH_NIGHT: Example = {
    "rrule": "FREQ=MONTHLY;BYDAY=1SU",
    "at": "02:00-06:00",
    "tz": "Europe/Berlin",
}

EXAMPLES: Mapping[str, Mapping[str, list[Example]]] = {
    "File": {
        "describe": ["What customers of the support desk are promised."],
        "defaults": [{"calendar": "office", "owner": "service-delivery"}],
        "calendars": [{"office": _OFFICE}],
        "fields": [{"tier": {"jira": "Tier", "servicenow": "u_tier"}}],
        "actors": [{"staff": {"group": "agents"}, "bots": ["automation", "*-bot"]}],
        "parties": [{"customer": _WAITING}],
        "links": [
            {
                "incident-to-dev": {
                    "parent": {"system": "servicenow", "table": "incident"},
                    "child": {"system": "jira", "where": {"u_snow_number": "{parent.number}"}},
                }
            }
        ],
        "policies": [{"support": {"match": {"project": "SUP"}, "targets": {"resolution": "8h"}}}],
        "escalations": [{"duty": [_STEP]}],
        "exclusions": [{"patch-night": {"kind": "maintenance", "when": _PATCH_NIGHT}}],
        "exceptions": [
            [
                {
                    "ticket": "SUP-1234",
                    "clock": "resolution",
                    "extend": "8h",
                    "approved_by": "mona@acme.example",
                    "reason": "The customer asked to wait for a change window.",
                }
            ]
        ],
        "objectives": [
            {"p1": {"of": "support.resolution", "attain": "99%", "window": {"calendar": "month"}}}
        ],
        "contracts": [
            {"acme": {"match": {"organization": "ACME"}, "effective": "2026-10-01", "cap": "30%"}}
        ],
        "publish": [{"jira": {"fields": {"SLA due": "due"}, "comments": "none"}}],
        "glossary": [{"outage": "The product cannot be used at all."}],
    },
    "Defaults": {
        "owner": ["service-delivery"],
        "calendar": ["mon-fri 09:00-17:00 Europe/Berlin", {"by": "priority", "P1": "24x7"}],
        "pause": [
            _WAITING,
            {"while": _WAITING, "until": "requester_replies", "max": "10bd"},
        ],
        "escalate": ["duty", [_STEP]],
        "review": [_REVIEW],
    },
    "Policy": {
        "describe": ["Response and resolution for customers, by priority."],
        "rank": [10],
        "extends": ["standard"],
        "match": [{"project": "SUP", "type": ["Incident", "Question"]}],
        "targets": [
            {"first_response": {"P1": "15m", "default": "4h"}, "resolution": "8h"},
            {"resolution": {"by": ["tier", "priority"], "gold": {"P1": "4h"}, "default": "3bd"}},
        ],
        "clocks": [{"resolution": {"stop": {"status": "Closed"}}}],
        "exclusions": ["patch-night"],
        "supports": ["incident.resolution"],
        "tags": [["emea", "key-account"]],
    },
    "Clock": {
        "preset": ["resolution"],
        "describe": ["From handing it to the carrier until it is given back."],
        "stop": [{"status": "Closed"}],
        "cancel": [{"resolution": "Duplicate"}],
        "reset": [{"comment": "public", "by": "staff"}],
        "pause": [_WAITING],
        "by": ["team"],
        "calendar": ["24x7"],
    },
    "PauseTerms": {"while": [_WAITING]},
    "Table": {"by": ["tier", ["tier", "priority"]]},
    "Review": {
        "by": [["service-delivery", "mona@acme.example"]],
        "plan": ["https://wiki.acme.example/sla"],
    },
    "CalendarTerms": {
        "holidays": ["DE-BE", {"import": "DE-BE", "add": {"2026-12-24": "closed"}}],
        "special": [{"2026-12-31": "08:00-12:00"}],
        "extends": ["office"],
        "union": [["apac", "emea", "amer"]],
        "minus": [["stocktaking"]],
    },
    "CalendarBy": {"by": ["priority"], "default": ["office"]},
    "Holidays": {"add": [{"2026-12-24": "closed"}], "remove": [["2026-10-31"]]},
    "Condition": {
        "any": [[{"priority": "P1"}, {"organization": "ACME"}]],
        "all": [[{"priority": "P1"}, {"organization": "ACME"}]],
        "not": [{"team": "Network"}],
        "by": ["staff"],
        "linked": ["incident-to-dev"],
    },
    "FieldOps": {
        "not": ["internal"],
        "gte": [3],
        "gt": [2],
        "lte": [3],
        "lt": [4],
        "matches": ["vip-*"],
    },
    "Action": {
        "notify": ["assignee", ["team_lead", "slack:#duty"]],
        "comment": ["{clock} due {due}, {left} left."],
        "set": [{"labels": "+sla-breached"}],
        "assign": ["Tier 2"],
        "transition": ["Escalated"],
        "reply": ["We work on it and write again within the hour."],
        "page": ["pagerduty:platform"],
        "create": [{"project": "PROB", "title": "Late: {key}"}],
        "webhook": ["operations"],
        "run": ["restart-queue"],
    },
    "Step": {
        "do": [[{"notify": "assignee"}]],
        "if": [{"priority": ["P1", "P2"]}],
        "unless": [{"labels": "sla-muted"}],
        "max": [3],
        "hours": ["office"],
    },
    "FieldEntry": {
        "jira": ["customfield_10210"],
        "servicenow": ["company.u_tier"],
        "event_log": ["assignment_group"],
        "memory": ["tier"],
        "values": [{"P1": ["Highest", "1 - Critical"]}],
    },
    "Actors": {
        "staff": [{"group": "agents"}],
        "bots": [["automation", "*-bot"]],
        "ai": ["help-bot"],
        "vendor": [{"domain": "carrier.example"}],
    },
    "Group": {"group": ["agents"], "domain": ["carrier.example"], "names": [["ada", "svc-*"]]},
    "Publish": {"fields": [{"SLA due": "due", "SLA status": "state"}]},
    "Link": {
        "parent": [{"system": "servicenow", "table": "incident"}],
        "child": [{"system": "jira", "where": {"u_snow_number": "{parent.number}"}}],
    },
    "Child": {"where": [{"u_snow_number": "{parent.number}"}]},
    "Exclusion": {
        "when": [_PATCH_NIGHT],
        "match": [{"components": ["api", "web"]}],
        "approved_by": ["legal@acme.example"],
        "reason": ["Carrier outage, ticket CARRIER-8841"],
    },
    "TicketException": {
        "clock": ["resolution"],
        "approved_by": ["mona@acme.example"],
        "reason": ["The customer asked to wait for a change window."],
        "evidence": ["https://mail.acme.example/4711"],
    },
    "Objective": {
        "describe": ["P1 incidents of gold customers are resolved in time."],
        "owner": ["service-delivery"],
        "of": ["support.resolution"],
        "match": [{"priority": "P1"}],
        "ramp": [[{"until": "2026-12-31", "attain": "90%"}]],
        "min_samples": [10],
        "alert": [{"below": "99%", "for": "2d", "notify": "service-delivery"}],
        "review": [_REVIEW],
    },
    "Outages": {
        "outages": [{"type": "Outage"}],
        "from": ["outage_start"],
        "to": ["outage_end"],
        "external": ["uptime-api"],
    },
    "Alert": {"burn": [2], "notify": ["service-delivery"]},
    "Contract": {
        "describe": ["Managed service for ACME."],
        "match": [{"organization": "ACME"}],
        "fee": [{"amount": 10000, "currency": "EUR", "per": "month"}],
        "credits": [[{"objective": "p1", "tiers": [{"below": "99%", "credit": "5%"}]}]],
        "bonus": [[{"objective": "p1", "tiers": [{"below": "100%", "credit": "1%"}]}]],
        "minimum": [50],
        "approve": ["finance@acme.example"],
        "review": [_REVIEW],
    },
    "Fee": {"amount": [10000], "currency": ["EUR"]},
    "Credit": {
        "objective": ["p1"],
        "tiers": [[{"below": "99%", "credit": "5%"}, {"below": "95%", "credit": "10%"}]],
        "per_breach": [{"clock": "support.resolution", "credit": "2%", "free": 1}],
    },
    "PerBreach": {
        "clock": ["support.resolution"],
        "match": [{"priority": "P1"}],
        "credit": ["2%"],
        "free": [1],
    },
}
"""By model and key as written; what a model inherits, its parent shows."""


def of(model: type, key: str) -> list[Example]:
    """The examples of a model's key, its own or inherited; none where the type shows what fits."""
    for kind in model.__mro__:
        if found := EXAMPLES.get(kind.__name__, {}).get(key):
            return found
    return []
