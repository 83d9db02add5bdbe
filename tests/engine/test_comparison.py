"""History under two sets of policies: the same promises on both sides, and why they differ."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_engine.attainment import Attainment, Period, by_promise
from sla_engine.comparison import Comparison, Trial, joined
from sla_engine.differences import pairs
from sla_engine.evaluate import evaluate
from sla_engine.model import Ref, Ticket
from sla_engine.terms import Policies
from sla_engine.units import Instant
from tests.engine.desk import (
    DONE,
    OPEN,
    RICH,
    STAFF,
    WAITING,
    at,
    histories,
    policies,
    ticket,
)

NOVEMBER = Period(at("2026-11-01 00:00"), at("2026-12-01 00:00"))


def promise(says: str = "", *, name: str = "gold", limit: str = "4h", match: str = "SUP") -> str:
    return f"""
  {name}:
    match: {{project: {match}}}
    calendar: {{by: priority, P1: 24x7, default: mon-fri 09:00-17:00 UTC}}
    targets: {{resolution: {limit}}}
    {says}
"""


def under(*texts: str) -> Policies:
    return policies("policies:" + "".join(texts))


def compared(
    before: Policies, after: Policies, tickets: Sequence[Ticket], period: Period = NOVEMBER
) -> Comparison:
    found = Comparison()
    trial = Trial(before, after, period)
    for one in tickets:
        found.add(trial, one, one)
    return found


def numbered(*tickets: Ticket) -> list[Ticket]:
    return [
        msgspec.structs.replace(one, ref=Ref("desk", f"SUP-{n}", str(n)))
        for n, one in enumerate(tickets, 1)
    ]


FIVE_HOURS = ticket("09:00", ("14:00", STAFF, DONE))
PAUSED = ticket("09:00", ("10:00", STAFF, WAITING), ("12:00", STAFF, OPEN), ("14:00", STAFF, DONE))
REOPENED = ticket("09:00", ("10:00", STAFF, DONE), ("12:00", STAFF, OPEN), ("14:00", STAFF, DONE))
LATE = ticket("16:00", ("2026-11-17 11:00", STAFF, DONE))

WHY = [
    # before, after, what happened, before → after, why
    (promise(limit="6h"), promise(), FIVE_HOURS, ("met", "breached"), ("limit",)),
    (promise(), promise(limit="6h"), FIVE_HOURS, ("breached", "met"), ("limit",)),
    (
        promise(limit="{aim: 2h, limit: 6h}"),
        promise(limit="6h"),
        FIVE_HOURS,
        ("tolerated", "met"),
        ("aim",),
    ),
    (promise(), promise(match="OPS"), FIVE_HOURS, ("breached", None), ("match",)),
    (promise(match="OPS"), promise(), FIVE_HOURS, (None, "breached"), ("match",)),
    (
        promise(name="gold"),
        promise(name="lead", limit="6h"),
        FIVE_HOURS,
        ("breached", "met"),
        ("match", "limit"),
    ),
    (
        promise(),
        promise("pause: {status: Waiting for customer}"),
        PAUSED,
        ("breached", "met"),
        ("pause",),
    ),
    (
        promise(limit="2h"),
        promise("reopen: ignore", limit="2h"),
        REOPENED,
        ("breached", "met"),
        ("stop",),
    ),
    (
        promise(),
        promise("clocks: {resolution: {start: {status: Waiting for customer}}}"),
        PAUSED,
        ("breached", "met"),
        ("start",),
    ),
    (
        promise("calendar: 24x7").replace("calendar: {by", "owner: x\n    #"),
        promise("calendar: mon-fri 09:00-17:00 UTC").replace("calendar: {by", "owner: x\n    #"),
        LATE,
        ("breached", "met"),
        ("calendar",),
    ),
]


WHY += [
    (  # the same aim is no reason
        promise(limit="{aim: 2h, limit: 6h}"),
        promise(limit="{aim: 2h, limit: 4h}"),
        FIVE_HOURS,
        ("tolerated", "breached"),
        ("limit",),
    ),
    (  # another calendar that makes no difference here is none
        promise(limit="6h"),
        promise().replace("default: mon-fri 09:00-17:00 UTC", "default: mon-fri 09:00-18:00 UTC"),
        FIVE_HOURS,
        ("met", "breached"),
        ("limit",),
    ),
    (  # the clock runs through a change of the target as it runs without one
        promise(limit="{P1: 6h, default: 6h1m}"),
        promise(limit="4h").replace("P1: 24x7, ", ""),
        ticket("09:00", ("10:00", STAFF, {"priority": "P1"}), ("14:00", STAFF, DONE)),
        ("met", "breached"),
        ("limit",),
    ),
]


@pytest.mark.parametrize(("before", "after", "whole", "fates", "why"), WHY)
def test_why_a_promise_fares_otherwise(
    before: str,
    after: str,
    whole: Ticket,
    fates: tuple[str | None, str | None],
    why: tuple[str, ...],
) -> None:
    (found,) = compared(under(before), under(after), [whole]).differences
    assert tuple(side and side.fate for side in (found.before, found.after)) == fates
    assert found.because == why


def test_a_calendar_of_the_same_name_that_means_something_else_is_a_reason() -> None:
    text = "calendars: {{office: {{tz: UTC, hours: {hours}}}}}\npolicies:{policy}"
    policy = promise().replace(
        "{by: priority, P1: 24x7, default: mon-fri 09:00-17:00 UTC}", "office"
    )
    paused = promise("pause: {status: Waiting for customer}").replace(
        "{by: priority, P1: 24x7, default: mon-fri 09:00-17:00 UTC}", "office"
    )
    before = policies(text.format(hours="mon-fri 09:00-17:00", policy=policy))
    after = policies(text.format(hours="mon-fri 09:00-16:00", policy=paused))
    (found,) = compared(before, after, [PAUSED]).differences
    assert found.because == ("pause", "calendar")


@pytest.mark.parametrize(
    ("whole", "stopped"), [(FIVE_HOURS, True), (ticket(), False)], ids=["missed", "breached"]
)
def test_a_missed_promise_is_told_from_one_that_is_open_and_over(
    whole: Ticket, stopped: bool
) -> None:
    (found,) = compared(under(promise(limit="900h")), under(promise()), [whole]).differences
    assert found.after is not None
    assert (found.after.fate, found.after.stopped) == ("breached", stopped)


def test_an_open_ticket_is_told_of_when_its_promise_comes_or_goes() -> None:
    early = Period(NOVEMBER.since, at("10:00"))
    (found,) = compared(
        under(promise()), under(promise(match="OPS")), [ticket()], early
    ).differences
    assert found.before is not None
    assert (found.before.fate, found.before.at) == ("open", None)
    assert found.after is None


def test_both_sides_are_told_of_the_same_promises() -> None:
    """Under two hours the limit passed on the day before; the share must not lose the ticket."""
    night = ticket("2026-11-02 14:00", ("2026-11-03 09:30", STAFF, DONE))
    third = Period(at("2026-11-03 00:00"), NOVEMBER.until)
    found = compared(under(promise()), under(promise(limit="2h")), [night], third)
    assert by_promise(found.before) == {("gold", "resolution"): Attainment(1)}
    assert by_promise(found.after) == {("gold", "resolution"): Attainment(0, 1)}


def test_what_is_settled_outside_the_period_on_both_sides_is_no_matter() -> None:
    december = Period(at("2026-12-01 00:00"), at("2026-12-31 00:00"))
    found = compared(under(promise(limit="6h")), under(promise()), [FIVE_HOURS], december)
    assert (found.tickets, found.before, found.after, found.differences) == (1, {}, {}, [])


def test_a_ticket_of_after_the_period_is_not_there() -> None:
    terms = under(promise())
    found = [
        compared(terms, terms, [FIVE_HOURS], Period(Instant(0), at(until))).tickets
        for until in ("09:00", "09:01")
    ]
    assert found == [0, 1]


HOLED = msgspec.structs.replace(FIVE_HOURS, incomplete="history was cut")


@pytest.mark.parametrize(
    ("match", "since", "left_out"),
    [("SUP", "00:00", 1), ("OPS", "00:00", 0), ("SUP", "14:00", 1), ("SUP", "14:01", 0)],
    ids=["promised", "nobody's", "just done", "long done"],
)
def test_a_history_with_holes_is_left_out_and_counted(
    match: str, since: str, left_out: int
) -> None:
    terms = under(promise(match=match))
    found = compared(terms, terms, [HOLED], Period(at(since), NOVEMBER.until))
    assert len(found.holes) == left_out
    assert not found.before


@pytest.mark.parametrize("holed", [(HOLED, FIVE_HOURS), (FIVE_HOURS, HOLED)], ids=["old", "new"])
@pytest.mark.parametrize("match", [("SUP", "OPS"), ("OPS", "SUP")], ids=["was", "will"])
def test_a_hole_on_either_side_is_one(holed: tuple[Ticket, Ticket], match: tuple[str, str]) -> None:
    before, after = (under(promise(match=one)) for one in match)
    found = Comparison()
    found.add(Trial(before, after, NOVEMBER), *holed)
    assert [why for _, why in found.holes] == ["history was cut"]
    assert found.before == found.after == {}


def test_verdicts_are_paired_by_policy_and_else_by_clock() -> None:
    old = evaluate(under(promise()), FIVE_HOURS, NOVEMBER.until)
    new = evaluate(under(promise(name="lead")), FIVE_HOURS, NOVEMBER.until)
    (gold,), (lead,) = old, new
    assert list(pairs([gold], [lead])) == [(gold, lead)]
    ops = msgspec.structs.replace(gold, policy="ops")
    again = msgspec.structs.replace(lead, cycle=2)
    assert list(pairs([gold, ops], [lead, again, ops])) == [
        (ops, ops),
        (gold, lead),
        (None, again),
    ]


@given(histories)
def test_the_same_policies_make_no_difference(whole: Ticket) -> None:
    found = compared(RICH, RICH, [whole])
    assert not found.differences
    assert found.before == found.after


TIGHTER = under(promise("pause: {status: Waiting for customer}", limit="{P1: 1h, default: 3h}"))


@given(st.lists(histories, max_size=6), st.lists(st.integers(0, 2), min_size=6, max_size=6))
def test_it_does_not_matter_how_tickets_are_shared_out(
    wholes: list[Ticket], shares: list[int]
) -> None:
    tickets = numbered(*wholes)
    parts = [
        compared(RICH, TIGHTER, [t for t, to in zip(tickets, shares, strict=False) if to == share])
        for share in range(3)
    ]
    whole = joined(parts)
    assert whole == joined([compared(RICH, TIGHTER, tickets)])
    assert whole.tickets == len(tickets)
    for tally in (whole.before, whole.after):
        assert tally.total() == sum(
            len(evaluate(terms, one, NOVEMBER.until))
            for terms in ((RICH,) if tally is whole.before else (TIGHTER,))
            for one in tickets
        )


@given(st.lists(histories, max_size=4))
def test_every_difference_of_counts_has_its_tickets(wholes: list[Ticket]) -> None:
    found = compared(RICH, TIGHTER, numbered(*wholes))
    new, gone = (
        sum(breached(side) for side in sides)
        for sides in (
            [(one.after, one.before) for one in found.differences],
            [(one.before, one.after) for one in found.differences],
        )
    )
    before, after = (
        sum(one.breached for one in by_promise(tally).values())
        for tally in (found.before, found.after)
    )
    assert after - before == new - gone


def breached(sides: tuple[object, object]) -> bool:
    here, there = (getattr(side, "fate", None) for side in sides)
    return here == "breached" != there


def test_differences_say_which_ticket() -> None:
    first, second, third, fourth = numbered(FIVE_HOURS, FIVE_HOURS, HOLED, HOLED)
    tickets = [second, first, fourth, third]
    found = joined([compared(under(promise(limit="6h")), under(promise()), tickets)])
    assert [one.ref.key for one in found.differences] == ["SUP-1", "SUP-2"]
    assert [ref.key for ref, _ in found.holes] == ["SUP-3", "SUP-4"]
