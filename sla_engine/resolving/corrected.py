"""Old policies with what was put right since: the promises that held then, over today's calendars,
exclusions and exceptions.

A finished clock is judged by the policies of its time. What has a date or a person's name on it
corrects the past; an edit of the promises themselves does not.
"""

from __future__ import annotations

from collections.abc import Mapping

from sla_engine.calendars.correcting import only_dated
from sla_engine.document import Node
from sla_engine.resolving.calendars import read_all
from sla_engine.resolving.files import Holidays, read_sections
from sla_engine.resolving.holidays import stated
from sla_engine.resolving.sections import Sections, entries, together
from sla_engine.terms import Policies

CORRECTING = ("exclusions", "exceptions")
"""Sections that say what is so and since when, whatever the policies promise."""


def corrected(
    old: Mapping[str, str], new: Mapping[str, str], holidays: Holidays | None = None
) -> Policies:
    """What the old files said, corrected by the new ones. A calendar whose hours were changed
    without a date, or that is gone, stays the old one."""
    before, now = together(old)[0], together(new)[0]
    holidays = stated(new, holidays, [])
    sections = {key: node for key, node in before.items() if key not in CORRECTING}
    sections |= {key: now[key] for key in CORRECTING if key in now}
    if "calendars" in before:
        sections["calendars"] = _calendars(before, now, holidays)
    return read_sections(sections, [], old, holidays).policies


def _calendars(before: Sections, now: Sections, holidays: Holidays | None) -> Node:
    stated, anew = (
        {name: node for name, node, _ in entries(sections, "calendars")}
        for sections in (before, now)
    )
    was, is_ = read_all(stated, holidays)[0], read_all(anew, holidays)[0]
    entries_of = dict(stated)
    for name, calendar in was.items():
        later = is_.get(name)
        if name in stated and calendar and later and only_dated(calendar, later):
            entries_of[name] = anew[name]
    old = before["calendars"]
    return Node(old.where, entries=entries_of, keys=old.keys)
