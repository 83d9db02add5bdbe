"""Ladders: when steps are reached, once each, also by a new target and after a breach."""

from __future__ import annotations

import msgspec
import pytest

from sla_engine.calendars import Calendar
from sla_engine.conditions import ALWAYS
from sla_engine.ladder import ahead, climb, is_over
from sla_engine.model import Reached, Value
from sla_engine.signals import Signals
from sla_engine.terms import Step
from sla_engine.units import HOUR, MINUTE, Instant, Millis
from tests.engine.desk import DONE, STAFF, at, only, policies, ticket
from tests.engine.test_rules import QUIET

START = at("09:00")
WARN = Step("50%", 50, Millis(0))
LEFT = Step("30m left", 100, Millis(-30 * MINUTE))
BREACH = Step("breach", 100, Millis(0))
LATER = Step("breach + 2h", 100, Millis(2 * HOUR))
REPEATED = Step("breach + 1h", 100, HOUR, repeat=Millis(2 * HOUR), times=3)
AIM = Step("aim", 100, Millis(0), of_aim=True)
LADDER = (WARN, LEFT, AIM, BREACH, LATER, REPEATED)


class Cycle:
    """What a ladder asks of a cycle, by hand."""

    def __init__(self, used: int = 0, breach: tuple[Instant, int] | None = None) -> None:
        self.used = Millis(used)
        self.breached_at = breach[0] if breach else None
        self.used_at_breach = Millis(breach[1] if breach else 0)
        self.steps: list[Reached] = []

    def climbs(
        self, *ladder: Step, to: int, signals: Signals, start: Instant = START
    ) -> list[tuple[str, int, int]]:
        end = Instant(start + to - self.used)
        climb(self, ladder, signals, start, end, Millis(to))
        self.used = Millis(to)
        return [(step.name, step.at - START, step.occurrence) for step in self.steps]


def under(limit: int | None, aim: int | None = None, hours: str = "24x7") -> Signals:
    return msgspec.structs.replace(
        QUIET,
        limit=limit,
        aim=aim,
        calendar=Calendar.from_mapping(hours),
    )


def breached(limit: int) -> Cycle:
    """A cycle that began at START and is over by now."""
    return Cycle(0, (Instant(START + limit), limit))


@pytest.mark.parametrize(
    ("step", "over"),
    [(WARN, False), (LEFT, False), (AIM, False), (BREACH, True), (LATER, True), (REPEATED, True),
     (Step("150%", 150, Millis(0)), True), (Step("99.9%", 99.9, Millis(0)), False),
     (Step("120%", 120, Millis(-1)), False)],
)  # fmt: skip
def test_a_step_warns_until_the_breach_and_is_over_from_it_on(step: Step, over: bool) -> None:
    assert is_over(step) is over


@pytest.mark.parametrize(
    ("step", "used", "reached"),
    [
        pytest.param(WARN, 2 * HOUR - 1, False, id="a millisecond before half"),
        pytest.param(WARN, 2 * HOUR, True, id="half of it"),
        pytest.param(LEFT, 210 * MINUTE - 1, False, id="a millisecond more left"),
        pytest.param(LEFT, 210 * MINUTE, True, id="so much left"),
        pytest.param(AIM, HOUR - 1, False, id="within the aim"),
        pytest.param(AIM, HOUR, True, id="the aim is used up"),
        pytest.param(BREACH, 9 * HOUR, False, id="no breach without one"),
        pytest.param(LATER, 9 * HOUR, False, id="nor what comes after it"),
    ],
)
def test_a_step_is_reached_when_so_much_is_used(step: Step, used: int, reached: bool) -> None:
    signals = under(4 * HOUR, HOUR)
    assert bool(Cycle().climbs(step, to=used, signals=signals)) is reached
    assert (next(ahead(Cycle(used), [step], signals), None) is None) is (reached or is_over(step))


def test_steps_are_dated_when_business_time_came_so_far() -> None:
    signals = under(4 * HOUR, hours="mon-fri 10:00-12:00 14:00-17:00 UTC")
    cycle = Cycle()
    climb(cycle, (WARN, LEFT), signals, START, at("16:00"), Millis(4 * HOUR))
    assert [(step.name, step.at) for step in cycle.steps] == [
        ("50%", at("12:00")), ("30m left", at("15:30")),
    ]  # fmt: skip


def test_a_step_is_reached_once_however_often_we_look() -> None:
    cycle, signals = Cycle(), under(4 * HOUR)
    for used in (HOUR, 2 * HOUR, 3 * HOUR, 3 * HOUR):
        cycle.climbs(WARN, to=used, signals=signals)
    assert [(step.name, step.occurrence) for step in cycle.steps] == [("50%", 1)]


def test_after_the_breach_steps_count_from_it() -> None:
    cycle = breached(4 * HOUR)
    assert cycle.climbs(BREACH, LATER, to=6 * HOUR - 1, signals=under(4 * HOUR)) == [
        ("breach", 4 * HOUR, 1)
    ]
    assert cycle.climbs(BREACH, LATER, to=6 * HOUR, signals=under(4 * HOUR),
                        start=Instant(START + 6 * HOUR - 1))[1:] == [
        ("breach + 2h", 6 * HOUR, 1)
    ]  # fmt: skip


@pytest.mark.parametrize("percent", [120, 150.0])
def test_a_share_above_the_limit_is_so_much_after_the_breach(percent: float) -> None:
    step = Step("over", percent, Millis(0))
    share = round(4 * HOUR * percent / 100)
    cycle = breached(4 * HOUR)
    assert cycle.climbs(step, to=share - 1, signals=under(4 * HOUR)) == []
    assert list(ahead(cycle, [step], under(4 * HOUR))) == [share]
    assert Cycle().climbs(step, to=99 * HOUR, signals=under(4 * HOUR)) == []
    assert breached(4 * HOUR).climbs(step, to=99 * HOUR, signals=under(None)) == []
    at_the_change = Cycle(9 * HOUR, (Instant(START + 9 * HOUR), 9 * HOUR))
    after = round(2 * HOUR * (percent - 100) / 100)
    assert list(ahead(at_the_change, [step], under(2 * HOUR))) == [9 * HOUR + after]


def test_a_step_repeats_so_often_and_no_more() -> None:
    cycle = breached(4 * HOUR)
    assert cycle.climbs(REPEATED, to=40 * HOUR, signals=under(4 * HOUR)) == [
        ("breach + 1h", 5 * HOUR, 1),
        ("breach + 1h", 7 * HOUR, 2),
        ("breach + 1h", 9 * HOUR, 3),
    ]
    to_the_dot = breached(4 * HOUR)
    to_the_dot.climbs(REPEATED, to=9 * HOUR, signals=under(4 * HOUR))
    assert list(ahead(to_the_dot, [REPEATED], under(4 * HOUR))) == []


def test_a_breach_at_closing_time_is_dated_when_work_goes_on() -> None:
    """Due at closing, it is over at the next opening."""
    night = Instant(START + 24 * HOUR)
    cycle = Cycle(0, (night, 8 * HOUR))
    desk = under(8 * HOUR, 8 * HOUR, hours="mon-fri 09:00-17:00 UTC")
    climb(cycle, (WARN, BREACH), desk, START, Instant(night + HOUR), Millis(9 * HOUR))
    assert [step.at for step in cycle.steps] == [START + 4 * HOUR, night]
    open_cycle = Cycle()
    open_cycle.used_at_breach = Millis(8 * HOUR)  # of a breach that is judged no more
    climb(open_cycle, (AIM,), desk, START, Instant(START + 8 * HOUR), Millis(8 * HOUR))
    assert [step.at for step in open_cycle.steps] == [START + 8 * HOUR]


def test_what_is_ahead_is_the_next_time_of_each_step() -> None:
    signals = under(4 * HOUR, HOUR)
    assert list(ahead(Cycle(), LADDER, signals)) == [2 * HOUR, 210 * MINUTE, HOUR]
    assert list(ahead(Cycle(2 * HOUR), LADDER, signals)) == [210 * MINUTE]
    cycle = breached(4 * HOUR)
    cycle.climbs(*LADDER, to=5 * HOUR, signals=signals)
    assert list(ahead(cycle, LADDER, signals)) == [6 * HOUR, 7 * HOUR]


def test_a_new_target_finds_a_step_passed_at_the_change() -> None:
    cycle = Cycle(3 * HOUR)
    change = Instant(START + 3 * HOUR)
    assert cycle.climbs(WARN, to=4 * HOUR, signals=under(4 * HOUR), start=change) == [
        ("50%", 3 * HOUR, 1)
    ]


def test_after_a_retarget_that_breaches_later_steps_count_from_the_change() -> None:
    """Nine hours are used when the limit falls to two: the breach is now, and two hours after it
    are two hours after now, whatever two hours and the new limit are together."""
    cycle = Cycle(9 * HOUR, (Instant(START + 9 * HOUR), 9 * HOUR))
    change = Instant(START + 9 * HOUR)
    signals = under(2 * HOUR)
    assert cycle.climbs(BREACH, LATER, REPEATED, to=10 * HOUR - 1, signals=signals,
                        start=change) == [("breach", 9 * HOUR, 1)]  # fmt: skip
    assert list(ahead(cycle, (LATER, REPEATED), signals)) == [11 * HOUR, 10 * HOUR]


def test_where_nothing_is_promised_no_step_is_reached() -> None:
    assert Cycle().climbs(*LADDER, to=99 * HOUR, signals=under(None)) == []
    assert list(ahead(Cycle(), LADDER, under(None))) == []


def test_a_breach_that_was_goes_on_escalating_where_nothing_is_promised_any_more() -> None:
    cycle = breached(4 * HOUR)
    assert cycle.climbs(LATER, to=6 * HOUR, signals=under(None)) == [("breach + 2h", 6 * HOUR, 1)]


def test_a_step_before_the_start_is_none() -> None:
    early = Step("5h left", 100, Millis(-5 * HOUR))
    assert Cycle().climbs(early, to=3 * HOUR, signals=under(4 * HOUR)) == []
    on_the_dot = Step("4h left", 100, Millis(-4 * HOUR))
    assert Cycle().climbs(on_the_dot, to=3 * HOUR, signals=under(4 * HOUR)) == []
    just_after = Step("...", 100, Millis(1 - 4 * HOUR))
    assert Cycle().climbs(just_after, to=3 * HOUR, signals=under(4 * HOUR)) == [("...", 1, 1)]


def test_a_share_of_a_limit_is_a_whole_number_of_milliseconds() -> None:
    third = Step("33.3%", 33.3, Millis(0))
    (reached,) = Cycle().climbs(third, to=HOUR, signals=under(1_000_001))
    assert reached == ("33.3%", 333_000, 1)


def test_an_ordinary_step_asks_no_condition_here() -> None:
    assert WARN.when == ALWAYS


P1: dict[str, Value] = {"priority": "P1"}
ESCALATED = policies("""
policies:
  p:
    match: {project: SUP}
    calendar: 24x7
    targets: {resolution: {P1: {aim: 1h, limit: 2h}, P2: 10h}}
    warn: 50%
    escalate:
      - {at: aim, do: [{comment: aim}]}
      - {at: 30m left, do: [{comment: soon}]}
      - {at: breach, do: [{comment: late}]}
      - {at: breach + 2h, do: [{comment: later}], repeat: 1h, max: 2}
""")


def steps(
    when: str, *changes: tuple[str, dict[str, Value]], priority: str = "P2"
) -> list[tuple[str, str, int]]:
    history = ticket("09:00", *[(t, STAFF, change) for t, change in changes], priority=priority)
    verdict = only(ESCALATED, history, when)
    clock = [f"{(s.at - at('00:00')) // MINUTE // 60:02}:{(s.at - at('00:00')) // MINUTE % 60:02}"
             for s in verdict.steps]  # fmt: skip
    return [(s.name, c, s.occurrence) for s, c in zip(verdict.steps, clock, strict=True)]


def test_a_cycle_climbs_its_ladder() -> None:
    assert steps("23:00", priority="P1") == [
        ("50%", "10:00", 1), ("aim", "10:00", 1), ("30m left", "10:30", 1),
        ("breach", "11:00", 1), ("breach + 2h", "13:00", 1), ("breach + 2h", "14:00", 2),
    ]  # fmt: skip
    assert steps("11:00", priority="P1")[-1] == ("30m left", "10:30", 1)


def test_an_upgrade_makes_no_storm() -> None:
    """Everything that the new target finds passed is dated at the change; what comes after the
    breach has its time from there."""
    upgraded = ("18:00", P1)
    assert steps("18:30", upgraded) == [
        ("50%", "14:00", 1), ("aim", "18:00", 1), ("30m left", "18:00", 1), ("breach", "18:00", 1),
    ]  # fmt: skip
    assert steps("20:00", upgraded)[4:] == [("breach + 2h", "20:00", 1)]
    assert steps("23:59", upgraded)[5:] == [("breach + 2h", "21:00", 2)]


def test_a_downgrade_takes_back_no_step() -> None:
    assert steps("12:00", ("10:30", P1 | {"priority": "P2"}), priority="P1") == [
        ("50%", "10:00", 1), ("aim", "10:00", 1), ("30m left", "10:30", 1),
    ]  # fmt: skip


def test_a_pause_and_the_stop_reach_nothing() -> None:
    assert steps("23:00", ("12:00", DONE)) == []
