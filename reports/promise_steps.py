"""What is done at the steps of a ladder, and when time does not count, in plain language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reports.condition_words import both, condition_words, name
from reports.promise_words import HOURS, WEEKDAYS, calendar_words, full_hours, length_words
from reports.words import count
from sla_engine.conditions import ALWAYS
from sla_engine.units import parse_duration
from sla_engine.words import duration

if TYPE_CHECKING:
    from sla_engine.calendars import Calendar
    from sla_engine.terms import Action, Exclusion, Step


def step_words(step: Step) -> str:
    """A step of the ladder: when, and what is done."""
    done = [said for action in step.do if (said := action_words(action))]
    line = f"{_when(step.name)}: {'; '.join(done) or 'nothing'}"
    line += f", if {condition_words(step.when)}" if step.when != ALWAYS else ""
    line += f", unless {condition_words(step.unless)}" if step.unless is not None else ""
    if step.hours is not None:
        line += f", within {calendar_words(step.hours)}"
    if step.repeat is not None:
        line += f"; again every {duration(step.repeat)}, {count(step.times, 'time')} at most"
    return line


def _when(named: str) -> str:
    """When a step is reached, by its name; steps of one moment are told apart by a number."""
    step = re.sub(r" #\d+$", "", named)
    if (found := re.fullmatch(r"(.+) left", step)) and (left := parse_duration(found[1])):
        return f"When {length_words(left)} are left"
    if (found := re.fullmatch(r"breach \+ (.+)", step)) and (over := parse_duration(found[1])):
        return f"{length_words(over)} after that"
    known = {"breach": "When the promise is broken", "aim": "When the aim is passed"}
    return known.get(step) or f"When {step.replace('%', ' %')} of the time is used"


_PEOPLE = {
    "assignee": "the assignee",
    "team_lead": "the team lead",
    "owner": "the owner of this policy",
    "requester": "the customer",
}


def action_words(action: Action) -> str:
    """One thing that is done."""
    said = action.argument if isinstance(action.argument, str) else ""
    several = () if isinstance(action.argument, str) else action.argument
    match action.name:
        case "comment":
            return "an internal note is written in the ticket"
        case "notify":
            told = [said] if said else [str(one) for one in several]
            return (
                f"we tell {both(_PEOPLE.get(one) or one.partition(':')[2] or one for one in told)}"
            )
        case "assign":
            return f"the ticket is given to {said}"
        case "transition":
            return f"the status becomes {said}"
        case "set":
            return both(_set(*one) for one in several if len(one) == 2)
        case "reply":
            return "the customer gets a message"
        case "page":
            return f"{said.partition(':')[2] or said} is called out"
        case _:
            return f"{action.name}: {said or ', '.join(map(str, several))}"


def _set(field: str, value: str) -> str:
    if field == "labels" and value.startswith("+"):
        return f"the label {value[1:]} is added"
    return f"{name(field)} becomes {value}"


def exclusion_words(exclusion: Exclusion) -> str:
    """Time that does not count, and why."""
    effects = {
        "pause": "clocks stand still",
        "excuse": "a breach is excused",
        "note": "it is marked, and counts",
    }
    when = when_words(exclusion.when)
    said = f"{when[:1].upper()}{when[1:]}: {effects[exclusion.effect]} ({name(exclusion.kind)})"
    if exclusion.announced:
        said += f", announced {length_words(exclusion.announced)} before"
    return said + (f". {exclusion.reason.rstrip('.')}" if exclusion.reason else "")


_ORDER = {"1": "first", "2": "second", "3": "third", "4": "fourth", "-1": "last"}
_DAYS = dict(zip(("MO", "TU", "WE", "TH", "FR", "SA", "SU"), WEEKDAYS, strict=True))


def when_words(when: Calendar) -> str:
    """A calendar whose recurrence rules are said in words where they are simple."""
    said = re.sub(r"(?:RRULE:)?(FREQ=\S+)", lambda found: rule_words(found[1]), when.describe())
    return re.sub(HOURS, full_hours, said)


def rule_words(rule: str) -> str:
    """`FREQ=MONTHLY;BYDAY=1SU` as `the first Sunday of every month`; as it is where that fails."""
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    days = re.findall(r"(-?\d*)(MO|TU|WE|TH|FR|SA|SU)", parts.get("BYDAY", ""))
    if parts == {"FREQ": "DAILY"}:
        return "every day"
    if parts.keys() != {"FREQ", "BYDAY"} or not days:
        return rule
    if parts["FREQ"] == "WEEKLY":
        return f"every {both(_DAYS[day] for _, day in days)}"
    if parts["FREQ"] == "MONTHLY" and all(number in _ORDER for number, _ in days):
        return f"the {both(f'{_ORDER[n]} {_DAYS[d]}' for n, d in days)} of every month"
    return rule
