"""The few tickets that the demo shows: missed, at risk, closed hours, waiting, just begun."""

from __future__ import annotations

from sandbox.acts import Act, Story, first_fields
from sandbox.hours import MINUTE, SECOND, on_day
from sandbox.people import AUTOMATION

GREETING = "Thank you for writing to the Lumen desk. We have received your request."


def showcase_stories(now: int) -> list[Story]:
    """At the default now, a Saturday, their days are the ones that the texts name."""
    return [_missed(now), _at_risk(now), _waiting(now), _fresh(now), _closed_hours(now)]


def _missed(now: int) -> Story:
    """P1 resolved after 4 h 38 min of 4 h; the reply at 14:04 ends the pause, not the status."""
    thursday, friday = -2, -1
    created = on_day(now, thursday, "14:40")
    acts = (
        Act(
            created,
            "carla",
            "create",
            first_fields("carla", "Identity", "P1"),
            "Since noon nobody at our depots gets the password reset mail. Drivers cannot sign in.",
        ),
        Act(created + 3 * SECOND, AUTOMATION, "comment", {}, GREETING),
        Act(
            on_day(now, thursday, "14:44"),
            "bob",
            "set",
            {"assignee": "bob", "status": "In Progress"},
        ),
        Act(
            on_day(now, thursday, "14:47"),
            "bob",
            "note",
            {},
            "The mail queue stopped after the noon deployment. Asking Identity who changed it.",
        ),
        Act(
            on_day(now, thursday, "14:52"),
            "bob",
            "comment",
            {},
            "We found mails held back in the queue and are looking into it now.",
        ),
        Act(
            on_day(now, thursday, "17:21"),
            "bob",
            "comment",
            {},
            "The queue runs again. Could one of the drivers try a reset and tell us what arrives?",
        ),
        Act(on_day(now, thursday, "17:22"), "bob", "set", {"status": "Waiting for customer"}),
        Act(
            on_day(now, friday, "14:04"),
            "carla",
            "comment",
            {},
            "Tried with three drivers: one mail came, two did not.",
        ),
        Act(on_day(now, friday, "14:31"), "bob", "set", {"status": "In Progress"}),
        Act(
            on_day(now, friday, "15:58"),
            "bob",
            "comment",
            {},
            "Two mail hosts were left out of the sender list. Added, all held mails have left.",
        ),
        Act(
            on_day(now, friday, "16:00"),
            "bob",
            "set",
            {"status": "Resolved", "resolution": "Done"},
        ),
    )
    return Story("jira", "SUP-118", "Password reset mail not sent", "Incident", acts)


def _at_risk(now: int) -> Story:
    """P1 with 38 minutes left of 4 h."""
    created = now - 202 * MINUTE
    acts = (
        Act(
            created,
            "dmitri",
            "create",
            first_fields("dmitri", "Payments", "P1"),
            "Paying with cards issued in the EU ends in a 502 page. Others work.",
        ),
        Act(created + 2 * SECOND, AUTOMATION, "comment", {}, GREETING),
        Act(
            created + 6 * MINUTE,
            "ada",
            "set",
            {"assignee": "ada", "status": "In Progress"},
        ),
        Act(
            created + 9 * MINUTE,
            "ada",
            "comment",
            {},
            "Confirmed, the EU acquirer's gateway refuses our certificate. Working on it.",
        ),
        Act(
            created + 81 * MINUTE,
            "ada",
            "note",
            {},
            "New certificate requested; the acquirer's on-call says within two hours.",
        ),
    )
    return Story("jira", "SUP-231", "Checkout returns 502 for EU cards", "Incident", acts)


def _waiting(now: int) -> Story:
    """P2 that has used 5 h 55 min of a Thursday and waits for its customer."""
    thursday = -2
    acts = (
        Act(
            on_day(now, thursday, "10:00"),
            "estelle",
            "create",
            first_fields("estelle", "Network", "P2"),
            "Statement exports to our branch in Leeds stop at about 80 %.",
        ),
        Act(on_day(now, thursday, "10:00:04"), AUTOMATION, "comment", {}, GREETING),
        Act(
            on_day(now, thursday, "10:21"),
            "imke",
            "set",
            {"assignee": "imke", "status": "In Progress"},
        ),
        Act(
            on_day(now, thursday, "10:26"),
            "imke",
            "comment",
            {},
            "I see the transfers break at the branch's firewall and am tracing one.",
        ),
        Act(
            on_day(now, thursday, "15:53"),
            "imke",
            "comment",
            {},
            "Please ask your branch to allow 203.0.113.0/24 on port 8443 and try once more.",
        ),
        Act(on_day(now, thursday, "15:55"), "imke", "set", {"status": "Waiting for customer"}),
    )
    return Story("jira", "SUP-204", "Statement export stops at 80 %", "Incident", acts)


def _fresh(now: int) -> Story:
    """P3 that came this morning and that nobody has answered."""
    created = now - 22 * MINUTE
    acts = (
        Act(
            created,
            "estelle",
            "create",
            first_fields("estelle", "Workplace", "P3"),
            "Which form do we use to order a second monitor for a home desk?",
        ),
        Act(created + 3 * SECOND, AUTOMATION, "comment", {}, GREETING),
    )
    return Story("jira", "SUP-240", "Second monitor for a home desk", "Question", acts)


def _closed_hours(now: int) -> Story:
    """A ServiceNow incident of Friday that the weekend has stopped."""
    friday = -1
    acts = (
        Act(
            on_day(now, friday, "10:10"),
            "greta",
            "create",
            first_fields("greta", "Network", "P2"),
            "The VPN of our ward computers drops every hour, on the hour.",
        ),
        Act(
            on_day(now, friday, "10:34"),
            "ravi",
            "set",
            {"assignee": "ravi", "status": "In Progress"},
        ),
        Act(
            on_day(now, friday, "10:41"),
            "ravi",
            "comment",
            {},
            "The lease of the tunnel ends every hour and is not renewed. Looking for the cause.",
        ),
        Act(
            on_day(now, friday, "15:05"),
            "ravi",
            "note",
            {},
            "Firmware 7.4.1 has a known fault with lease renewal; update needs a window.",
        ),
    )
    return Story("servicenow", "INC0010042", "VPN drops every hour", "Incident", acts)
