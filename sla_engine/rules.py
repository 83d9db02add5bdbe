"""What a clock does at a moment: which operation applies, in the order stop, reset, cancel, pause,
start or resume.

`decide` is a pure function from what a clock is about and what it sees to what it does; as both are
few, a `Node` keeps the decisions of all lanes at once, and most moments of most tickets are one
look-up that says: nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import Any, NamedTuple

import msgspec

from sla_engine.lanes import Lane
from sla_engine.signals import Signals
from sla_engine.tables import State, Tables
from sla_engine.terms import ClockTerms
from sla_engine.units import Instant


class Do(Enum):
    """Operations on a clock; `clock.py` carries them out."""

    START = auto()
    START_HELD = auto()  # at the earlier moment that was held back
    STOP = auto()
    RESTART = auto()  # stop, and start the next cycle
    CANCEL = auto()
    TURN = auto()  # run or pause on, or under other terms
    HOLD = auto()
    REOPEN = auto()  # as the policy says for a stop so long ago
    RESUME = auto()
    REPLAY = auto()  # entered a policy whose clock starts with the creation: see fold.py


class Control(NamedTuple):
    """What a clock is about, as far as decisions need it. `before` is what it saw last."""

    open: bool = False
    paused: bool = False
    released: bool = False  # the pause ended early: its `until` happened
    capped: bool = False  # the pause cap of this cycle is used up
    fresh: bool = True  # the creation may still start it
    waits: bool = False  # staff opened the ticket: it starts at the customer's first word
    answered: bool = False  # the stop condition was met once: what `after` asks for
    held: bool = False  # a start in a done ticket waits for its reopening
    finished: bool = False  # there is a cycle that stopped
    reopenable: bool = False  # and what stopped it was a state, which can be left
    replaying: bool = False  # its policy will come later: live through what is before
    entered: bool = False  # and comes in this very step
    before: Signals | None = None


class Decision(msgspec.Struct, frozen=True, gc=False):
    """The control after it, and what to do. A REOPEN may come out in two ways: `later` is the
    control where its window has passed."""

    control: Control
    do: Do | None = None
    reason: str = ""
    later: Control | None = None
    paused: bool = False
    capped: bool = False


def decide(terms: ClockTerms, was: Control, now: Signals) -> Decision:
    """What a clock under `terms` does when it sees `now`."""
    if _enters(terms, was, now):
        return Decision(was, Do.REPLAY)
    decision = _choose(terms, was, now)
    answered = was.answered or now.stop
    later = decision.later and decision.later._replace(before=now, answered=answered)
    control = decision.control._replace(before=now, answered=answered, entered=False)
    return msgspec.structs.replace(
        decision, control=control, later=later, paused=control.paused, capped=control.capped
    )


def _enters(terms: ClockTerms, was: Control, now: Signals) -> bool:
    before = was.before
    entering = now.owned and before is not None and not before.owned
    if was.replaying or was.entered or not entering:
        return False
    return was.fresh and terms.start is None


def _choose(terms: ClockTerms, was: Control, now: Signals) -> Decision:
    if was.open:
        return _while_open(terms, was, now)
    if now.owned or was.replaying:
        return _while_closed(terms, was, now)
    return Decision(was)


def _while_open(terms: ClockTerms, was: Control, now: Signals) -> Decision:
    belongs = was.replaying or (now.owned if terms.start is None else now.matched)
    if not belongs:
        gone = _closed(was)._replace(fresh=True)
        return Decision(gone, Do.CANCEL, "no longer under this policy")
    if now.stop:
        return Decision(_stopped(was, now), Do.STOP)
    if now.reset and not (was.before and was.before.reset_rest):
        return Decision(_started(was, now), Do.RESTART, "started")
    if now.cancel:
        return Decision(_closed(was), Do.CANCEL, "cancel condition")
    return _go_on(was, now)


def _go_on(was: Control, now: Signals) -> Decision:
    before = was.before
    released = now.pause and was.released
    if now.pause and now.until and before is not None and before.pause:
        released = True
    paused = now.pause and not released and not was.capped
    control = was._replace(released=released, paused=paused)
    if paused == was.paused and before is not None and same_terms(now, before):
        return Decision(control)
    if paused:
        reason = now.pause_reason
    elif was.paused:
        reason = "customer replied" if released and not was.released else "resumed"
    else:
        retarget = before is None or now.target_index != before.target_index
        reason = "target changed" if retarget else "calendar changed"
    return Decision(control, Do.TURN, reason)


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
        return Decision(_started(was, now), Do.START_HELD, "started")
    if not _starts(terms, was, now):
        return Decision(was)
    if before is not None and before.stop_rest and now.stop_rest:
        return Decision(was._replace(held=True), None if was.held else Do.HOLD)
    if terms.cycles == "sum" and was.finished:
        return Decision(_started(was, now), Do.RESUME, "resumed")
    control = _started(was, now)
    if now.stop:
        control = _stopped(control, now)
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
    control = _started(was, now)
    return control if then == "new" else control._replace(capped=was.capped)


def _started(was: Control, now: Signals) -> Control:
    return was._replace(
        open=True, paused=now.pause, released=False, capped=False, fresh=False, held=False
    )


def _stopped(was: Control, now: Signals) -> Control:
    return _closed(was)._replace(finished=True, reopenable=now.stop_rest)


def _closed(was: Control) -> Control:
    return was._replace(open=False, paused=False, released=False, reopenable=False)


def same_terms(now: Signals, was: Signals) -> bool:
    """Whether time counts alike under both, against the same target."""
    return (
        now.limit == was.limit
        and now.aim == was.aim
        and now.promised == was.promised
        and now.calendar == was.calendar
    )


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
