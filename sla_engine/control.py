"""What a clock is about, what it may do, and how the one follows from the other.

`rules.py` says which operation applies when; `clock.py` carries them out.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

import msgspec

from sla_engine.presets import REQUESTER_REPLIES
from sla_engine.signals import Signals
from sla_engine.terms import ClockTerms

REPLIED = "customer replied"


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
    LEAVE = auto()  # of a clock for each value: the field has another value now
    TAKE = auto()  # begin or go on with the cycle of the value that it has
    HAND_OVER = auto()  # leave one and take the other
    REPLAY = auto()  # entered a policy whose clock starts with the creation: see fold.py


class Control(NamedTuple):
    """What a clock is about, as far as decisions need it. `before` is what it saw last."""

    open: bool = False
    paused: bool = False
    released: bool = False  # its `until` happened since what pauses became true
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


def go_on(terms: ClockTerms, was: Control, now: Signals) -> Decision:
    """Run or pause on, under the terms that are in force now."""
    before = was.before
    paused = rests(was, now) and not was.capped
    control = was._replace(paused=paused)
    if paused == was.paused and before is not None and same_terms(now, before):
        return Decision(control)
    if paused:
        reason = now.pause_reason
    elif was.paused:
        reason = _released_by(terms) if now.pause else "resumed"
    else:
        retarget = before is None or now.target_index != before.target_index
        dated = before is not None and now.stated != before.stated
        reason = "deadline changed" if dated else "calendar changed"
        reason = "target changed" if retarget else reason
    return Decision(control, Do.TURN, reason)


def _released_by(terms: ClockTerms) -> str:
    """What ended a pause although the ticket goes on saying that it waits."""
    replies = terms.pause is not None and terms.pause.until == REQUESTER_REPLIES
    return REPLIED if replies else "pause ended"


def started(was: Control, now: Signals) -> Control:
    """A cycle begins."""
    return was._replace(open=True, paused=rests(was, now), capped=False, fresh=False, held=False)


def rests(control: Control, now: Signals) -> bool:
    """Whether a clock stands still, its pause cap aside. What ends a pause early ends it for later
    cycles too, until what pauses becomes true anew."""
    return now.pause and not control.released


def stopped(was: Control, now: Signals) -> Control:
    """It ends as done."""
    return closed(was)._replace(finished=True, reopenable=now.stop_rest)


def closed(was: Control) -> Control:
    """It ends."""
    return was._replace(open=False, paused=False, reopenable=False)


def same_terms(now: Signals, was: Signals) -> bool:
    """Whether time counts alike under both, against the same target."""
    return (
        now.limit == was.limit
        and now.aim == was.aim
        and now.promised == was.promised
        and now.calendar == was.calendar
        and now.deadline == was.deadline
        and now.stated == was.stated
    )
