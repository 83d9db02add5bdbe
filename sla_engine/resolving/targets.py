"""What is promised: one length, a map by priority or a matrix -> choices of targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, product

from sla_engine.calendars import Calendar
from sla_engine.document import Node
from sla_engine.policy.promises import DueCell, Levels, Table
from sla_engine.problems import Where
from sla_engine.resolving.deadlines import deadline
from sla_engine.resolving.scope import Asked, Scope, check_field, check_value
from sla_engine.terms import Choice, Target
from sla_engine.units import Duration, Millis

Cell = Duration | None | Levels | DueCell | Table

_MOST_ROWS = 1_000


def targets(scope: Scope, cell: Cell, node: Node, calendars: Choice[Calendar]) -> Choice[Target]:
    """The promise of one clock, each leaf checked against the calendars it may run on."""
    if isinstance(cell, Table):
        by = cell.by or ("priority",)
        for number, field in enumerate(by):
            check_field(
                scope, field, node.key_of("by") if not cell.by else node.at("by").where_of(number)
            )
        return _table(scope, cell, by, node, tuple(calendars.leaves()))
    return Choice(default=_leaf(scope, cell, node, tuple(calendars.leaves())))


def _table(
    scope: Scope, table: Table, by: tuple[str, ...], node: Node, calendars: tuple[Calendar, ...]
) -> Choice[Target]:
    """One level of a matrix: rows by the first field, deeper ones by those that follow."""
    rows = {}
    for value, cell in table.rows.items():
        check_value(scope, Asked(by[0], node.key_of(value), value, row=True))
        below = node.at(value)
        if not isinstance(cell, Table):
            rows[value] = Choice(default=_leaf(scope, cell, below, calendars))
        elif cell.by is not None:
            scope.error(below.key_of("by"), '"by" belongs at the top of the target',
                        f"write by: [{', '.join(by)}, …] there", "SLA113")  # fmt: skip
        elif len(by) == 1:
            mend = f"name the fields that choose, outermost first: by: [{by[0]}, …]"
            scope.error(below.where, f"rows of rows, but only {by[0]} chooses", mend, "SLA113")
        else:
            rows[value] = _table(scope, cell, by[1:], below, calendars)
    default = None
    if "default" in table.model_fields_set:
        default = _default(scope, table.default, node.at("default"), calendars)
    return Choice(by, rows, default)


def _default(
    scope: Scope, cell: Cell, node: Node, calendars: tuple[Calendar, ...]
) -> Target | None:
    if isinstance(cell, Table):
        mend = "write one length, or none"
        scope.error(node.where, "a default has no rows of its own", mend, "SLA113")
        return None
    return _leaf(scope, cell, node, calendars)


def _leaf(scope: Scope, cell: Cell, node: Node, calendars: tuple[Calendar, ...]) -> Target | None:
    if isinstance(cell, Levels):
        return _levels(scope, cell, node, calendars)
    if isinstance(cell, Duration):
        check_length(scope, cell, node.where, calendars)
        return Target(cell, None, node.where)
    if isinstance(cell, DueCell):
        return Target(None, None, node.where, deadline(scope, cell, node))
    return Target(None, None, node.where) if cell is None else None


def _levels(scope: Scope, cell: Levels, node: Node, calendars: tuple[Calendar, ...]) -> Target:
    check_length(scope, cell.limit, node.where_of("limit"), calendars)
    if cell.aim is not None:
        check_length(scope, cell.aim, node.where_of("aim"), calendars)
        if any(cell.aim.on(c.day) > cell.limit.on(c.day) for c in calendars):
            mend = "the aim is what we want to keep, the limit what must be kept"
            scope.error(node.where_of("aim"), "the aim is above the limit", mend, "SLA121")
    return Target(cell.limit, cell.aim, node.where)


def check_length(
    scope: Scope, length: Duration, where: Where, calendars: Iterable[Calendar]
) -> None:
    """Note a length of zero, and days or months that a calendar does not have."""
    business = [calendar for calendar in calendars if not calendar.always_open]
    if length.months:
        what = "a month has no fixed length here"
        scope.error(where, what, "write days (30d on 24x7) or business days (20bd)", "SLA123")
    elif length.calendar_days and business:
        what = f'd and w are days of 24 h, but "{business[0].name}" is not always open'
        scope.error(where, what, _in_hours(length), "SLA123")
    elif not length.millis and not length.business_days:
        mend = "write none to measure without a promise"
        scope.error(where, "a length of zero promises nothing", mend, "SLA120")


def _in_hours(length: Duration) -> str:
    hours = length.millis // 3_600_000
    return f"write {hours}h or {max(1, hours // 24)}bd"


def fixed(scope: Scope, length: Duration, where: Where, calendars: Iterable[Calendar]) -> Millis:
    """A length that must be the same on every calendar of the policy."""
    days = {calendar.day for calendar in calendars} or {Millis(86_400_000)}
    if length.business_days and len(days) > 1:
        mend = "write hours"
        scope.error(where, "1bd differs between the calendars of this policy", mend, "SLA129")
    return length.on(min(days))


def _values(choices: Iterable[Choice[Target] | Choice[Calendar]]) -> dict[str, set[str]]:
    """Every value that rows name, by field."""
    found: dict[str, set[str]] = {}
    for choice in choices:
        if choice.by:
            found.setdefault(choice.by[0], set()).update(choice.rows)
            for field, values in _values(choice.rows.values()).items():
                found.setdefault(field, set()).update(values)
    return found


def compare(
    scope: Scope,
    first: Choice[Target],
    last: Choice[Target],
    calendars: tuple[Choice[Calendar], Choice[Calendar]],
) -> None:
    """Note where a response may take longer than the resolution, for the same ticket."""
    for fields in _tickets((first, last, *calendars)):
        response, resolution = first.pick(fields), last.pick(fields)
        if response is None or resolution is None or response.where is None:
            continue
        used, open_for = (choice.pick(fields) for choice in calendars)
        if used is None or used != open_for or not response.limit or not resolution.limit:
            continue
        if response.limit.on(used.day) > resolution.limit.on(used.day):
            what = "the response may take longer than the resolution"
            known = f" ({', '.join(f'{k}: {v}' for k, v in fields.items())})" if fields else ""
            place = f" on line {resolution.where.line}" if resolution.where else ""
            mend = f"compare the resolution{place}{known}"
            scope.error(response.where, what, mend, "SLA122")


def _tickets(choices: tuple[Choice[Target] | Choice[Calendar], ...]) -> Iterator[dict[str, str]]:
    """Field values of every ticket that rows tell apart, up to a bound."""
    values = _values(choices)
    columns = [[(field, value) for value in sorted(named)] + [(field, "")]
               for field, named in values.items()]  # fmt: skip
    for row in islice(product(*columns), _MOST_ROWS):
        yield {field: value for field, value in row if value}
