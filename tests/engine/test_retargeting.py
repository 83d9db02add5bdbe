"""Targets that change while a clock runs."""

from __future__ import annotations

from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.retargeting import held, is_retargeted, prorated
from sla_engine.signals import ROUND_THE_CLOCK, Signals
from sla_engine.units import HOUR, Millis

UNDER = Signals(
    clock="resolution", matched=True, owned=True, start=False, start_rest=False, stop=False,
    stop_rest=False, cancel=False, reset=False, reset_rest=False, pause=False, pause_reason="",
    until=False, spoke=False, promised=True, limit=Millis(10 * HOUR), aim=Millis(5 * HOUR),
    calendar=ROUND_THE_CLOCK, target_index=0,
)  # fmt: skip
LENGTHS = st.integers(0, 10**9).map(Millis)
LIMITS = st.none() | st.integers(1, 10**9).map(Millis)


def under(limit: Millis | None, index: int = 1, **more: object) -> Signals:
    return msgspec.structs.replace(UNDER, limit=limit, aim=None, target_index=index, **more)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(under(Millis(HOUR)), True, id="another row with another limit"),
        pytest.param(under(Millis(10 * HOUR)), True, id="another aim"),
        pytest.param(under(None, promised=False), True, id="no row any more"),
        pytest.param(msgspec.structs.replace(UNDER, target_index=1), False, id="it says the same"),
        pytest.param(under(Millis(HOUR), 0), False, id="the same row on a calendar of longer days"),
    ],
)
def test_a_target_changes_where_another_row_says_something_else(
    now: Signals, expected: bool
) -> None:
    assert is_retargeted(UNDER, now) is expected


@pytest.mark.parametrize("limit", [None, HOUR, Millis(20 * HOUR)])
def test_sticky_holds_on_and_carry_does_not(limit: Millis | None) -> None:
    now = under(limit)
    assert held("sticky", UNDER, now) == UNDER
    assert held("carry", UNDER, now) is now


@given(LIMITS, LIMITS)
def test_strictest_is_the_lowest_where_there_is_one(
    one: Millis | None, other: Millis | None
) -> None:
    kept = held("strictest", under(one, 1), under(other, 2)).limit
    assert kept == min((limit for limit in (one, other) if limit is not None), default=None)


@given(st.lists(st.tuples(LENGTHS, LIMITS), min_size=1, max_size=6), LIMITS)
def test_what_is_used_and_what_is_left_come_to_the_whole(
    spans: list[tuple[Millis, Millis | None]], limit: Millis | None
) -> None:
    """Whatever came before: after what is left of the moved limit the shares add up to 1, and a
    millisecond more is too much."""
    told: list[tuple[Millis, Signals]] = []
    for counted, other in spans:
        told.append((counted, prorated(told, under(other))))
    now = prorated(told, under(limit))
    if limit is None or now.limit is None:
        assert now.limit is limit
        return
    spent = sum((Fraction(counted, other) for counted, other in spans if other), Fraction(0))
    left = now.limit - sum(counted for counted, _ in spans)
    assert spent + Fraction(left, limit) <= 1 < spent + Fraction(left + 1, limit)
    assert now.limit - now.shift == limit


def test_under_one_target_nothing_moves() -> None:
    assert prorated([(Millis(7), UNDER), (Millis(HOUR), UNDER)], UNDER) == UNDER


def test_the_aim_moves_along() -> None:
    half = [(Millis(5 * HOUR), UNDER)]
    now = prorated(half, msgspec.structs.replace(UNDER, limit=Millis(2 * HOUR), aim=HOUR))
    assert (now.limit, now.aim) == (6 * HOUR, 5 * HOUR)
