"""What a policy says of its clocks, in plain language: lengths, hours, pauses, steps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from reports.condition_words import both, condition_words, either, name
from reports.words import count
from sla_engine.presets import CLOCKS, REQUESTER_REPLIES
from sla_engine.units import DAY, HOUR, Duration, Instant, Millis, to_datetime
from sla_engine.words import clock_name, duration

if TYPE_CHECKING:
    from sla_engine.calendars import Calendar
    from sla_engine.terms import (
        Choice,
        ClockTerms,
        Deadline,
        Pause,
        Reopen,
        Target,
    )

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

MEANINGS = {
    "acknowledge": "from the creation of the ticket until a person takes it up",
    "first_response": "from the creation of the ticket until our first public answer; automatic "
    "messages and internal notes are no answer",
    "next_response": "from a message of the customer until our next public answer, every time",
    "update": "the longest time between two public messages of ours, until the ticket is resolved",
    "resolution": "from the creation of the ticket until it is resolved",
    "requester_wait": "from the creation of the ticket until it is resolved, without the time in "
    "which the customer has the ball",
    "agent_work": "from the creation of the ticket until it is resolved, without the time in which "
    "anybody else has the ball",
    "handoff": "from giving the ticket to a team until the team first does something, every time",
    "ownership": "all the time for which a team has the ticket, each team on its own",
}

ON_CHANGE = {
    "carry": "the new target applies, and the time used so far stays used",
    "latest": "the new target applies to everything, as if it had been so from the beginning",
    "prorate": "the new target applies, and the share that is used stays used",
    "restart": "the clock begins anew with the new target",
    "sticky": "the first target stays",
    "strictest": "the shortest target so far applies",
}

_REOPENED = {
    "resume": "its clocks go on where they stopped; the time in between does not count",
    "count": "its clocks go on, and the time in between counts",
    "new": "a new promise begins",
    "ignore": "nothing is promised again",
}
_UNITS = (("week", 7 * DAY), ("day", DAY), ("hour", HOUR))


def length_words(length: Duration) -> str:
    """`15 min`, `1 h 30 min`, `2 business days`, `6 months`."""
    fixed = [duration(length.millis)] if length.millis else []
    if length.calendar_days:
        fixed = [_days(length.millis)]
    said = [count(length.business_days, "business day")] if length.business_days else []
    said += [count(length.months, "month")] if length.months else []
    return " ".join([*said, *fixed]) or "0 min"


def _days(millis: Millis) -> str:
    for unit, size in _UNITS:
        if not millis % size:
            return count(millis // size, unit)
    return duration(millis)


def target_words(target: Target | None, zone: ZoneInfo) -> str:
    """A cell of the table; `—` where no row is for such a ticket."""
    if target is None:
        return "—"
    if target.due is not None:
        return deadline_words(target.due, zone)
    if target.limit is None:
        return "no promise"
    limit = length_words(target.limit)
    return f"aim {length_words(target.aim)}, at most {limit}" if target.aim else limit


def deadline_words(due: Deadline, zone: ZoneInfo) -> str:
    """`by 17:00 on the next business day`."""
    if due.field:
        return f"by the {name(due.field)} of the ticket"
    if due.at is not None:
        return f"by {date_words(due.at, zone)}, {to_datetime(due.at, zone):%H:%M}"
    minutes = due.time // 60_000
    at = f"by {minutes // 60:02}:{minutes % 60:02}"
    if due.weekday is not None:
        return f"{at} on the next {WEEKDAYS[due.weekday]}"
    days = {0: "the same day", 1: "the next business day"}
    return f"{at} on {days.get(due.days) or f'the {due.days}th business day after'}"


def date_words(at: Instant, zone: ZoneInfo) -> str:
    """`1 October 2026`."""
    local = to_datetime(at, zone)
    return f"{local.day} {local:%B %Y}"


def meaning(clock: ClockTerms) -> str:
    """What a clock measures: its author's words, the preset's, or what its conditions say."""
    if clock.meaning:
        return clock.meaning[0].lower() + clock.meaning[1:].rstrip(".")
    preset = CLOCKS.get(clock.preset)
    if preset and (clock.start, clock.stop) == (preset.clock.start, preset.clock.stop):
        return MEANINGS[clock.preset]
    began = f"once {condition_words(clock.start)}" if clock.start else "from the creation"
    return f"{began} until {condition_words(clock.stop)}"


def hours(choice: Choice[Calendar]) -> Iterator[str]:
    """A line for each calendar and the tickets it is for."""
    if not choice.by:
        if choice.default is not None:
            yield calendar_words(choice.default)
        return
    for value, row in choice.rows.items():
        for leaf in row.leaves():
            yield f"{name(choice.by[0])} {value}: {calendar_words(leaf)}"
    if choice.default is not None:
        yield f"otherwise: {calendar_words(choice.default)}"


HOURS = r"\b(\d\d)(:\d\d)?–(\d\d)(:\d\d)?\b"
_NAMES = {day[:3]: day for day in WEEKDAYS}


def calendar_words(calendar: Calendar) -> str:
    """`around the clock`, `Monday to Friday 08:00–17:00 Europe/Berlin, closed on holidays DE`."""
    said = calendar.describe(whole=True)
    if said.startswith("24x7"):
        return re.sub(r"^24x7", "around the clock, every day of the year", said)
    said = re.sub(HOURS, full_hours, said)
    said = re.sub(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b", lambda day: _NAMES[day[1]], said)
    said = re.sub(r"([a-z])–([A-Z])", r"\1 to \2", said)
    said = said.replace(" + ", " and ")
    said = re.sub(r"closed (?=\d)", "closed on ", said)
    return said.replace(", holidays ", ", closed on public holidays of ")


def full_hours(found: re.Match[str]) -> str:
    start, past, end, over = found.groups()
    return f"{start}{past or ':00'}–{end}{over or ':00'}"


def pause_words(pause: Pause) -> str:
    """When a clock stands still."""
    said = f"while {condition_words(pause.when)}"
    if pause.until == REQUESTER_REPLIES:
        said += ", until the customer replies"
    elif pause.until is not None:
        said += f", until {condition_words(pause.until)}"
    if pause.cap is None:
        return said
    return (
        f"{said}; at most {length_words(pause.cap)} in all, then it runs and the assignee is told"
    )


def reopen_words(reopen: Reopen) -> Iterator[str]:
    """What happens when a resolved ticket is opened again."""
    if reopen.within is None:
        yield f"If a resolved ticket is opened again, {_REOPENED[reopen.then]}."
        return
    within = length_words(reopen.within)
    yield f"If a resolved ticket is opened again within {within}, {_REOPENED[reopen.then]}."
    yield f"If it is opened again later, {_REOPENED[reopen.later]}."


def clock_list(clocks: Sequence[ClockTerms]) -> str:
    """`First response and resolution`."""
    said = both(clock_name(clock.name).lower() for clock in clocks)
    return said[:1].upper() + said[1:]


def business_days(clocks: Sequence[ClockTerms]) -> str:
    """`A business day is 9 h of working time`; "" where none is promised."""
    targets = [target for clock in clocks for target in clock.targets.leaves()]
    lengths = [length for target in targets for length in (target.limit, target.aim) if length]
    if not any(length.business_days for length in lengths):
        return ""
    days = {
        duration(Millis(version.day)): None
        for clock in clocks
        for calendar in clock.calendar.leaves()
        if not calendar.always_open
        for version in calendar.versions[-1:]
    }
    return f"A business day is {either(days)} of working time"
