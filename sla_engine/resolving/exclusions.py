"""Exclusions and exceptions: when time does not count, and what single tickets are granted."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sla_engine import terms
from sla_engine.calendars import Calendar, calendar_of
from sla_engine.calendars.calendar import FIRST, LAST
from sla_engine.calendars.hours import parse_windows
from sla_engine.calendars.mistakes import Fault
from sla_engine.calendars.public_holidays import EPOCH_DAY
from sla_engine.calendars.recurrence import unclear
from sla_engine.calendars.spans import ALL_DAY, Once, Opening, Recurring
from sla_engine.conditions import ALWAYS
from sla_engine.document import Node
from sla_engine.policy.exclusions import Exclusion, TicketException, When
from sla_engine.problems import Where
from sla_engine.resolving.conditions import condition
from sla_engine.resolving.scope import Scope
from sla_engine.units import Instant, from_datetime, parse_iso

_WRITE = "write 2026-11-03T10:12+01:00, or 2026-11-03 10:12 with tz: Europe/Berlin"


def exclusion(
    scope: Scope, name: str, written: Exclusion, node: Node, named: Where
) -> terms.Exclusion:
    """One exclusion; worth something only where the scope is still sound afterwards."""
    match = condition(scope, written.match, node.at("match"), "state") if written.match else ALWAYS
    return terms.Exclusion(
        name,
        written.kind,
        _when(scope, name, written, node.at("when")),
        match,
        written.effect or "pause",
        written.announced,
        written.approved_by or "",
        written.reason or "",
        named,
    )


def chosen(scope: Scope, names: tuple[str, ...] | None, node: Node) -> tuple[terms.Exclusion, ...]:
    """The exclusions of a policy: those it names, or all."""
    known = scope.names.exclusions
    if names is None:
        return tuple(one for one in known.values() if one is not None)
    found = []
    for number, name in enumerate(names):
        if name not in known:
            scope.unknown("exclusion", name, known, node.where_of(number), "SLA141")
        elif (one := known[name]) is not None:
            found.append(one)
        else:
            scope.broken = True
    return tuple(found)


def exception(
    scope: Scope, written: TicketException, node: Node, clocks: Collection[str]
) -> terms.TicketException:
    """One exception; `clocks` are those that there are."""
    if written.clock is not None and written.clock not in clocks:
        scope.unknown("clock", written.clock, clocks, node.where_of("clock"), "SLA118")
    if written.extend is not None and written.extend.months:
        what = "a month has no fixed length here"
        scope.error(node.where_of("extend"), what, "write days (30d) or business days", "SLA123")
    due = None
    if written.due is not None:
        due = parse_iso(written.due)
        if due is None or not FIRST < due < LAST:
            what = f'"{written.due}" is not one instant'
            scope.error(node.where_of("due"), what, "write 2026-12-01T17:00+01:00", "SLA143")
    return terms.TicketException(
        written.ticket,
        written.clock or "",
        written.approved_by,
        written.reason,
        written.extend,
        due,
        _end_of(written.until, ZoneInfo("UTC")) if written.until else None,
        written.evidence or "",
        node.where,
    )


def _when(scope: Scope, name: str, written: Exclusion, node: Node) -> Calendar:
    several = written.when if isinstance(written.when, tuple) else (written.when,)
    openings, zones = [], []
    for number, one in enumerate(several):
        place = node.at(number) if isinstance(written.when, tuple) else node
        found = _recurring(scope, one, place) if one.rrule else _once(scope, one, place)
        openings += [found] if found else []
        zones.append(one.tz or "UTC")
    return calendar_of(name, openings or [Once(0, 0)], zones[0])


def _once(scope: Scope, when: When, node: Node) -> Opening | None:
    assert when.from_ is not None
    assert when.to is not None
    start = _moment(scope, when.from_, when.tz, node.at("from"))
    end = _moment(scope, when.to, when.tz, node.at("to"), is_end=True)
    if start is None or end is None:
        return None
    if end <= start:
        scope.error(node.where_of("to"), "this is not after its beginning", "", "SLA140")
        return None
    return Once(start, end)


def _moment(
    scope: Scope, text: str, tz: str | None, node: Node, *, is_end: bool = False
) -> Instant | None:
    """An instant; a day without a time is its first one, or the one after it where it ends."""
    if (at := parse_iso(text)) is not None:
        return at
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        scope.error(node.where, f'"{text}" is not a time', _WRITE, "SLA140")
        return None
    if tz is None:
        scope.error(node.where, f'"{text}" is another instant in every time zone', _WRITE, "SLA140")
        return None
    if is_end and re.fullmatch(r"[0-9-]+", text):
        return _end_of(local.date(), ZoneInfo(tz))
    return from_datetime(local.replace(tzinfo=ZoneInfo(tz)))


def _end_of(day: date, zone: ZoneInfo) -> Instant:
    return from_datetime(datetime.combine(day + timedelta(days=1), time(), zone))


def _recurring(scope: Scope, when: When, node: Node) -> Opening | None:
    assert when.rrule is not None
    assert when.tz is not None
    since = None
    if when.from_ is not None:
        since = _day(scope, when.from_, node.at("from"))
    fault = unclear(when.rrule, since=when.from_ is not None)
    if fault is not None:
        scope.error(node.where_of("rrule"), fault.what, fault.mend, "SLA140")
    windows = parse_windows(" ".join(when.at)) if when.at else ALL_DAY
    if isinstance(windows, Fault):
        scope.error(node.where_of("at"), windows.what, windows.mend, "SLA140")
        return None
    until = when.until.toordinal() - EPOCH_DAY if when.until else None
    return None if fault else Recurring(when.tz, when.rrule, windows, since, until)


def _day(scope: Scope, text: str, node: Node) -> int | None:
    try:
        return date.fromisoformat(text).toordinal() - EPOCH_DAY
    except ValueError:
        what = f'"{text}" is not a day; with rrule the first day is meant'
        scope.error(node.where, what, "write from: 2026-01-01", "SLA140")
        return None
