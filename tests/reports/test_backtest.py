"""What a change of policies would do, as a screen, a comment and JSON: the answer first."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import screen
from reports.backtest import Backtest, by_weight, headline, percent, points
from reports.backtest_json import backtest_json
from reports.backtest_markdown import backtest_markdown
from reports.backtest_text import render_backtest
from reports.backtest_words import because, change_text, promise_of, used
from reports.sparkline import BARS, floor_of, sparkline
from sla_engine.attainment import Attainment, Period, Tally
from sla_engine.comparison import Comparison, Trial, joined
from sla_engine.differences import Difference, Fate, Side, Why
from sla_engine.model import Ref, Ticket
from sla_engine.terms import Choice, Policies
from sla_engine.units import HOUR, Instant, Millis
from tests.reports.desk import (
    AT_RISK,
    GOLD,
    MISSED,
    NIGHT,
    NOW,
    PAUSED,
    POLICIES,
    at,
    clock,
    target,
)

Golden = Callable[[str, str], None]
BERLIN = ZoneInfo("Europe/Berlin")
NOVEMBER = Period(at("01T00:00:00"), NOW)
HOLED = msgspec.structs.replace(
    MISSED, ref=Ref("jira/acme", "SUP-9", "9"), incomplete="history was cut off"
)
TICKETS = (MISSED, AT_RISK, PAUSED, NIGHT, HOLED)


def draft(limit: str = "3h", version: str = "b77e021") -> Policies:
    """The desk's policies with shorter targets for resolution, and none for first responses."""
    stricter = Choice(("priority",), {"P1": Choice(default=target(9, limit))}, target(10, "30m"))
    gold = msgspec.structs.replace(GOLD, clocks=(clock("resolution", stricter),))
    return msgspec.structs.replace(POLICIES, policies=(gold,), version=version)


def backtest(
    after: Policies | None = None, period: Period = NOVEMBER, tickets: tuple[Ticket, ...] = TICKETS
) -> Backtest:
    trial = Trial(POLICIES, after or draft(), period)
    found = Comparison()
    for one in tickets:
        found.add(trial, one, one)
    return Backtest("main", "working tree", trial, joined([found]))


def shown(told: Backtest, most: int | None = None) -> str:
    return screen.text(render_backtest(told, zone=BERLIN, most=most))


def test_the_screen_reads_as_agreed(golden: Golden) -> None:
    golden("reports/backtest.txt", shown(backtest()))


def test_the_comment_reads_as_agreed(golden: Golden) -> None:
    golden("reports/backtest.md", backtest_markdown(backtest(), zone=BERLIN))


def test_the_json_reads_as_agreed(golden: Golden) -> None:
    golden("reports/backtest.json", f"{json.dumps(backtest_json(backtest()), indent=2)}\n")


def test_where_nothing_changes_the_screen_says_so(golden: Golden) -> None:
    golden("reports/backtest_same.txt", shown(backtest(POLICIES)))


def test_where_nothing_was_decided_no_share_is_made_up() -> None:
    early = Period(Instant(0), at("02T00:00:00"))
    told = backtest(period=early)
    assert headline(told.found) == "Nothing was decided in this time."
    assert "%" not in shown(told)
    assert "%" not in backtest_markdown(told, zone=BERLIN)


def test_a_whole_history_is_called_so() -> None:
    told = backtest(period=Period(Instant(0), NOW))
    assert shown(told).endswith("5 tickets, whole history · nothing was written\n")
    later = backtest(period=Period(Instant(1), NOW))
    assert shown(later).endswith("5 tickets since 1 Jan 1970 · nothing was written\n")


def test_one_side_without_a_decision_is_no_silence() -> None:
    told = backtest(tickets=(PAUSED,), period=Period(at("20T10:00:00"), NOW))
    assert headline(told.found).startswith("Met — → 0.0 % (—): 1 new breach")


WEIGHTS = [
    (("met", "breached"), "1 new breach, 0 gone"),
    (("breached", "met"), "0 new breaches, 1 gone"),
    (("met", "tolerated"), "0 new breaches, 0 gone, 1 other change"),
    (("met", None), "0 new breaches, 0 gone, 1 no longer promised"),
    (("breached", "unpromised"), "0 new breaches, 0 gone, 1 no longer promised"),
    ((None, "breached"), "1 new breach, 0 gone"),
    ((None, "met"), "0 new breaches, 0 gone, 1 other change"),
]


@pytest.mark.parametrize(("fates", "said"), WEIGHTS)
def test_a_change_weighs_what_it_does(fates: tuple[Fate | None, Fate | None], said: str) -> None:
    before, after = (None if fate is None else side(fate=fate) for fate in fates)
    tally: Tally = Counter({(("p", "c"), Instant(0), "met"): 1})
    found = Comparison(1, tally, tally, [difference(before, after, "rules")])
    assert headline(found) == f"Met 100.0 % (0.0 pt): {said}."


def test_what_weighs_most_comes_first() -> None:
    found = Comparison()
    for fates, _ in reversed(WEIGHTS):
        before, after = (None if fate is None else side(fate=fate) for fate in fates)
        found.differences.append(difference(before, after, "rules"))
    order = [change_text(one) for one in by_weight(found)]
    assert order[:2] == ["no promise → missed", "met → missed"]
    assert order[2] == "missed → met"
    assert set(order[3:5]) == {"missed → no promise", "met → no promise"}


def test_what_is_not_listed_is_counted() -> None:
    told = backtest()
    assert len(told.found.differences) > 1
    rest = len(told.found.differences) - 1
    assert f"… and {rest} more; --all lists them" in shown(told, most=1)
    assert f"… and {rest} more." in backtest_markdown(told, zone=BERLIN, most=1)


def test_no_name_steers_the_markdown() -> None:
    evil = msgspec.structs.replace(AT_RISK, ref=Ref("jira", "A|<b>`x`\n# B", "1"))
    comment = backtest_markdown(backtest(tickets=(evil,)), zone=BERLIN)
    (row,) = [line for line in comment.splitlines() if "resolution | " in line and "A" in line]
    assert row.startswith(r"| A\|\<b\>\`x\` \# B | gold.resolution |")
    assert len(re.findall(r"(?<!\\)\|", row)) == 6


@pytest.mark.parametrize(
    ("met", "breached", "said"),
    [
        (0, 0, "—"),
        (1, 0, "100.0 %"),
        (0, 1, "0.0 %"),
        (1, 1, "50.0 %"),
        (99_999, 1, "99.9 %"),
        (1, 99_999, "0.1 %"),
        (2, 1, "66.7 %"),
    ],
)
def test_a_percentage_is_all_or_nothing_only_where_it_is(
    met: int, breached: int, said: str
) -> None:
    assert percent(Attainment(met, breached)) == said


counts = st.builds(Attainment, st.integers(0, 10**6), st.integers(0, 10**6))


@given(counts, counts)
def test_points_are_what_the_percentages_differ_by(before: Attainment, after: Attainment) -> None:
    said = points(before, after)
    if before.share is None or after.share is None:
        assert said == "—"
    else:
        old, new = (float(percent(one).removesuffix(" %")) for one in (before, after))
        assert float(said.removesuffix(" pt")) == pytest.approx(new - old)
        assert said == "0.0 pt" or said[0] in "+-"


def side(policy: str = "gold", **says: object) -> Side:
    plain = Side(policy, 1, "met", Instant(0), True, None, Millis(4 * HOUR), Millis(2 * HOUR))
    return msgspec.structs.replace(plain, **says)


def difference(before: Side | None, after: Side | None, *why: Why, of: str = "") -> Difference:
    return Difference(Ref("jira", "SUP-1", "1"), "resolution", of, before, after, why)


OPEN = side(fate="open", stopped=False, at=None)
WORDS = [
    (
        difference(side(), side(fate="breached", limit=Millis(HOUR)), "limit"),
        ("gold.resolution", "met → missed", "limit 4 h → 1 h", "2 h"),
    ),
    (
        difference(OPEN, side(fate="breached", stopped=False), "calendar", "pause"),
        ("gold.resolution", "open → breached", "calendar, pauses", "2 h"),
    ),
    (
        difference(side("silver"), side(fate="tolerated", aim=Millis(HOUR)), "match", "aim"),
        (
            "gold.resolution",
            "met → met, over the aim",
            "policy silver → gold, aim none → 1 h",
            "2 h",
        ),
    ),
    (
        difference(side(), None, "match"),
        ("gold.resolution", "met → no promise", "policy gold → none", ""),
    ),
    (
        difference(None, side("new"), "match", of="Network"),
        ("new.resolution of Network", "no promise → met", "policy none → new", ""),
    ),
    (
        difference(side(), side(fate="cancelled", elapsed=Millis(HOUR)), "start", "stop", "rules"),
        (
            "gold.resolution",
            "met → cancelled",
            "start condition, stop condition, rules",
            "2 h → 1 h",
        ),
    ),
]


@pytest.mark.parametrize(("one", "said"), WORDS)
def test_a_change_in_words(one: Difference, said: tuple[str, ...]) -> None:
    assert (promise_of(one), change_text(one), because(one), used(one)) == said


def test_bars_go_from_the_floor_to_all_of_it() -> None:
    assert sparkline([0.4, 0.71, 0.999, 1.0, None, 0.1], 0.4) == "▁▄▆▇·▁"


shares = st.lists(st.none() | st.floats(0, 1), min_size=1)


@given(shares)
def test_the_full_bar_is_kept_for_all(given_shares: list[float | None]) -> None:
    floor = floor_of(given_shares)
    bars = sparkline(given_shares, floor)
    assert 0 <= floor <= 0.9
    assert len(bars) == len(given_shares)
    for bar, share in zip(bars, given_shares, strict=True):
        assert (bar == "·") == (share is None)
        assert (bar == BARS[-1]) == (share == 1)


@given(shares)
def test_a_better_week_has_no_smaller_bar(given_shares: list[float | None]) -> None:
    known = sorted(share for share in given_shares if share is not None)
    bars = sparkline(known, floor_of(known))
    assert list(bars) == sorted(bars)
