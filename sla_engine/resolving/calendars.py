"""Calendars by name, in short, in full, or chosen by the value of a field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sla_engine.calendars import Calendar, in_zone, is_union, read_calendar
from sla_engine.calendars.exceptions import Given
from sla_engine.document import Node, Plain, plain
from sla_engine.policy.calendars import CalendarBy
from sla_engine.policy.reading import nothing_written
from sla_engine.problems import Problem, Where
from sla_engine.resolving.holidays import terms_of
from sla_engine.resolving.scope import Asked, Scope, check_field, check_value
from sla_engine.terms import Choice

ALWAYS = "24x7"


def always() -> Calendar:
    """The calendar that never closes, which is there without being written."""
    return Calendar.from_mapping(ALWAYS, name=ALWAYS)


def read_all(
    entries: Mapping[str, Node], holidays: Given | None
) -> tuple[dict[str, Calendar | None], list[Problem]]:
    """Every calendar of the files by name, those that others build on first; None where wrong."""
    done: dict[str, Calendar | None] = {ALWAYS: always()}
    problems: list[Problem] = []
    for name in _in_order(entries, done, problems):
        if name not in done:
            done[name] = _entry(name, entries[name], done, holidays, problems)
    return done, problems


def _entry(
    name: str,
    node: Node,
    done: Mapping[str, Calendar | None],
    holidays: Given | None,
    problems: list[Problem],
) -> Calendar | None:
    """One calendar; None too where one that it builds on is wrong, which is told there."""
    empties = nothing_written(node)
    problems += empties
    if node.flawed or empties:
        return None
    terms = terms_of(node)
    if any(done.get(other, ...) is None for other in _builds_on(terms) - {name}):
        return None
    known = {other: calendar for other, calendar in done.items() if calendar}
    calendar, errors = read_calendar(terms, name=name, known=known, holidays=holidays)
    for error in errors:
        where = node.where_of(*error.path)
        if str(error.what).startswith("unknown key") and error.path:
            where = node.key_of(*error.path)
        problems.append(Problem(where, error.what, error.mend, "SLA117"))
    return calendar


def _in_order(
    entries: Mapping[str, Node], done: dict[str, Calendar | None], problems: list[Problem]
) -> Iterator[str]:
    """The names so that each comes after those it builds on; circles are problems, and None."""
    seen: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> Iterator[str]:
        if name in trail:
            around = trail[trail.index(name) :]
            what = f"calendars in a circle: {' -> '.join((*around, name))}"
            problems.append(Problem(entries[name].where, what, "let one stand alone", "SLA117"))
            done.update(dict.fromkeys(around))
        elif name in entries and name not in seen:
            seen.add(name)
            for other in sorted(_builds_on(plain(entries[name])) - {name}):
                yield from visit(other, (*trail, name))
            yield name

    for name in entries:
        yield from visit(name, ())


def _builds_on(terms: Plain) -> set[str]:
    if isinstance(terms, list):
        return {name for version in terms for name in _builds_on(version)}
    if not isinstance(terms, dict):
        return set()
    named = [terms.get(key) for key in ("extends", "union", "minus")]
    flat = [part for value in named for part in (value if isinstance(value, list) else [value])]
    return {name for name in flat if isinstance(name, str)}


def choice(
    scope: Scope, written: str | CalendarBy | dict[str, object], node: Node, name: str
) -> Choice[Calendar]:
    """The calendar of a policy or clock; an inline one is called `name`."""
    if isinstance(written, CalendarBy):
        return _chosen(scope, written, node)
    if isinstance(written, str):
        return Choice(default=named(scope, written, node))
    return Choice(default=_inline(scope, node, name))


def _chosen(scope: Scope, written: CalendarBy, node: Node) -> Choice[Calendar]:
    check_field(scope, written.by, node.where_of("by"))
    rows = {}
    for value, name in written.rows.items():
        check_value(scope, Asked(written.by, node.key_of(value), value, row=True))
        rows[value] = Choice(default=named(scope, name, node.at(value)))
    default = written.default and named(scope, written.default, node.at("default"))
    if not default:
        default = scope.names.calendars[ALWAYS]
        if written.default is None:
            what = f"without a default, every other {written.by} runs day and night"
            scope.warn(node.where, what, f"add default: {ALWAYS} or another calendar", "SLA204")
    return Choice((written.by,), rows, default)


def placed(
    scope: Scope, chosen: Choice[Calendar], tz: str | None, where: Where
) -> Choice[Calendar]:
    """The calendars on the wall clock of `tz`; on the requester's they are hung for each ticket."""
    if tz is None:
        return chosen
    if tz == "requester":
        check_field(scope, "requester_tz", where)
    for calendar in chosen.leaves():
        if is_union(calendar):
            what = f'each part of "{calendar.name}" has a time zone of its own'
            scope.error(where, what, "leave tz out, or use a calendar that is no union", "SLA125")
    return chosen if tz == "requester" else _mapped(chosen, tz)


def _mapped(chosen: Choice[Calendar], zone: str) -> Choice[Calendar]:
    rows = {value: _mapped(row, zone) for value, row in chosen.rows.items()}
    return Choice(chosen.by, rows, chosen.default and in_zone(chosen.default, zone))


def named(scope: Scope, name: str, node: Node) -> Calendar | None:
    if name in scope.names.calendars:
        calendar = scope.names.calendars[name]
        scope.broken = scope.broken or calendar is None
        return calendar
    if not re.search(r"[\s:]", name):
        scope.unknown("calendar", name, scope.names.calendars, node.where, "SLA116")
        return None
    return _inline(scope, node, name)


def _inline(scope: Scope, node: Node, name: str) -> Calendar | None:
    known = {other: calendar for other, calendar in scope.names.calendars.items() if calendar}
    calendar, errors = read_calendar(
        terms_of(node), name=name, known=known, holidays=scope.names.holidays
    )
    for error in errors:
        scope.error(node.where_of(*error.path), error.what, error.mend, "SLA117")
    return calendar
