"""The clocks of a policy: presets, changed where `clocks:` says so, with targets and calendars."""

from __future__ import annotations

import msgspec

from sla_engine.calendars import Calendar
from sla_engine.conditions import Condition as Terms
from sla_engine.conditions import EventTest, FieldTest
from sla_engine.document import Node
from sla_engine.happening import LINK
from sla_engine.policy.conditions import Condition
from sla_engine.policy.promises import Clock, PauseTerms, ReopenTerms
from sla_engine.presets import CLOCKS, CUSTOM, Preset
from sla_engine.problems import Where
from sla_engine.resolving import calendars as calendars_of
from sla_engine.resolving.conditions import condition, until
from sla_engine.resolving.parties import held_by
from sla_engine.resolving.scope import US, Scope, check_field
from sla_engine.resolving.targets import check_length
from sla_engine.terms import Choice, ClockTerms, Pause, Reopen
from sla_engine.units import Duration, Millis

DEFAULT_REOPEN = Reopen("resume", Duration(Millis(604_800_000), calendar_days=True), "new")
"""Case 81: the same problem for 7 days, a new one after."""


class Common(msgspec.Struct, frozen=True):
    """What the clocks of one policy share."""

    calendar: Choice[Calendar]
    pause: Pause | None
    reopen: Reopen
    tz: str | None = None
    tz_where: Where = Where("")


def pause(
    scope: Scope, written: PauseTerms | Condition, node: Node, calendar: Choice[Calendar]
) -> Pause:
    """`pause: {status: X}`, or in full with while, until and max."""
    if not isinstance(written, PauseTerms):
        return Pause(condition(scope, written, node, "state"))
    if written.max is not None:
        check_length(scope, written.max, node.where_of("max"), calendar.leaves())
    return Pause(
        condition(scope, written.while_, node.at("while"), "state"),
        None if written.until is None else until(scope, written.until, node.at("until")),
        written.max,
    )


def reopen(scope: Scope, written: str | ReopenTerms, node: Node) -> Reopen:
    """`reopen: resume`, or by how long after the stop it comes. One word holds for ever."""
    if not isinstance(written, ReopenTerms):
        return Reopen(written, None, written)  # type: ignore[arg-type]  # the model allows these words only
    if written.within is not None and (written.within.months or written.within.business_days):
        scope.error(node.where_of("within"), "within is plain time", "write 48h or 7d", "SLA123")
    later = written.else_ if written.within is not None else written.then
    return Reopen(written.then, written.within, later)


def clock(
    scope: Scope, name: str, written: Clock | None, node: Node, named: Where, common: Common
) -> ClockTerms | None:
    """One clock without its targets; `node` is its entry under `clocks:`, `named` its target's key.

    None where there is no such clock, which is then noted.
    """
    preset = _preset(scope, name, written, node, named)
    if preset is None:
        return None
    terms = msgspec.structs.replace(
        preset.clock,
        name=name,
        where=named,
        calendar=common.calendar,
        pause=_rest(scope, preset, named) or (common.pause if preset.pausable else None),
        reopen=common.reopen if preset.reopens else preset.clock.reopen,
    )
    return terms if written is None else _changed(scope, terms, written, node, common)


def _preset(
    scope: Scope, name: str, written: Clock | None, node: Node, named: Where
) -> Preset | None:
    wanted = written.preset if written and written.preset else name
    where = node.where_of("preset") if wanted != name else named
    if wanted in CLOCKS:
        return CLOCKS[wanted]
    if written is None or wanted != name:
        scope.unknown("clock" if wanted == name else "preset", wanted, CLOCKS, where, "SLA118")
    elif written.stop is None:
        mend = "add stop: {status: Done}, or preset: resolution"
        scope.error(named, f'the clock "{name}" does not say when it stops', mend, "SLA125")
    else:
        return CUSTOM
    return None


def _rest(scope: Scope, preset: Preset, named: Where) -> Pause | None:
    """The pause of a clock that stands still while somebody has the ball."""
    if not preset.rests:
        return None
    parties = scope.names.parties
    wanted = ("customer",) if preset.rests == "customer" else tuple(set(parties) - {US})
    if not wanted or not set(wanted) <= set(parties):
        who = "the customer has" if preset.rests == "customer" else "others have"
        what = f'"{preset.clock.name}" stands still while {who} the ball; no party says when'
        mend = "add parties: {customer: {status: Waiting for customer}}"
        scope.error(named, what, mend, "SLA134")
    scope.broken = scope.broken or any(parties.get(name) is None for name in wanted)
    return Pause(held_by(parties, *(name for name in parties if name in wanted)))


def _changed(
    scope: Scope, terms: ClockTerms, written: Clock, node: Node, common: Common
) -> ClockTerms:
    """The preset with what the entry says instead."""
    changes: dict[str, object] = {"meaning": written.describe or ""}
    for key in ("stop", "cancel", "reset"):
        if (part := getattr(written, key)) is not None:
            changes[key] = condition(scope, part, node.at(key), "moment")
    if written.start is not None:
        changes |= _started(scope, written, node)
    if written.cycles is not None:
        changes["cycles"] = written.cycles
    if written.calendar is not None:
        name = f"calendar of {terms.name}"
        own = calendars_of.choice(scope, written.calendar, node.at("calendar"), name)
        changes["calendar"] = calendars_of.placed(scope, own, common.tz, common.tz_where)
    pause = _own_pause(scope, terms, written, node, common)
    terms = msgspec.structs.replace(terms, pause=pause, **changes)
    return _by_value(scope, terms, written, node) if written.by is not None else terms


def _by_value(scope: Scope, terms: ClockTerms, written: Clock, node: Node) -> ClockTerms:
    """One clock for each value of a field: a sum over the times it has it, unless said otherwise;
    what starts with the creation starts when the ticket has a value."""
    assert written.by is not None
    where = node.where_of("by")
    check_field(scope, written.by, where)
    if terms.after or terms.customer_starts or terms.reset is not None:
        what = "a clock that is reset, or waits for the customer, has no clock for each value"
        scope.error(where, what, "leave by out, or add a clock of your own", "SLA125")
    return msgspec.structs.replace(
        terms,
        by=written.by,
        start=terms.start or FieldTest(written.by, is_set=True),
        cycles="sum" if written.cycles is None and terms.cycles == "once" else terms.cycles,
    )


def _started(scope: Scope, written: Clock, node: Node) -> dict[str, object]:
    """A start of one's own; `created` is plain, whoever created it."""
    start = written.start
    told: Terms | None = None
    if isinstance(start, Condition):
        told = condition(scope, start, node.at("start"), "moment")
    elif start == "linked":
        told = EventTest(LINK)
    return {"start": told, "customer_starts": False, "after": ""}


def _own_pause(
    scope: Scope, terms: ClockTerms, written: Clock, node: Node, common: Common
) -> Pause | None:
    if written.pausable is False:
        if written.pause is not None:
            mend = "leave one of the two out"
            scope.error(node.key_of("pause"), "this clock is not pausable, yet has a pause", mend,
                        "SLA125")  # fmt: skip
        return None
    if written.pause is not None:
        calendar = common.calendar
        return pause(scope, written.pause, node.at("pause"), calendar)
    if written.pausable and terms.preset and not CLOCKS[terms.preset].pausable:
        what = f'"{terms.preset}" stands still while waiting, before any answer was given'
        scope.warn(node.key_of("pausable"), what, "leave it out, unless you mean it", "SLA206")
    return common.pause if written.pausable else terms.pause
