"""What one clock makes of one moment."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from sla_engine.calendars import Calendar, in_zone, is_zone, without
from sla_engine.conditions import Condition, FieldTest, atoms, holds, passes
from sla_engine.deadlines import stated_in
from sla_engine.happening import (
    COMING_INTO_EFFECT,
    CUSTOMER_SPOKE,
    DELETED,
    MERGED_INTO,
    Token,
    happened_in,
)
from sla_engine.lanes import REQUESTER_TZ, Lane
from sla_engine.model import Value
from sla_engine.slots import words_of
from sla_engine.terms import Choice, ClockTerms, Deadline, Exclusion, Target
from sla_engine.units import Instant, Millis

ROUND_THE_CLOCK = Calendar.from_mapping("24x7", name="24x7")


class Signals(msgspec.Struct, frozen=True, gc=False):
    """What one clock makes of one moment. `*_rest` is the same without the moment's events: it
    holds on afterwards."""

    clock: str
    matched: bool
    owned: bool
    start: bool
    start_rest: bool
    stop: bool
    stop_rest: bool
    cancel: bool
    reset: bool
    reset_rest: bool
    pause: bool
    pause_reason: str
    until: bool
    spoke: bool
    promised: bool
    limit: Millis | None
    aim: Millis | None
    calendar: Calendar
    target_index: int
    opens: bool = False  # the policy takes over open clocks in this very moment
    gone: str = ""  # why the ticket is no more: "deleted", "merged into OPS-7"
    of: str = ""  # of a clock for each value of a field: the value that it has
    own: Calendar = ROUND_THE_CLOCK  # as the policy has it
    plain: Calendar = ROUND_THE_CLOCK  # on the requester's wall clock, without holes
    deadline: Deadline | None = None  # the limit follows from it: see deadlines.py
    stated: Instant | None = None  # what the field of the deadline says
    zone: str = ""  # of the requester, where the calendar hangs on it; "" where it is not known
    excluded: tuple[Exclusion, ...] = ()  # those that hold for such a ticket
    shift: Millis = Millis(0)  # by how much limit and aim were moved: see retargeting.py


def read_signals(
    lane: Lane,
    terms: ClockTerms,
    settled: dict[str, Value],
    live: dict[str, Value],
    tokens: tuple[Token, ...],
) -> Signals:
    """What a lane under `terms` makes of fields in which `tokens` just happened: of `settled` ones
    where it classifies, of `live` ones where it starts, stops and pauses. Whether it owns its clock
    shows only beside the others."""
    both = {**settled, **live}
    happened = happened_in(tokens)

    def now(condition: Condition | None) -> bool:
        return condition is not None and holds(condition, both, happened)

    def rest(condition: Condition | None) -> bool:
        return condition is not None and holds(condition, both)

    pause = terms.pause
    paused = pause is not None and holds(pause.when, both)
    target = terms.targets.pick(settled)
    own = terms.calendar.pick(settled) or ROUND_THE_CLOCK
    zone = _zone(both) if lane.policy.local else ""
    deadline, stated = target.due if target else None, None
    if deadline is not None and deadline.field:
        stated = stated_in(both.get(deadline.field), zone or own.zone)
        target = target if stated else None  # without a date nothing is promised
    spoke = terms.customer_starts and happened(CUSTOMER_SPOKE)
    signals = Signals(
        clock=terms.name,
        matched=holds(lane.policy.match, settled),
        owned=False,
        start=now(terms.start),
        start_rest=rest(terms.start),
        stop=now(terms.stop),
        stop_rest=rest(terms.stop),
        cancel=now(terms.cancel),
        reset=now(terms.reset),
        reset_rest=rest(terms.reset),
        pause=paused,
        pause_reason=_reason(pause.when, both) if pause and paused else "",
        until=now(pause.until) if pause else False,
        spoke=spoke,
        promised=target is not None,
        limit=target.limit.on(own.day) if target and target.limit else None,
        aim=target.aim.on(own.day) if target and target.aim else None,
        calendar=own,
        target_index=_index(terms.targets, target),
        opens=lane.policy.applies_to == "open" and happened(COMING_INTO_EFFECT),
        gone=_gone(live),
        of=_holder(lane, terms.by, live) if terms.by else "",
        own=own,
        plain=own,
        excluded=tuple(e for e in lane.policy.exclusions if holds(e.match, both)),
    )
    signals = hung(signals, zone) if zone or signals.excluded else signals
    return _under(deadline, stated, signals) if deadline and target else signals


def hung(signals: Signals, zone: str) -> Signals:
    """The same with its calendar on the wall clock of a zone ("" for its own), and with the holes
    of exclusions in it."""
    plain = in_zone(signals.own, zone) if zone else signals.own
    holes = tuple(e.when for e in signals.excluded if e.effect == "pause")
    calendar = without(plain, holes)
    return msgspec.structs.replace(signals, zone=zone, plain=plain, calendar=calendar)


def _under(deadline: Deadline, stated: Instant | None, signals: Signals) -> Signals:
    """Under a deadline all time counts: neither closed hours nor exclusions move it, and pauses
    only where it says so."""
    paused = signals.pause and deadline.extends
    return msgspec.structs.replace(
        signals,
        deadline=deadline,
        stated=stated,
        calendar=ROUND_THE_CLOCK,
        excluded=(),
        pause=paused,
        pause_reason=signals.pause_reason if paused else "",
    )


def _zone(fields: Mapping[str, Value]) -> str:
    """The requester's time zone; "" where it is not known."""
    value = fields.get(REQUESTER_TZ)
    return value if isinstance(value, str) and is_zone(value) else ""


def _gone(live: Mapping[str, Value]) -> str:
    if live.get(DELETED):
        return "deleted"
    other = live.get(MERGED_INTO)
    return f"merged into {other if isinstance(other, str) else ', '.join(other)}" if other else ""


def _holder(lane: Lane, field: str, live: Mapping[str, Value]) -> str:
    """The value whose clock it is: of several the first that the policy's match asks for."""
    value = live.get(field)
    values = (value,) if isinstance(value, str) else value or ("",)
    asked = [
        test
        for test in atoms(lane.policy.match)
        if isinstance(test, FieldTest) and test.field == field and not test.negated
    ]
    return next((v for v in values if any(passes(test, v) for test in asked)), values[0])


def _index(choice: Choice[Target], leaf: object) -> int:
    return next((i for i, other in enumerate(choice.leaves()) if other is leaf), -1)


def _reason(condition: Condition, fields: Mapping[str, Value]) -> str:
    """The values that make a pause true, in words: "Waiting for customer". What is merely not
    excluded is told for want of others, and where no value tells anything the field is named."""
    passing = [
        (test, fields[test.field])
        for test in atoms(condition)
        if isinstance(test, FieldTest) and fields.get(test.field)
        if passes(test, fields[test.field])
    ]
    for words in (
        [word for test, value in passing if not test.negated for word in words_of(test, value)],
        [word for test, value in passing if test.negated for word in words_of(test, value)],
        [test.field for test, _ in passing],
    ):
        if words:
            return " · ".join(dict.fromkeys(words))
    return ""
