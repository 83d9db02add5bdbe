"""The few tickets that the desks of config/examples speak of: projects SUP, PLAT, NET and APP, and
incidents of ServiceNow with tickets of Jira that belong to them."""

from __future__ import annotations

from sandbox.acts import Story
from sandbox.script import read_script

# At the default now day 0 is Saturday 21 Nov 2026, so day -5 a Monday; day -18 is the one on which
# the cable was cut (10:12 to 19:40), and day -20 the first Sunday of the month (patched 02:00 to
# 06:00). PLAT-1234 is the ticket that was granted eight hours more.
SCRIPT = """
SUP-501 -5 22:00 carla Identity P1 Nobody can sign in
  0 22:10 bob A certificate ended at ten. Renewing it.
  1 01:30 bob = status Resolved, resolution Done

SUP-502 -5 09:00 greta Workplace P2 Ward printers are offline
  0 14:00 odile Which wards are they?
  0 14:00 odile = status Waiting for customer, labels sla-muted
  1 16:00 greta Wards 3 and 7.
  1 16:30 odile = status In Progress
  1 16:30 odile Thank you, their switch has to be replaced.
  2 09:00 odile = status Resolved, resolution Done

SUP-503 -1 15:00 greta Workplace P3 A second badge for the night shift

PLAT-1190 -18 09:12 farid Network P1 The API times out
  & components api
  0 09:15 imke = assignee imke, status In Progress
  0 09:40 imke Two of three nodes do not answer. On it.
  0 20:30 imke The line is back; the nodes answer again.
  0 20:40 imke = status Resolved, resolution Done

PLAT-1201 -20 01:30 estelle Network P1 The web shop is slow
  & components web
  0 01:33 ravi = assignee ravi, status In Progress
  0 01:40 ravi Seen. At two the platform is patched; I go on after that.
  0 06:30 ravi The new version has no leak. Watching it.
  0 07:00 ravi = status Resolved, resolution Done

PLAT-1215 -5 02:00 kofi Network P2 Uploads fail now and then
  & components batch
  0 02:20 yuki = assignee yuki, status In Progress
  0 05:00 yuki One disk is full. Moving what is old.
  0 09:30 imke I take over from Tokyo: two of three disks are done.
  0 13:30 imke = status Resolved, resolution Done

PLAT-1222 -8 23:30 hugo Network P2 Reports come twice
  3 02:20 yuki = assignee yuki, status In Progress
  3 12:00 imke = status Resolved, resolution Done

PLAT-1234 -5 09:00 farid Network P1 Exports are cut off
  & components batch
  0 09:03 imke = assignee imke, status In Progress
  0 09:30 imke They end at 2 GB. Looking for the limit.
  0 10:20 imke It is in the proxy. A change is ready.
  0 11:10 imke When may the proxy be restarted?
  0 11:10 imke = status Waiting for customer
  0 16:00 farid From four o'clock on.
  0 16:40 imke Restarted; the exports run.
  0 17:30 imke All of today's are there.
  0 18:00 imke = status Resolved, resolution Done

PLAT-1240 -1 16:30 farid Network P3 A report has no title

PLAT-1242 0 05:00 estelle Network P1 Payments are refused

INC0010081 -5 09:00 dmitri Workplace P2 No video calls from the depot
  0 09:10 jonas I ask the network team.
  0 12:00 jonas = status Resolved, resolution Done

NET-88 -5 09:20 jonas Network P2 No video calls from the depot
  & incident INC0010081, holder Network
  0 09:50 imke # Packets are lost behind our edge.
  0 10:30 imke = holder Carrier NOC
  0 11:30 ravi = status Resolved, resolution Done

INC0010082 -4 09:00 ines Network P1 The store has no network
  0 09:08 imke = assignee imke, status In Progress
  0 09:12 imke On it. Which lights are on at the router?
  0 10:00 imke = status Waiting for customer
  0 15:00 ines Only the red one.
  0 15:00 automation = status In Progress
  0 17:30 imke = status Resolved, resolution Done

INC0010083 -3 10:00 hugo Workplace P3 The patient app loses its connection
  0 10:50 odile Two teams look into it.
  0 18:00 odile = status Resolved, resolution Done

NET-90 -3 10:30 odile Network P3 Firewall drops the patient app
  & incident INC0010083, holder Network
  0 12:00 ravi # A rule of 2019. Asking the vendor who needs it.
  0 13:00 ravi = holder Vendor Desk
  0 14:00 ravi = holder Network
  0 14:20 imke # Nobody does. Taken out.
  0 15:00 ravi = status Resolved, resolution Done

APP-12 -3 11:00 odile Identity P3 The patient app does not reconnect
  & incident INC0010083, holder Identity
  0 16:00 bob = status Resolved, resolution Done

INC0010084 0 08:00 greta Workplace P1 The ward has no telephone
  0 08:05 jonas I call the network team now.

NET-91 0 08:30 jonas Network P1 The ward has no telephone
  & incident INC0010084, holder Network
  0 08:35 imke # The switch is gone from the network. Driving there.
"""


def example_stories(now: int) -> list[Story]:
    """In the order of the text above; their weekdays are the ones meant at the default now."""
    return read_script(SCRIPT, now)
