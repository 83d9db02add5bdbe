"""Every awkward case once: what real desks do that SLA engines get wrong."""

from __future__ import annotations

from sandbox.acts import Act, Story, first_fields
from sandbox.hours import HOUR, MINUTE, SECOND, last_clock_change, on_day
from sandbox.people import AUTOMATION
from sandbox.script import changes, read_script

CASES: dict[str, str] = {
    "imported without history": "SUP-94",
    "reopened": "SUP-101",
    "moved": "SUP-105",
    "priority raised while paused": "SUP-109",
    "two breaches": "SUP-113",
    "customer replies, status stays": "SUP-126",
    "merged": "SUP-131",
    "many histories": "SUP-137",
    "clock change night": "SUP-144",
    "many comments": "SUP-149",
    "priority flips": "SUP-153",
    "created outside hours": "SUP-158",
    "comment by deleted user": "SUP-162",
    "equal timestamps": "SUP-167",
    "multi-item history": "SUP-171",
    "created by staff": "SUP-176",
    "snow reopened": "INC0010007",
    "snow caller answers on hold": "INC0010012",
    "snow priority raised on hold": "INC0010019",
    "snow many teams": "INC0010025",
}
"""What each case is about -> the key under which its ticket is found now."""

SCRIPT = """
SUP-101 -37 09:20 carla Payments P2 Nightly invoice run stops
  0 09:41 tomas = assignee tomas, status In Progress
  0 09:48 tomas The run stops at an invoice without a tax code. On it.
  0 13:30 tomas = status Resolved, resolution Done
  1 08:12 carla It stopped again tonight, same invoice.
  1 08:13 automation = status In Progress, resolution
  1 11:05 tomas The release had undone the repair. Now it is in the release itself.
  1 11:06 tomas = status Resolved, resolution Done
  4 11:06 automation = status Closed

OPS-60 -36 10:05 farid Network P3 Certificate of the partner portal ends soon
  0 10:40 imke = assignee imke
  0 11:15 imke = project SUP, key SUP-105
  0 11:20 imke This belongs to support; moved it there and ordered a new one.
  3 10:02 imke = assignee ravi, status In Progress
  3 15:30 ravi = status Resolved, resolution Done

SUP-109 -33 09:05 greta Workplace P3 Badge reader at gate 2 rejects everyone
  0 09:50 odile = assignee odile, status In Progress
  0 09:58 odile Is it the left or the right reader?
  0 10:00 odile = status Waiting for customer
  0 12:30 mona = priority P1
  0 12:31 mona # The fire brigade visits at 15:00, the gate has to work.
  0 13:10 greta The right one.
  0 13:11 automation = status In Progress
  0 14:40 odile = status Resolved, resolution Done

SUP-113 -32 14:02 dmitri Identity P1 Two-factor codes arrive an hour late
  0 14:51 yuki = assignee yuki, status In Progress
  0 14:52 yuki Sorry for the wait. Our text provider queues; switching to another.
  0 23:10 yuki All codes leave by the second provider now.
  0 23:11 yuki = status Resolved, resolution Done

SUP-126 -30 09:30 hugo Workplace P2 Scanner sends to the wrong folder
  0 10:10 jonas = assignee jonas, status In Progress
  0 10:15 jonas Which folder do you expect?
  0 10:16 jonas = status Waiting for customer
  0 11:45 hugo The one of our ward: /scan/ward-7.
  0 16:20 jonas Set to /scan/ward-7.
  0 16:21 jonas = status Resolved, resolution Done

SUP-131 -29 11:02 ines Network P2 Wi-Fi on floor 3 gone
  0 11:20 ravi This is the same as the outage that we already work on.
  0 11:21 ravi = status Closed, resolution Duplicate, labels duplicate

SUP-153 -23 10:00 kofi Workplace P3 Label printer prints blank pages
  0 10:05 odile = priority P1
  0 10:06 mona = priority P4
  0 10:07 odile = priority P1
  0 10:08 mona = priority P4
  0 10:09 odile = priority P2
  0 10:10 mona = priority P3
  0 10:11 odile = priority P2
  0 10:12 mona = priority P3
  0 10:13 odile = priority P2
  0 10:30 odile = assignee odile, status In Progress
  0 10:35 odile Please hold the feed button for five seconds.
  0 15:00 odile = status Resolved, resolution Done

SUP-158 -20 03:12 estelle Payments P2 Direct debit run books twice
  1 09:06 ada = assignee ada, status In Progress
  1 09:15 ada Stopped the run; the second booking is being reversed.
  1 15:40 ada = status Resolved, resolution Done

SUP-162 -18 13:00 ines Identity P3 Guest invitation takes ten minutes
  0 13:25 - I am looking into it.
  0 13:40 bob = assignee bob, status In Progress
  0 14:05 bob A colleague began and has left since; I carry on.
  1 10:30 bob = status Resolved, resolution Done

SUP-167 -16 09:00 farid Network P2 Proxy refuses new clients
  0 09:30 imke = assignee imke
  0 09:30 imke = status In Progress
  0 09:30 imke Seen, working on it.
  0 09:30 automation = labels network-core
  0 12:00 imke = status Resolved, resolution Done

SUP-171 -12 09:10 kofi Payments P4 Refund job shows the wrong total
  0 10:00 mona = assignee ada, priority P2, status In Progress, labels vip
  0 10:20 ada Rounding of two currencies is mixed up; correcting it.
  1 09:45 ada = status Resolved, resolution Done, labels vip finance

INC0010007 -37 10:30 dmitri Workplace P3 Mail archive cannot be searched
  0 11:00 jonas = assignee jonas, status In Progress
  0 15:00 jonas = status Resolved, resolution Done
  1 09:10 dmitri Still finds nothing before June.
  1 09:15 jonas = status In Progress, resolution
  2 12:00 jonas = status Resolved, resolution Done
  7 12:00 automation = status Closed

INC0010012 -32 13:15 hugo Workplace P2 Ward tablet loses its profile
  0 13:40 odile = assignee odile, status In Progress
  0 13:45 odile Which ward and which tablet?
  0 13:46 odile = status Waiting for customer
  1 10:05 hugo Ward 4, the one with the green case.
  1 10:06 automation = status In Progress
  1 14:00 odile = status Resolved, resolution Done

INC0010019 -25 09:40 ines Payments P3 Payment terminal offline
  0 10:15 tomas = assignee tomas, status In Progress
  0 10:20 tomas = status Waiting for vendor
  0 15:30 mona = priority P1
  1 09:30 tomas = status In Progress
  1 11:00 tomas = status Resolved, resolution Done

INC0010025 -22 08:50 kofi Workplace P3 Telephone line crackles
  0 09:20 jonas = assignee jonas, status In Progress
  0 11:00 jonas = team Network, assignee imke
  3 09:30 imke = team Workplace, assignee odile
  3 10:00 odile = team Network, assignee ravi
  3 14:30 ravi = status Resolved, resolution Done
"""


def awkward_stories(now: int) -> list[Story]:
    """One story for each of `CASES`; their weekdays are the ones meant at the default now."""
    night = _clock_change_night(last_clock_change(now))
    long = [_many_histories(now), _many_comments(now)]
    return [*read_script(SCRIPT, now), *long, night, _imported(now), _for_the_customer(now)]


def _imported(now: int) -> Story:
    """It came from an older system as it stood: done, without any history."""
    fields = first_fields("ines", "Network", "P3")
    fields |= changes("status Closed, resolution Done, assignee ravi, labels imported")
    at = on_day(now, -41, "06:00")
    act = Act(at, AUTOMATION, "create", fields, "From the old desk, number 7731.")
    return Story("jira", "SUP-94", "Branch link fails at night", "Incident", (act,))


def _for_the_customer(now: int) -> Story:
    """The customer rang; an agent wrote it down and answered at once."""
    at = on_day(now, -11, "11:30")
    fields = first_fields("ines", "Workplace", "P3")
    acts = (
        Act(at, "odile", "create", fields, "Ines Marlow called about it."),
        Act(at + 2 * MINUTE, "odile", "comment", {}, "As said on the phone: a dock is ordered."),
        Act(at + 3 * MINUTE, "odile", "set", changes("assignee odile, status In Progress")),
        Act(at + 50 * HOUR, "odile", "set", changes("status Resolved, resolution Done")),
    )
    return Story("jira", "SUP-176", "Laptop dock is not found", "Incident", acts)


def _many_histories(now: int) -> Story:
    """110 label changes by a rule, with the triage before and the solution after them."""
    at = on_day(now, -26, "09:00")
    noise = (
        Act(at + (60 + i) * MINUTE, AUTOMATION, "set", {"labels": [f"sweep-{i}"]})
        for i in range(110)
    )
    acts = (
        Act(at, "farid", "create", first_fields("farid", "Network", "P2"), "Backups are slow."),
        Act(at + 20 * MINUTE, "imke", "set", changes("assignee imke, status In Progress")),
        Act(at + 25 * MINUTE, "imke", "comment", {}, "Measuring the line now."),
        *noise,
        Act(at + 5 * HOUR, "imke", "set", changes("status Resolved, resolution Done")),
    )
    return Story("jira", "SUP-137", "Backup to branch is slow", "Incident", acts)


def _many_comments(now: int) -> Story:
    """A long talk: 130 comments, of which every tenth is internal."""
    at = on_day(now, -24, "09:00")
    talk = (
        Act(
            at + (15 + 3 * i) * MINUTE,
            ("tomas", "greta")[i % 2],
            "note" if i % 10 == 0 else "comment",
            {},
            f"Line {i + 1} of our comparison of the two totals.",
        )
        for i in range(130)
    )
    acts = (
        Act(at, "greta", "create", first_fields("greta", "Payments", "P3"), "Totals differ."),
        Act(at + 10 * MINUTE, "tomas", "set", changes("assignee tomas, status In Progress")),
        *talk,
        Act(at + 30 * HOUR, "tomas", "set", changes("status Resolved, resolution Done")),
    )
    return Story("jira", "SUP-149", "Monthly totals differ", "Incident", acts)


def _clock_change_night(change: int) -> Story:
    """A P1 across the night on which an hour is repeated or left out."""
    fields = first_fields("estelle", "Network", "P1")
    acts = (
        Act(change - 90 * MINUTE, "estelle", "create", fields, "No branch can reach the core."),
        Act(change - 70 * MINUTE, "ravi", "set", changes("assignee ravi, status In Progress")),
        Act(change - 65 * MINUTE, "ravi", "comment", {}, "A core router restarts; on my way."),
        Act(change - 15 * MINUTE, "ravi", "set", changes("status Waiting for customer")),
        Act(change + 20 * MINUTE, "estelle", "comment", {}, "The first branches are back."),
        Act(change + 20 * MINUTE + SECOND, AUTOMATION, "set", changes("status In Progress")),
        Act(change + 3 * HOUR, "ravi", "set", changes("status Resolved, resolution Done")),
    )
    return Story("jira", "SUP-144", "Core network down", "Incident", acts)
