"""Warnings and escalations -> the steps of a policy, each with a name of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from sla_engine.calendars import Calendar
from sla_engine.conditions import ALWAYS
from sla_engine.document import Node
from sla_engine.ladder import WARNING
from sla_engine.policy.ladders import Action as WrittenAction
from sla_engine.policy.ladders import Step as WrittenStep
from sla_engine.policy.words import AtStep
from sla_engine.problems import Where
from sla_engine.resolving.calendars import named
from sla_engine.resolving.conditions import condition
from sla_engine.resolving.scope import Rungs, Scope
from sla_engine.resolving.targets import check_length, fixed
from sla_engine.terms import Action, Step
from sla_engine.units import Millis

OFTEN = 100
"""How many times a step repeats that does not say how often."""


def warnings(
    scope: Scope, written: Sequence[AtStep], node: Node, calendars: tuple[Calendar, ...]
) -> list[Step]:
    """The steps of `warn: [50%, 30m left]`."""
    return [
        _reached(scope, at, node.where_of(number), calendars, WARNING)
        for number, at in enumerate(written)
    ]


def ladder(
    scope: Scope,
    written: str | tuple[WrittenStep, ...],
    node: Node,
    calendars: tuple[Calendar, ...],
) -> list[Step]:
    """The steps of `escalate`: a ladder by name, or its steps."""
    if not isinstance(written, str):
        return rungs(scope, Rungs(written, node), calendars)
    known = scope.names.ladders
    if written not in known:
        scope.unknown("ladder", written, known, node.where, "SLA119")
        return []
    named = known[written]
    scope.broken = scope.broken or named is None
    return rungs(scope, named, calendars) if named else []


def rungs(scope: Scope, named: Rungs, calendars: tuple[Calendar, ...]) -> list[Step]:
    """The steps of one ladder."""
    return [
        _step(scope, step, named.node.at(number), calendars)
        for number, step in enumerate(named.steps)
    ]


def _step(scope: Scope, written: WrittenStep, node: Node, calendars: tuple[Calendar, ...]) -> Step:
    do = tuple(action(one) for one in written.do)
    reached = _reached(scope, written.at, node.where_of("at"), calendars, do)
    repeat, times = _repeats(scope, written, node, calendars)
    when, unless = (
        condition(scope, part, node.at(key), "acting") if part else None
        for key, part in (("if", written.if_), ("unless", written.unless))
    )
    hours = named(scope, written.hours, node.at("hours")) if written.hours else None
    return msgspec.structs.replace(
        reached, when=when or ALWAYS, unless=unless, hours=hours, repeat=repeat, times=times
    )


def _repeats(
    scope: Scope, written: WrittenStep, node: Node, calendars: tuple[Calendar, ...]
) -> tuple[Millis | None, int]:
    if written.repeat is None:
        if written.max is not None:
            mend = "add repeat: 4h, or leave max out"
            scope.error(node.key_of("max"), '"max" without "repeat" says nothing', mend, "SLA125")
        return None, 1
    where = node.where_of("repeat")
    check_length(scope, written.repeat, where, calendars)
    if written.max is None:
        what = f"no end is given; it stops after {OFTEN} times"
        scope.warn(where, what, "add max: 3", "SLA205")
    return fixed(scope, written.repeat, where, calendars), written.max or OFTEN


def _reached(
    scope: Scope,
    at: AtStep,
    where: Where,
    calendars: tuple[Calendar, ...],
    do: tuple[Action, ...],
) -> Step:
    for length in (at.plus, at.minus):
        if length.millis or length.business_days or length.months:
            check_length(scope, length, where, calendars)
    later, earlier = (fixed(scope, part, where, calendars) for part in (at.plus, at.minus))
    return Step(
        at.name, at.percent, Millis(later - earlier), at.of_aim, ALWAYS, None, do, where=where
    )


def action(written: WrittenAction) -> Action:
    """The action that is written, lists and maps as tuples."""
    ((name, value),) = written.model_dump(exclude_unset=True).items()
    if isinstance(value, dict):
        return Action(name, tuple(value.items()))
    return Action(name, tuple(value) if isinstance(value, (list, tuple)) else str(value))


def merged(warned: Sequence[Step], laddered: Sequence[Step]) -> tuple[Step, ...]:
    """All steps of a policy under names of their own: a deed is known by its step's name.

    A warning at a rung that acts without condition joins it, and says nothing that the rung says
    already; of other steps at the same point the later ones are called "75% #2".
    """
    steps = list(laddered)
    for warning in reversed(warned):
        same = [n for n, s in enumerate(steps) if s.name == warning.name and _plain(s)]
        if same:
            steps[same[0]] = _joined(steps[same[0]], warning)
        else:
            steps.insert(0, warning)
    return tuple(_named_apart(steps))


def _plain(step: Step) -> bool:
    return step.when == ALWAYS and step.unless is None


def _joined(rung: Step, warning: Step) -> Step:
    said = {one.name for one in rung.do}
    more = tuple(one for one in warning.do if one.name not in said)
    return msgspec.structs.replace(rung, do=rung.do + more)


def _named_apart(steps: Sequence[Step]) -> Iterator[Step]:
    seen: dict[str, int] = {}
    for step in steps:
        seen[step.name] = number = seen.get(step.name, 0) + 1
        name = step.name if number == 1 else f"{step.name} #{number}"
        yield msgspec.structs.replace(step, name=name)
