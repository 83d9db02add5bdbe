"""What a clock does at a moment: every operation, the order among them, and what it remembers."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.calendars import Calendar
from sla_engine.conditions import ALWAYS, NEVER
from sla_engine.control import Control, Decision, Do
from sla_engine.presets import REQUESTER_REPLIES
from sla_engine.rules import decide
from sla_engine.signals import Signals
from sla_engine.terms import Choice, ClockTerms, Pause, Reopen
from sla_engine.units import HOUR, Duration, Millis

ROUND = Calendar.from_mapping("24x7")
DESK = Calendar.from_mapping("mon-fri 09:00-17:00 Europe/Berlin")
QUIET = Signals(
    clock="c", matched=True, owned=True, start=False, start_rest=False, stop=False,
    stop_rest=False, cancel=False, reset=False, reset_rest=False, pause=False,
    pause_reason="Waiting", until=False, spoke=False, promised=True, limit=Millis(HOUR), aim=None,
    calendar=ROUND, target_index=0,
)  # fmt: skip
ONCE = ClockTerms("c", Choice(), start=None, stop=NEVER)
EVERY = ClockTerms("c", Choice(), start=ALWAYS, stop=NEVER, cycles="every")
SUM = ClockTerms("c", Choice(), start=ALWAYS, stop=NEVER, cycles="sum")
FIRST = ClockTerms("c", Choice(), start=ALWAYS, stop=NEVER)  # starts by a condition, once
AFTER = ClockTerms("c", Choice(), start=ALWAYS, stop=NEVER, cycles="every", after="other")

NEW = Control()
OPEN = Control(open=True, fresh=False, before=QUIET)
PAUSED = OPEN._replace(paused=True, before=msgspec.structs.replace(QUIET, pause=True))
STOPPED = Control(
    fresh=False, finished=True, reopenable=True, answered=True,
    before=msgspec.structs.replace(QUIET, stop=True, stop_rest=True),
)  # fmt: skip


def sees(**changed: Any) -> Signals:
    """An ordinary moment but for what is told; events of the moment leave no rest."""
    return msgspec.structs.replace(QUIET, **changed)


def having(was: Control, **before: Any) -> Control:
    assert was.before is not None
    return was._replace(before=msgspec.structs.replace(was.before, **before))


ELSEWHERE = {"matched": False, "owned": False}
BEATEN = {"matched": True, "owned": False}
DONE = {"stop": True, "stop_rest": True}
STARTING = {"start": True, "start_rest": True}


@pytest.mark.parametrize(
    ("terms", "was", "now", "do"),
    [
        pytest.param(ONCE, NEW, sees(), Do.START, id="the creation starts it"),
        pytest.param(ONCE, NEW, sees(**ELSEWHERE), None, id="not another policy's ticket"),
        pytest.param(ONCE, NEW, sees(**BEATEN), None, id="nor one that another policy has"),
        pytest.param(ONCE, NEW, sees(pause=True), Do.START, id="paused from the start"),
        pytest.param(ONCE, NEW, sees(**DONE), Do.START, id="created as done"),
        pytest.param(ONCE, NEW._replace(fresh=False), sees(), None, id="not fresh any more"),
        pytest.param(ONCE, NEW._replace(waits=True), sees(), None, id="staff opened it"),
        pytest.param(
            ONCE, NEW._replace(waits=True), sees(spoke=True), Do.START, id="the customer speaks"
        ),
        pytest.param(
            ONCE, Control(waits=True, before=QUIET), sees(), None, id="and still nobody speaks"
        ),
        pytest.param(EVERY, NEW, sees(), None, id="nothing starts it"),
        pytest.param(EVERY, NEW, sees(**STARTING), Do.START, id="a condition starts it"),
        pytest.param(EVERY, NEW, sees(start=True), Do.START, id="an event starts it"),
        pytest.param(
            EVERY, Control(before=sees(**STARTING)), sees(**STARTING), None, id="it must become so"
        ),
        pytest.param(
            EVERY, Control(before=sees(start=True)), sees(start=True), Do.START, id="an event again"
        ),
        pytest.param(FIRST, STOPPED, sees(**STARTING), Do.REOPEN, id="reopening before starting"),
        pytest.param(
            FIRST,
            having(STOPPED, stop_rest=False),
            sees(**STARTING),
            None,
            id="once is once",
        ),
        pytest.param(
            EVERY, having(STOPPED, stop_rest=False), sees(start=True), Do.START, id="every is every"
        ),
        pytest.param(
            SUM, having(STOPPED, stop_rest=False), sees(start=True), Do.RESUME, id="a sum goes on"
        ),
        pytest.param(SUM, Control(before=QUIET), sees(start=True), Do.START, id="a sum begins"),
        pytest.param(
            AFTER, Control(before=QUIET), sees(start=True), None, id="not before its stop"
        ),
        pytest.param(
            AFTER,
            Control(before=QUIET, answered=True),
            sees(start=True),
            Do.START,
            id="once that was met",
        ),
        pytest.param(
            AFTER, Control(before=QUIET), sees(start=True, stop=True), None, id="nor with it"
        ),
        # open
        pytest.param(ONCE, OPEN, sees(), None, id="nothing happens"),
        pytest.param(ONCE, OPEN, sees(stop=True), Do.STOP, id="stop"),
        pytest.param(ONCE, OPEN, sees(reset=True), Do.RESTART, id="reset by an event"),
        pytest.param(
            ONCE, OPEN, sees(reset=True, reset_rest=True), Do.RESTART, id="reset by a state"
        ),
        pytest.param(
            ONCE,
            having(OPEN, reset=True, reset_rest=True),
            sees(reset=True, reset_rest=True),
            None,
            id="the state that reset it stands",
        ),
        pytest.param(
            ONCE,
            having(OPEN, reset=True),
            sees(reset=True),
            Do.RESTART,
            id="reset by events in a row",
        ),
        pytest.param(ONCE, OPEN, sees(cancel=True), Do.CANCEL, id="cancel"),
        pytest.param(ONCE, OPEN, sees(pause=True), Do.TURN, id="pause"),
        pytest.param(ONCE, OPEN, sees(limit=Millis(1)), Do.TURN, id="another limit"),
        pytest.param(ONCE, OPEN, sees(aim=Millis(1)), Do.TURN, id="another aim"),
        pytest.param(ONCE, OPEN, sees(promised=False), Do.TURN, id="no promise any more"),
        pytest.param(ONCE, OPEN, sees(calendar=DESK), Do.TURN, id="another calendar"),
        pytest.param(ONCE, OPEN, sees(target_index=1), None, id="another row that says the same"),
        pytest.param(ONCE, OPEN, sees(start=True), None, id="it has started already"),
        pytest.param(ONCE, OPEN, sees(**ELSEWHERE), Do.CANCEL, id="left the policy"),
        pytest.param(ONCE, OPEN, sees(**BEATEN), Do.CANCEL, id="another policy has it now"),
        pytest.param(EVERY, OPEN, sees(**BEATEN), None, id="a started cycle is finished as begun"),
        pytest.param(EVERY, OPEN, sees(**ELSEWHERE), Do.CANCEL, id="unless it matches no more"),
        # the order among them
        pytest.param(ONCE, OPEN, sees(stop=True, reset=True), Do.STOP, id="stop before reset"),
        pytest.param(ONCE, OPEN, sees(stop=True, cancel=True), Do.STOP, id="stop before cancel"),
        pytest.param(ONCE, OPEN, sees(stop=True, pause=True), Do.STOP, id="stop before pause"),
        pytest.param(
            ONCE, OPEN, sees(reset=True, cancel=True), Do.RESTART, id="reset before cancel"
        ),
        pytest.param(
            ONCE, OPEN, sees(cancel=True, pause=True), Do.CANCEL, id="cancel before pause"
        ),
        pytest.param(
            ONCE, OPEN, sees(stop=True, **ELSEWHERE), Do.CANCEL, id="what is not ours has no stop"
        ),
        # paused
        pytest.param(ONCE, PAUSED, sees(pause=True), None, id="it stays paused"),
        pytest.param(ONCE, PAUSED, sees(), Do.TURN, id="resumed"),
        pytest.param(ONCE, PAUSED, sees(pause=True, until=True), Do.TURN, id="until happens"),
        pytest.param(
            ONCE, OPEN, sees(pause=True, until=True), Do.TURN, id="not in the very step it begins"
        ),
        pytest.param(
            ONCE,
            PAUSED._replace(paused=False, released=True),
            sees(pause=True),
            None,
            id="released it runs on though the status stays",
        ),
        pytest.param(
            ONCE,
            PAUSED._replace(paused=False, capped=True),
            sees(pause=True),
            None,
            id="the cap is used up",
        ),
        pytest.param(
            ONCE,
            OPEN._replace(capped=True),
            sees(pause=True),
            None,
            id="a cap that is used up admits no new pause",
        ),
        pytest.param(
            ONCE, PAUSED, sees(pause=True, limit=Millis(1)), Do.TURN, id="retargeted paused"
        ),
        pytest.param(ONCE, PAUSED, sees(stop=True), Do.STOP, id="stopped while paused"),
        # stopped
        pytest.param(ONCE, STOPPED, sees(**DONE), None, id="it stays stopped"),
        pytest.param(ONCE, STOPPED, sees(), Do.REOPEN, id="reopened"),
        pytest.param(ONCE, STOPPED, sees(**BEATEN), None, id="not under another policy"),
        pytest.param(EVERY, STOPPED, sees(), Do.REOPEN, id="reopened though it starts every time"),
        pytest.param(EVERY, STOPPED, sees(**STARTING), Do.START, id="it starts, so no reopening"),
        pytest.param(SUM, STOPPED, sees(**STARTING), Do.RESUME, id="a sum goes on instead"),
        pytest.param(
            EVERY,
            having(STOPPED, start=True, start_rest=True),
            sees(**STARTING),
            Do.REOPEN,
            id="what held on while it was done starts nothing",
        ),
        pytest.param(
            ONCE, STOPPED._replace(reopenable=False), sees(), None, id="an event cannot be left"
        ),
        pytest.param(
            ONCE, having(STOPPED, stop_rest=False), sees(), None, id="nor what did not last"
        ),
    ],
)
def test_what_is_done(terms: ClockTerms, was: Control, now: Signals, do: Do | None) -> None:
    assert decide(terms, was, now).do == do


def test_the_reasons_say_what_people_saw() -> None:
    def reason(was: Control, **now: Any) -> str:
        return decide(ONCE, was, sees(**now)).reason

    assert reason(NEW) == "created"
    assert decide(EVERY, Control(before=QUIET), sees(start=True)).reason == "started"
    assert reason(OPEN, pause=True) == "Waiting"
    assert reason(PAUSED) == "resumed"
    assert reason(PAUSED, pause=True, until=True) == "pause ended"
    replies = msgspec.structs.replace(ONCE, pause=Pause(ALWAYS, REQUESTER_REPLIES))
    assert decide(replies, PAUSED, sees(pause=True, until=True)).reason == "customer replied"
    assert reason(OPEN, limit=Millis(1), target_index=1) == "target changed"
    assert reason(OPEN, calendar=DESK) == "calendar changed"
    assert reason(OPEN, calendar=DESK, limit=Millis(1), target_index=1) == "target changed"
    assert reason(OPEN, cancel=True) == "cancel condition"
    assert reason(OPEN, **ELSEWHERE) == "no longer under this policy"
    assert reason(STOPPED) == "reopened"
    assert reason(OPEN, reset=True) == "started"


def test_what_was_reopened_and_cancelled_is_not_reopened_again() -> None:
    clock = Past(ONCE, STOPPED)
    for now in ({}, {"cancel": True}, DONE, {}):
        clock.sees(**now)
    assert clock.done == [Do.REOPEN, Do.CANCEL, None, None]


def test_a_release_holds_for_as_long_as_what_pauses_whatever_becomes_of_the_clock() -> None:
    released = PAUSED._replace(paused=False, released=True)
    for end in (DONE, {"cancel": True}, ELSEWHERE):
        assert decide(ONCE, released, sees(pause=True, **end)).control.released
        assert not decide(ONCE, released, sees(**end)).control.released


def test_a_released_pause_that_ends_was_resumed_long_ago() -> None:
    released = PAUSED._replace(paused=False, released=True)
    decision = decide(ONCE, released, sees(limit=Millis(1), target_index=1))
    assert (decision.do, decision.reason) == (Do.TURN, "target changed")


class Past:
    """A clock of one lane shown a row of moments, as the fold does it without time."""

    def __init__(self, terms: ClockTerms, control: Control = NEW) -> None:
        self.terms, self.control = terms, control
        self.done: list[Do | None] = []

    def sees(self, **now: Any) -> Decision:
        decision = decide(self.terms, self.control, sees(**now))
        self.control = decision.control
        self.done.append(decision.do)
        return decision


def test_the_next_pause_after_a_released_one_is_a_pause() -> None:
    clock = Past(ONCE)
    for now in ({}, {"pause": True}, {"pause": True, "until": True}, {"pause": True}, {},
                {"pause": True}):  # fmt: skip
        clock.sees(**now)
    assert clock.done == [Do.START, Do.TURN, Do.TURN, None, None, Do.TURN]
    assert clock.control.paused
    assert not clock.control.released


def test_a_reply_that_comes_with_the_end_of_the_pause_releases_no_later_one() -> None:
    clock = Past(ONCE)
    for now in ({}, {"pause": True}, {"until": True}, {"pause": True}):
        clock.sees(**now)
    assert clock.control.paused


def test_a_pause_that_was_released_does_not_hold_the_next_cycle() -> None:
    clock = Past(EVERY)
    for now in ({"start": True, "pause": True}, {"pause": True, "until": True}):
        clock.sees(**now)
    assert clock.sees(reset=True, pause=True).do is Do.RESTART
    assert not clock.control.paused


def test_a_reply_before_the_clock_starts_ends_the_pause_too() -> None:
    clock = Past(EVERY)
    for now in ({"pause": True}, {"pause": True, "until": True}, {"start": True, "pause": True}):
        clock.sees(**now)
    assert (clock.control.open, clock.control.paused) == (True, False)


def test_a_reply_while_it_runs_releases_nothing() -> None:
    clock = Past(ONCE)
    for now in ({}, {"until": True}, {"pause": True}):
        clock.sees(**now)
    assert clock.control.paused


def test_it_is_fresh_again_after_leaving_a_policy_and_comes_back_by_replay() -> None:
    clock = Past(ONCE)
    for now in ({}, ELSEWHERE, {}):
        clock.sees(**now)
    assert clock.done == [Do.START, Do.CANCEL, Do.REPLAY]


def test_what_is_stopped_or_cancelled_by_condition_does_not_come_back() -> None:
    for end, do in (({"stop": True}, Do.STOP), ({"cancel": True}, Do.CANCEL)):
        clock = Past(ONCE)
        for now in ({}, end, ELSEWHERE, {}):
            clock.sees(**now)
        assert clock.done == [Do.START, do, None, None]
        assert not clock.control.fresh


def test_entering_late_is_replayed_only_where_the_creation_starts_the_clock() -> None:
    late = Control(before=sees(**ELSEWHERE))
    assert decide(ONCE, late, sees()).do is Do.REPLAY
    assert decide(ONCE, late, sees()).control == late
    assert decide(EVERY, late, sees(start=True)).do is Do.START
    assert decide(ONCE, late._replace(fresh=False), sees()).do is None
    assert decide(ONCE, late._replace(entered=True), sees()).do is Do.START
    assert decide(ONCE, late._replace(entered=True), sees()).control.entered is False


def test_replaying_it_lives_through_what_is_before_its_policy() -> None:
    clock = Past(ONCE, Control(replaying=True))
    for now in (ELSEWHERE, {"pause": True, **ELSEWHERE}, BEATEN, {"stop": True, **ELSEWHERE}):
        clock.sees(**now)
    assert clock.done == [Do.START, Do.TURN, Do.TURN, Do.STOP]


def test_a_replayed_start_is_no_second_replay() -> None:
    replaying = Control(replaying=True, before=sees(**ELSEWHERE))
    assert decide(ONCE, replaying, sees()).do is Do.START


def test_a_start_in_a_done_ticket_is_held_for_the_first_such_moment() -> None:
    clock = Past(EVERY, having(STOPPED)._replace(reopenable=False))
    clock.sees(start=True, **DONE)
    clock.sees(start=True, **DONE)
    held = clock.control
    clock.sees()
    assert clock.done == [Do.HOLD, None, Do.START_HELD]
    assert held.held
    assert clock.control.open
    assert not clock.control.held


def test_without_a_start_that_was_held_reopening_starts_nothing() -> None:
    clock = Past(EVERY, having(STOPPED)._replace(reopenable=False))
    assert clock.sees().do is None


def test_a_start_that_comes_with_done_is_a_cycle_of_no_length() -> None:
    clock = Past(EVERY, Control(before=QUIET))
    decision = clock.sees(start=True, **DONE)
    assert decision.do is Do.START
    assert not clock.control.open
    assert clock.control.finished
    assert clock.control.reopenable


@pytest.mark.parametrize(
    ("reopen", "then", "later"),
    [
        pytest.param(Reopen("resume"), True, None, id="resume for ever"),
        pytest.param(Reopen("new"), True, None, id="new for ever"),
        pytest.param(Reopen("ignore"), None, None, id="ignore for ever"),
        pytest.param(Reopen("resume", Duration(Millis(1)), "new"), True, True, id="then new"),
        pytest.param(Reopen("resume", Duration(Millis(1)), "ignore"), True, False, id="then not"),
        pytest.param(Reopen("ignore", Duration(Millis(1)), "new"), False, True, id="only later"),
        pytest.param(Reopen("ignore", Duration(Millis(1)), "ignore"), None, None, id="never"),
    ],
)
def test_reopening_comes_out_by_the_terms(
    reopen: Reopen, then: bool | None, later: bool | None
) -> None:
    terms = msgspec.structs.replace(ONCE, reopen=reopen)
    decision = decide(terms, STOPPED, sees())
    if then is None:
        assert decision.do is None
        return
    assert decision.do is Do.REOPEN
    assert decision.control.open is then
    assert (decision.later and decision.later.open) is later
    for after in filter(None, (decision.control, decision.later)):
        assert after.before == sees()
        assert after.answered


def test_a_cap_that_is_used_up_outlives_a_resumption_and_not_a_new_cycle() -> None:
    used = STOPPED._replace(capped=True)
    for then, capped in (("resume", True), ("count", True), ("new", False)):
        terms = msgspec.structs.replace(ONCE, reopen=Reopen(then))  # type: ignore[arg-type]  # all three are
        assert decide(terms, used, sees()).control.capped is capped
    assert decide(ONCE, OPEN._replace(capped=True), sees(reset=True)).control.capped is False


def test_whether_it_was_answered_is_never_forgotten() -> None:
    clock = Past(AFTER)
    clock.sees()
    assert not clock.control.answered
    clock.sees(stop=True)
    assert clock.control.answered
    clock.sees()
    assert clock.control.answered
    assert clock.sees(start=True).do is Do.START


moments = st.builds(
    sees,
    matched=st.booleans(),
    owned=st.booleans(),
    start=st.booleans(),
    start_rest=st.booleans(),
    stop=st.booleans(),
    stop_rest=st.booleans(),
    cancel=st.booleans(),
    reset=st.booleans(),
    reset_rest=st.booleans(),
    pause=st.booleans(),
    until=st.booleans(),
    spoke=st.booleans(),
    limit=st.sampled_from([None, Millis(1), Millis(2)]),
)
terms_of_clocks = st.sampled_from([ONCE, EVERY, SUM, FIRST, AFTER])


@given(terms_of_clocks, st.lists(moments, min_size=1, max_size=8))
def test_a_clock_is_paused_only_while_it_is_open_and_released_only_while_something_pauses(
    terms: ClockTerms, row: list[Signals]
) -> None:
    control = Control()
    for now in row:
        decision = decide(terms, control, now)
        control = decision.control
        assert control.open or not control.paused
        assert not (control.open and control.held)
        if decision.do is not Do.REPLAY:
            assert control.before == now
            assert control.released <= now.pause


@given(terms_of_clocks, st.lists(moments, min_size=1, max_size=8))
def test_the_same_moment_again_has_nothing_more_to_say(
    terms: ClockTerms, row: list[Signals]
) -> None:
    """A state in which nothing just happened is settled when it is seen a second time."""
    control = Control()
    for now in row:
        control = decide(terms, control, now).control
    last = row[-1]
    rest = msgspec.structs.replace(
        last, start=last.start_rest, stop=last.stop_rest, reset=last.reset_rest, until=False,
        cancel=False, spoke=False,
    )  # fmt: skip
    for _ in range(2):
        control = decide(terms, control, rest).control
    again = decide(terms, control, rest)
    assert again.do in (None, Do.REPLAY)
