"""A clock for each value of a field: which operation applies at a moment.

Only the value that the field has now can have a cycle at work. With `cycles: sum` each value has
one cycle, which goes on whenever the field has that value again; else the cycle of a value that is
left before it is done is cancelled.
"""

from __future__ import annotations

from sla_engine.control import Control, Decision, Do, closed, go_on, started, stopped
from sla_engine.signals import Signals
from sla_engine.terms import ClockTerms


def choose(terms: ClockTerms, was: Control, now: Signals) -> Decision:
    """What to do, as `rules.decide` asks it of a clock that has no `by`."""
    if was.open:
        return _while_open(terms, was, now)
    if _begins(terms, was, now):
        return Decision(started(was, now), Do.TAKE, "created" if was.before is None else "started")
    return Decision(was)


def _while_open(terms: ClockTerms, was: Control, now: Signals) -> Decision:
    assert was.before is not None
    left = now.of != was.before.of or not now.matched
    if left or (terms.cycles == "sum" and not now.start_rest):
        return _leave(terms, was, now)
    if now.stop:
        return Decision(stopped(was, now), Do.STOP)
    if now.cancel:
        return Decision(closed(was), Do.CANCEL, "cancel condition")
    return go_on(terms, was, now)


def _leave(terms: ClockTerms, was: Control, now: Signals) -> Decision:
    """The cycle at work ends, and perhaps another value's begins in the same moment."""
    reason = f"given to {now.of}" if now.matched and now.of else "no longer under this policy"
    if _begins(terms, was, now):
        return Decision(started(was, now), Do.HAND_OVER, reason)
    return Decision(closed(was), Do.LEAVE, reason)


def _begins(terms: ClockTerms, was: Control, now: Signals) -> bool:
    """Whether the value that the field has now begins to have the clock."""
    before, has = was.before, now.owned or (was.replaying and now.matched)
    if not (has and now.of and now.start) or now.stop_rest:
        return False
    if before is None or before.of != now.of or not before.start_rest:
        return True
    if terms.cycles != "sum":
        return False
    here = before.matched if was.replaying else before.owned
    return before.stop_rest or not here  # reopened, or back under this policy
