"""A policy as written, with the defaults it inherits -> the policy that the engine consumes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from sla_engine.calendars import Calendar
from sla_engine.document import Node
from sla_engine.policy.conditions import Condition
from sla_engine.policy.promises import Defaults, DueCell, Policy, Review, Table
from sla_engine.problems import Where
from sla_engine.resolving import calendars as calendars_of
from sla_engine.resolving import clocks as clocks_of
from sla_engine.resolving import exclusions as exclusions_of
from sla_engine.resolving import steps as steps_of
from sla_engine.resolving.clocks import Common
from sla_engine.resolving.conditions import condition
from sla_engine.resolving.scope import CASE, Scope
from sla_engine.resolving.targets import compare, fixed, targets
from sla_engine.terms import Choice, ClockTerms, Step
from sla_engine.terms import Policy as PolicyTerms
from sla_engine.terms import Review as ReviewTerms
from sla_engine.units import Instant, Millis, from_datetime


class Inherited(msgspec.Struct, frozen=True):
    """The `defaults:` of the files and where they stand."""

    defaults: Defaults
    node: Node


class _Entry(msgspec.Struct, frozen=True):
    """One policy, with what it inherits filled in, and where each of its keys stands."""

    name: str
    says: Policy
    node: Node
    named: Where
    inherited: Inherited
    own: frozenset[str]

    def at(self, key: str) -> Node:
        """The place of what a key says, be it the policy's own or inherited."""
        return (self.node if key in self.own else self.inherited.node).at(key)


def policy(
    scope: Scope, name: str, written: Policy, node: Node, named: Where, inherited: Inherited
) -> PolicyTerms:
    """The policy; worth something only where the scope is still sound afterwards."""
    base = inherited.defaults
    missing = base.model_fields_set - written.model_fields_set
    says = written.model_copy(update={key: getattr(base, key) for key in missing})
    entry = _Entry(name, says, node, named, inherited, frozenset(written.model_fields_set))
    calendar = _calendar(scope, entry)
    _check_deadlines(scope, entry)
    return PolicyTerms(
        name,
        condition(scope, says.match, node.at("match"), "match"),
        _clocks(scope, entry, calendar),
        describe=says.describe or "",
        owner=says.owner or "",
        rank=100 if says.rank is None else says.rank,
        effective=_midnight(says.effective, calendar) if says.effective else None,
        on_target_change=says.on_target_change or "carry",
        merge=says.merge or "keep",
        until=_until(scope, entry, calendar),
        applies_to=_applies_to(scope, entry),
        type=says.type or "sla",
        additive=_additive(scope, entry),
        supports=_supports(scope, entry),
        case=_of_case(scope, says.match, entry.at("match")),
        tags=says.tags or (),
        settle=_settle(scope, entry),
        local=says.tz == "requester",
        steps=_steps(scope, entry, tuple(calendar.leaves())),
        exclusions=exclusions_of.chosen(scope, says.exclusions, entry.at("exclusions")),
        review=_review(says.review, calendar) if says.review else None,
        where=named,
    )


def _of_case(scope: Scope, match: Condition, node: Node) -> bool:
    """Whether `case: true` makes it a policy of whole cases."""
    said = match.tests.get(CASE)
    if said not in (None, "true", "false"):
        scope.error(node.at(CASE).where, "case is true or false", "write case: true", "SLA103")
    if said == "true" and not scope.names.links:
        mend = "add links: {name: {parent: {...}, child: {..., where: {...}}}}"
        scope.error(node.key_of(CASE), "nothing says which tickets are one case", mend, "SLA135")
    return said == "true"


def _calendar(scope: Scope, entry: _Entry) -> Choice[Calendar]:
    if entry.says.calendar is None and not scope.sound:
        return Choice(default=calendars_of.always())  # perhaps it is what was misspelt
    if entry.says.calendar is None:
        mend = "add calendar: mon-fri 09:00-17:00 Europe/Berlin, or calendar: 24x7"
        scope.warn(entry.named, "without a calendar its clocks run day and night", mend, "SLA204")
        return Choice(default=calendars_of.always())
    name = f"calendar of {entry.name}"
    choice = calendars_of.choice(scope, entry.says.calendar, entry.at("calendar"), name)
    return calendars_of.placed(scope, choice, entry.says.tz, entry.at("tz").where)


def _check_deadlines(scope: Scope, entry: _Entry) -> None:
    """A deadline has no share that could be used up and no length to compare."""
    mode = entry.says.on_target_change or "carry"
    if mode in ("carry", "restart"):
        return
    for name, cell in entry.says.targets.items():
        if _has_deadline(cell):
            what = f'"{mode}" makes no sense of a deadline'
            where = entry.node.at("targets").key_of(name)
            scope.error(where, what, "use carry or restart", "SLA125")


def _has_deadline(cell: object) -> bool:
    if isinstance(cell, Table):
        return any(map(_has_deadline, (*cell.rows.values(), cell.default)))
    return isinstance(cell, DueCell)


def _steps(scope: Scope, entry: _Entry, calendars: tuple[Calendar, ...]) -> tuple[Step, ...]:
    warn, escalate = entry.says.warn, entry.says.escalate
    warned = steps_of.warnings(scope, warn, entry.at("warn"), calendars) if warn else []
    rungs = steps_of.ladder(scope, escalate, entry.at("escalate"), calendars) if escalate else []
    return steps_of.merged(warned, rungs)


def _settle(scope: Scope, entry: _Entry) -> Millis:
    length = entry.says.settle
    if length is None:
        return Millis(0)
    where = entry.at("settle").where
    if length.months or length.business_days:
        scope.error(where, "settle is plain time", "write 5m", "SLA123")
    return fixed(scope, length, where, ())


def _midnight(day: date, calendar: Choice[Calendar]) -> Instant:
    """The beginning of a day where the policy's default calendar hangs."""
    zone = ZoneInfo(_zone(calendar))
    return from_datetime(datetime(day.year, day.month, day.day, tzinfo=zone))


def _zone(calendar: Choice[Calendar]) -> str:
    first = calendar.default or next(calendar.leaves(), None)
    return first.zone if first else "UTC"


def _review(says: Review, calendar: Choice[Calendar]) -> ReviewTerms:
    return ReviewTerms(says.next, _zone(calendar), says.every, says.by or (), says.plan or "")


def _until(scope: Scope, entry: _Entry, calendar: Choice[Calendar]) -> Instant | None:
    """The end of the last day on which clocks may start."""
    last, first = entry.says.until, entry.says.effective
    if last is None:
        return None
    if first is not None and last < first:
        where, mend = entry.at("until").where, f"write a day from {first} on"
        scope.error(where, "it ends before it begins", mend, "SLA125")
    return _midnight(last + timedelta(days=1), calendar)


def _applies_to(scope: Scope, entry: _Entry) -> Literal["new", "open"]:
    says = entry.says
    if says.applies_to == "open" and says.effective is None:
        mend = "add effective: 2027-01-01"
        what = "open clocks are taken over on a day, and none is given"
        scope.error(entry.at("applies_to").where, what, mend, "SLA125")
    return says.applies_to or "new"


def _additive(scope: Scope, entry: _Entry) -> bool:
    """Whether it stands beside others; what is among teams or by suppliers always does."""
    says = entry.says
    beside = says.type in ("ola", "uc")
    if says.additive is False and beside:
        what = f"what is promised as {says.type} is measured besides others"
        scope.error(entry.at("additive").where, what, "leave additive out", "SLA125")
    return beside or says.additive is True


def _supports(scope: Scope, entry: _Entry) -> tuple[str, str] | None:
    if entry.says.supports is None:
        return None
    policy, dot, clock = entry.says.supports.partition(".")
    if not (dot and policy and clock):
        mend = "write policy.clock: incident.resolution"
        scope.error(entry.at("supports").where, "this names no promise", mend, "SLA127")
        return None
    return policy, clock


def _clocks(scope: Scope, entry: _Entry, calendar: Choice[Calendar]) -> tuple[ClockTerms, ...]:
    common = _common(scope, entry, calendar)
    entries = entry.says.clocks or {}
    promised, measured = entry.node.at("targets"), entry.node.at("clocks")
    for name in sorted(entries.keys() - entry.says.targets.keys()):
        mend = f"add {name}: none under targets to measure it"
        scope.error(measured.key_of(name), f'the clock "{name}" has no target', mend, "SLA118")
    found: dict[str, ClockTerms] = {}
    for name, cell in entry.says.targets.items():
        terms = clocks_of.clock(
            scope, name, entries.get(name), measured.at(name), promised.key_of(name), common
        )
        if terms is not None:
            chosen = targets(scope, cell, promised.at(name), terms.calendar)
            found[name] = msgspec.structs.replace(terms, targets=chosen)
    if "first_response" in found and "resolution" in found:
        first, last = found["first_response"], found["resolution"]
        compare(scope, first.targets, last.targets, (first.calendar, last.calendar))
    return tuple(found.values())


def _common(scope: Scope, entry: _Entry, calendar: Choice[Calendar]) -> Common:
    pause, reopen = entry.says.pause, entry.says.reopen
    return Common(
        calendar,
        clocks_of.pause(scope, pause, entry.at("pause"), calendar) if pause else None,
        clocks_of.reopen(scope, reopen, entry.at("reopen")) if reopen else clocks_of.DEFAULT_REOPEN,
        entry.says.tz,
        entry.at("tz").where,
    )
