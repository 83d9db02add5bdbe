"""The few tickets that the demo shows: missed, at risk, closed hours, waiting, just begun."""

from __future__ import annotations

from sandbox.acts import Act, Story, first_fields
from sandbox.hours import MINUTE, SECOND
from sandbox.people import AUTOMATION
from sandbox.script import changes, read_script

GREETING = "Thank you for writing to the Lumen desk. We have received your request."

# SUP-118: P1, resolved after 4 h 38 min of 4 h; the reply at 14:04 ends the pause, not the status.
# SUP-204: P2 that has used 5 h 55 min of a Thursday and waits for its customer.
# INC0010042: an incident of Friday that the weekend has stopped.
SCRIPT = f"""
SUP-118 -2 14:40 carla Identity P1 Password reset mail not sent
  > Since noon nobody at our depots gets the password reset mail. Drivers cannot sign in.
  0 14:40:03 automation {GREETING}
  0 14:44 bob = assignee bob, status In Progress
  0 14:47 bob # The mail queue stopped after the noon deployment. Asking Identity who changed it.
  0 14:52 bob We found mails held back in the queue and are looking into it now.
  0 17:21 bob The queue runs again. Could a driver try a reset and tell us what arrives?
  0 17:22 bob = status Waiting for customer
  1 14:04 carla Tried with three drivers: one mail came, two did not.
  1 14:31 bob = status In Progress
  1 15:58 bob Two mail hosts were left out of the sender list. Added, all held mails have left.
  1 16:00 bob = status Resolved, resolution Done

SUP-204 -2 10:00 estelle Network P2 Statement export stops at 80 %
  > Statement exports to our branch in Leeds stop at about 80 %.
  0 10:00:04 automation {GREETING}
  0 10:21 imke = assignee imke, status In Progress
  0 10:26 imke I see the transfers break at the branch's firewall and am tracing one.
  0 15:53 imke Please ask your branch to allow 203.0.113.0/24 on port 8443 and try once more.
  0 15:55 imke = status Waiting for customer

INC0010042 -1 10:10 greta Network P2 VPN drops every hour
  > The VPN of our ward computers drops every hour, on the hour.
  0 10:34 ravi = assignee ravi, status In Progress
  0 10:41 ravi The lease of the tunnel ends every hour and is not renewed. Looking for the cause.
  0 15:05 ravi # Firmware 7.4.1 has a known fault with lease renewal; the update needs a window.
"""


def showcase_stories(now: int) -> list[Story]:
    """At the default now, a Saturday, their days are the ones that the comments above name."""
    return [*read_script(SCRIPT, now), _at_risk(now), _fresh(now)]


def _at_risk(now: int) -> Story:
    """P1 with 38 minutes left of 4 h."""
    at = now - 202 * MINUTE
    text = "Paying with cards issued in the EU ends in a 502 page. Others work."
    acts = (
        Act(at, "dmitri", "create", first_fields("dmitri", "Payments", "P1"), text),
        Act(at + 2 * SECOND, AUTOMATION, "comment", {}, GREETING),
        Act(at + 6 * MINUTE, "ada", "set", changes("assignee ada, status In Progress")),
        Act(
            at + 9 * MINUTE,
            "ada",
            "comment",
            {},
            "Confirmed, the EU acquirer's gateway refuses our certificate. Working on it.",
        ),
        Act(
            at + 81 * MINUTE,
            "ada",
            "note",
            {},
            "New certificate requested; the acquirer's on-call says within two hours.",
        ),
    )
    return Story("jira", "SUP-231", "Checkout returns 502 for EU cards", "Incident", acts)


def _fresh(now: int) -> Story:
    """P3 that came this morning and that nobody has answered."""
    at = now - 22 * MINUTE
    text = "Which form do we use to order a second monitor for a home desk?"
    acts = (
        Act(at, "estelle", "create", first_fields("estelle", "Workplace", "P3"), text),
        Act(at + 3 * SECOND, AUTOMATION, "comment", {}, GREETING),
    )
    return Story("jira", "SUP-240", "Second monitor for a home desk", "Question", acts)
