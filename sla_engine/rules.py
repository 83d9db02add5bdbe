"""What a clock does at a moment: which operation applies, in the order stop, reset, cancel, pause,
start or resume.

`decide` is a pure function from what a clock is about and what it sees to what it does; as both are
few, a `Node` keeps the decisions of all lanes at once, and most moments of most tickets are one
look-up that says: nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from sla_engine import handing
from sla_engine.control import Control, Decision, Do, closed, go_on, started, stopped
from sla_engine.lanes import Lane
from sla_engine.signals import Signals
from sla_engine.tables import State, Tables
from sla_engine.terms import ClockTerms
from sla_engine.units import Instant


def decide(terms: ClockTerms, was: Control, now: Signals) -> Decision:
    """What a clock under `terms` does when it sees `now`."""
    if _enters(terms, was, now):
        return Decision(was, Do.REPLAY)
    was = was._replace(released=_released(was, now))
    if now.gone:
        decision = Decision(closed(was), Do.CANCEL, now.gone) if was.open else Decision(was)
    else:
        decision = (handing.choose if terms.by else _choose)(terms, was, now)
    answered = was.answered or now.stop
    later = decision.later and decision.later._replace(before=now, answered=answered)
    control = decision.control._replace(before=now, answered=answered, entered=False)
    return msgspec.structs.replace(
        decision, control=control, later=later, paused=control.paused, capped=control.capped
    )


def _released(was: Control, now: Signals) -> bool:
    """Whether what ends a pause early has happened since what pauses became true."""
    happened = now.until and was.before is not None and was.before.pause
    return now.pause and (was.released or happened)


def _enters(terms: ClockTerms, was: Control, now: Signals) -> bool:
    before = was.before
    entering = now.owned and before is not None and not before.owned
    if was.replaying or was.entered or not entering:
        return False
    return now.opens or (was.fresh and terms.start is None)


def _choose(terms: ClockTerms, was: Control, now: Signals) -> Decision:
    if was.open:
        return _while_open(terms, was, now)
    if now.owned or was.replaying:
        return _while_closed(terms, was, now)
    return Decision(was)


def _while_open(terms: ClockTerms, was: Control, now: Signals) -> Decision:
    belongs = was.replaying or (now.owned if terms.start is None else now.matched)
    if not belongs:
        gone = closed(was)._replace(fresh=True)
        return Decision(gone, Do.CANCEL, "no longer under this policy")
    if now.stop:
        return Decision(stopped(was, now), Do.STOP)
    if now.reset and not (was.before and was.before.reset_rest):
        return Decision(started(was, now), Do.RESTART, "started")
    if now.cancel:
        return Decision(closed(was), Do.CANCEL, "cancel condition")
    return go_on(terms, was, now)


def _while_closed(terms: ClockTerms, was: Control, now: Signals) -> Decision:
    before = was.before
    reopened = before is not None and before.stop_rest and not now.stop_rest
    again = terms.cycles != "once" and _starts(terms, was, now)  # it starts: no reopening
    if reopened and was.reopenable and _reopens(terms) and not again:
        return Decision(
            _reopened(was, now, terms.reopen.then),
            Do.REOPEN,
            "reopened",
            later=_reopened(was, now, terms.reopen.later) if terms.reopen.within else None,
        )
    if reopened and was.held:
        return Decision(started(was, now), Do.START_HELD, "started")
    if not _starts(terms, was, now):
        return Decision(was)
    if before is not None and before.stop_rest and now.stop_rest:
        return Decision(was._replace(held=True), None if was.held else Do.HOLD)
    if terms.cycles == "sum" and was.finished:
        return Decision(started(was, now), Do.RESUME, "resumed")
    control = started(was, now)
    if now.stop:
        control = stopped(control, now)
    return Decision(control, Do.START, "created" if before is None else "started")


def _starts(terms: ClockTerms, was: Control, now: Signals) -> bool:
    if terms.start is None:
        return was.fresh and (now.spoke or not was.waits)
    if not now.start or (was.before is not None and was.before.start_rest):
        return False
    if terms.after and not was.answered:
        return False
    return terms.cycles != "once" or not was.finished


def _reopens(terms: ClockTerms) -> bool:
    later = terms.reopen.later if terms.reopen.within else "ignore"
    return {terms.reopen.then, later} != {"ignore"}


def _reopened(was: Control, now: Signals, then: str) -> Control:
    if then == "ignore":
        return was
    control = started(was, now)
    return control if then == "new" else control._replace(capped=was.capped)


Operation = Callable[[Any, Decision, Instant, str, Signals], Control | None]

Work = tuple[int, Operation | None, Decision, Signals]
"""(which lane, how to do it, what it decided, what it saw); REPLAY is the fold's own business."""


class Node:
    """The controls of all lanes together, and where every state leads from here."""

    __slots__ = ("controls", "leads")

    def __init__(self, controls: tuple[Control, ...]) -> None:
        self.controls = controls
        self.leads: dict[State, tuple[Node, tuple[Work, ...]]] = {}


class Decisions:
    """All nodes met so far, for one set of tables."""

    def __init__(self, tables: Tables, operations: Mapping[Do, Operation]) -> None:
        self._tables, self._operations = tables, operations
        self._nodes: dict[tuple[Control, ...], Node] = {}
        self._starts: dict[bool, Node] = {}
        self._generation = 0

    def start(self, staff_opened: bool, late: Mapping[int, str]) -> Node:
        """The node before the creation; `staff_opened` as `fold.by_staff_for_another`, `late` as
        in `fold.Fold`."""
        if self._generation != self._tables.generation:
            self._generation = self._tables.generation
            self._nodes.clear()
            self._starts.clear()
        found = self._starts.get(staff_opened) if not late else None
        if found is None:
            found = self.node(
                tuple(
                    Control(
                        waits=staff_opened and lane.terms.customer_starts, replaying=index in late
                    )
                    for index, lane in enumerate(self._tables.lanes)
                )
            )
            if not late:
                self._starts[staff_opened] = found
        return found

    def node(self, controls: tuple[Control, ...]) -> Node:
        """The one node with these controls."""
        found = self._nodes.get(controls)
        if found is None:
            found = self._nodes[controls] = Node(controls)
        return found

    def lead(self, node: Node, state: State) -> tuple[Node, tuple[Work, ...]]:
        """Where a state leads from a node, and the work on the way; kept in the node."""
        seen = self._tables.signals(state)
        decided = [
            decide(lane.terms, control, signals)
            for lane, control, signals in zip(self._tables.lanes, node.controls, seen, strict=True)
        ]
        work = tuple(
            (index, self._operations.get(decision.do), decision, seen[index])
            for index, decision in enumerate(decided)
            if decision.do is not None
        )
        following = self.node(tuple(decision.control for decision in decided))
        node.leads[state] = found = (following, work)
        return found

    def replaced(self, node: Node, index: int, control: Control) -> Node:
        """The node in which one lane's control is another."""
        return self.node((*node.controls[:index], control, *node.controls[index + 1 :]))


def owned_elsewhere(lanes: Sequence[Lane], index: int, seen: Sequence[Signals]) -> bool:
    """Whether another policy has this lane's clock, and not merely besides it."""
    lane = lanes[index]
    return not lane.policy.additive and any(
        signals.owned and signals.clock == lane.terms.name and not rival.policy.additive
        for rival, signals in zip(lanes, seen, strict=True)
    )
