"""Changed policies that would write to many tickets wait for a person's word."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import pytest

from connectors.memory import MemoryConnector
from service.delivery import holds
from service.delivery.holds import AT_LEAST, MOST_SHARES, Hold, most, weigh
from service.delivery.items import Item
from service.delivery.outcome import Writes
from service.delivery.shares import Share, project_of, shares, tally
from service.passes.survey import survey
from service.setup.sources import Source
from service.state import keeping
from service.state.standing import stand, standing
from sla_engine.evaluate import evaluate
from sla_engine.plan import plan
from sla_engine.units import DAY, HOUR, MINUTE, Instant, Millis
from tests.conftest import examples
from tests.service.desks import T0, Desk, desk_over, policies, ticket

if TYPE_CHECKING:
    from pathlib import Path

    from sla_engine.model import Ticket

pytestmark = pytest.mark.usefixtures("each_backend")

Desked = tuple[Desk, MemoryConnector]
MANY = AT_LEAST + 5
STRICTER = policies(Millis(HOUR), "v2")
LATER = Instant(T0 + 2 * HOUR)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desked]:
    """More open tickets than may be written to unasked, all as policies of v1 want them."""
    with desk_over(tmp_path, [ticket(number) for number in range(1, MANY + 1)]) as (at, connector):
        at.run()
        yield at, connector


def edited(at: Desk) -> str:
    """The limit falls from four hours to one; the name of the plan that waits."""
    at.policies = STRICTER
    report = at.run_one(LATER)
    assert report.written == Writes()
    return report.held


def approve(at: Desk, name: str) -> bool:
    with at.store.write() as db:
        return holds.approve(db, name, at.now)


def test_nothing_is_written_and_the_numbers_are_exact(desk: Desked) -> None:
    at, connector = desk
    sent = len(connector.writes)
    name = edited(at)
    for later in (MINUTE, 5 * MINUTE, 2 * DAY):
        report = at.run(LATER + later)
        assert (report.exit_code(), report.sources[0].held) == (6, name)
    assert len(connector.writes) == sent
    with at.store.read() as db:
        (waiting,) = holds.waiting(db)
    assert (waiting.tickets, waiting.of) == (MANY, MANY)
    assert (waiting.comments, waiting.escalations) == (MANY, MANY)  # a breach each, an assignment
    assert waiting.words == (
        "the policies or time zone data changed, and would now write to 30 tickets (30 are open): "
        "90 fields, 30 comments, 30 escalations; 25 may be written to unasked; promise in SUP: 30"
    )


def test_it_is_told_whose_the_tickets_are(desk: Desked) -> None:
    """As kept, and after a while: of those that nobody promises anything any more, too."""
    at, _ = desk
    edited(at)
    with at.store.read() as db:
        (waiting,) = holds.waiting(db)
    assert waiting.shares == (Share("SUP", "promise", MANY),)
    many = [Share("SUP", f"p{n}", 2000 - n) for n in range(MOST_SHARES)] + [Share("", "", 3)]
    said = msgspec.structs.replace(waiting, shares=(*many, Share("OPS", "x", 1))).words
    assert "; p0 in SUP: 2 000, p1 in SUP: 1 999, " in said
    assert said.endswith(", 2 more")
    assert msgspec.structs.replace(waiting, shares=(many[-1],)).words.endswith("; no policy: 3")
    assert msgspec.structs.replace(waiting, shares=()).words.endswith("written to unasked")
    assert len(waiting.id) == 6


def test_a_ticket_counts_for_each_policy_that_judges_it() -> None:
    two = [ticket(1), ticket(2)]
    one, other = (Item(each, (), None) for each in two)
    verdict = evaluate(STRICTER, two[0], LATER)[0]
    both = (verdict, msgspec.structs.replace(verdict, policy="other"))
    found = tally([one, other], {two[0].ref: both})
    assert shares(found) == (
        Share("SUP", "", 1),
        Share("SUP", "other", 1),
        Share("SUP", "promise", 1),
    )


@pytest.mark.parametrize(
    ("key", "project"),
    [("SUP-118", "SUP"), ("INC0010001", "INC"), ("A2-7", "A2"), ("4711", ""), ("A_B-9", "A_B")],
)
def test_the_project_is_what_the_key_begins_with(key: str, project: str) -> None:
    assert project_of(key) == project


def test_a_plan_tells_what_will_wait_what_waits_and_what_was_approved(desk: Desked) -> None:
    at, connector = desk
    source = Source("desk", "memory", "write", "all", lambda: connector)

    def waiting(now: Instant) -> Hold | None:
        return survey(at.store, source, STRICTER, now).held(now)

    coming = waiting(LATER)
    name = edited(at)
    assert coming is not None
    assert waiting(LATER) == msgspec.structs.replace(coming, id=name)
    assert approve(at, name)
    assert waiting(LATER) is None
    again = waiting(Instant(LATER + DAY))  # the word is over
    assert again is not None
    assert (again.id, again.tickets) == ("", MANY)


def test_a_desk_that_never_wrote_waits_for_nobody(tmp_path: Path) -> None:
    tickets = [ticket(number) for number in range(1, MANY + 1)]
    with desk_over(tmp_path, tickets) as (at, connector):
        at.mode = "observe"
        at.run()
        source = Source("desk", "memory", "write", "all", lambda: connector)
        seen = survey(at.store, source, STRICTER, LATER)
        assert (len(seen.items), seen.held(LATER)) == (MANY, None)


def test_what_waits_is_not_judged_again_and_again(desk: Desked) -> None:
    at, _ = desk
    edited(at)
    at.run(LATER + MINUTE)
    assert at.run_one(LATER + 2 * MINUTE).judged == 0


def test_approved_it_is_written_whole_and_nothing_else_waits(desk: Desked) -> None:
    at, _ = desk
    name = edited(at)
    at.run(LATER + MINUTE)
    assert approve(at, name)
    at.limits = at.limits.__class__(comments=0)  # a person's word goes over the limits of a pass
    report = at.run_one(LATER + 2 * MINUTE)
    assert (report.held, report.written.tickets, report.written.comments) == ("", MANY, MANY)
    at.run(LATER + 3 * MINUTE)
    with at.store.read() as db:
        assert holds.find(db, "desk") is None


def test_only_what_waits_can_be_approved_and_once(desk: Desked) -> None:
    at, _ = desk
    assert not approve(at, "nosuch")
    name = edited(at)
    assert approve(at, name)
    assert not approve(at, name)


def test_undone_it_waits_for_nobody(desk: Desked) -> None:
    at, connector = desk
    edited(at)
    sent = len(connector.writes)
    at.policies = policies()
    report = at.run_one(LATER + MINUTE)
    assert (report.held, len(connector.writes)) == ("", sent)


def test_changed_once_more_it_waits_under_another_name(desk: Desked) -> None:
    at, _ = desk
    first = edited(at)
    assert approve(at, first)
    at.policies = policies(Millis(HOUR // 2), "v3")
    report = at.run_one(LATER + MINUTE)
    assert report.held not in ("", first)


def test_by_force_it_is_written_at_once(desk: Desked) -> None:
    at, _ = desk
    edited(at)
    at.force = True
    assert at.run_one(LATER + MINUTE).written.tickets == MANY


def test_killed_while_it_is_weighed_it_is_weighed_again(desk: Desked) -> None:
    """The note that the policies changed stands before anything is judged."""
    at, connector = desk
    at.policies = STRICTER
    at.stop = lambda: True
    at.run(LATER)
    at.stop = lambda: False
    sent = len(connector.writes)
    assert at.run_one(LATER + MINUTE).held
    assert len(connector.writes) == sent


def test_a_change_that_writes_little_asks_nobody(tmp_path: Path) -> None:
    with desk_over(tmp_path, [ticket(1)]) as (at, _):
        at.run()
        at.policies = STRICTER
        report = at.run_one(LATER)
        assert (report.held, report.written.tickets) == ("", 1)


@pytest.mark.parametrize(
    ("state", "tickets", "at", "written"),
    [
        ("weighing", 100, T0, True),
        ("weighing", 101, T0, False),
        ("approved", 1100, T0, True),
        ("approved", 1101, T0, False),
        ("approved", 1000, Instant(T0 + DAY - 1), True),
        ("approved", 1000, Instant(T0 + DAY), False),
        ("approved", 100, Instant(T0 + DAY), True),
    ],
)
def test_what_may_be_written(state: holds.State, tickets: int, at: Instant, written: bool) -> None:
    hold = Hold("desk", "v2", state, T0, "abc", 5000, 1000, approved_at=T0)
    held = weigh(hold, Writes(tickets=tickets), 5000, at, Counter())
    assert (held is None) is written
    assert most(5000) == 100


def as_wanted(one: Ticket) -> Ticket:
    """As policies of v1 have written it already."""
    wanted = policies()
    for change in plan(wanted, one, evaluate(wanted, one, T0), T0):
        one = msgspec.structs.replace(one, written=dict(change.fields))  # type: ignore[union-attr]  # fields alone
    return one


def test_an_edit_over_fifty_thousand_tickets_writes_nothing_within_a_minute(tmp_path: Path) -> None:
    """Of one core; with fewer tickets outside the deep tests. A plan tells the same before it and
    while it waits; and no more is remembered of what waits than its numbers."""
    count = examples(usual=500, deep=50_000)
    model = as_wanted(ticket(1))
    tickets = (
        msgspec.structs.replace(ticket(number), written=model.written)
        for number in range(1, count + 1)
    )
    with desk_over(tmp_path, tickets) as (at, connector):
        with at.store.write() as db:
            armed = standing(db, "desk")
            stand(db, msgspec.structs.replace(armed, mode="write", policies="v1", armed_at=T0))
        at.run()
        assert connector.writes == []
        at.policies = STRICTER
        source = Source("desk", "memory", "write", "all", lambda: connector)
        times = [time.process_time()]
        coming = survey(at.store, source, STRICTER, LATER).held(LATER)
        times.append(time.process_time())
        report = at.run_one(LATER)
        times.append(time.process_time())
        assert report.held
        assert connector.writes == []
        assert (report.items, report.planned.tickets) == ((), count)
        with at.store.read() as db:
            (waiting,) = holds.waiting(db)
            assert keeping.count(db, "desk") == count
        assert coming == msgspec.structs.replace(waiting, id="")
        assert (waiting.tickets, waiting.fields) == (count, 3 * count)
        assert (waiting.comments, waiting.escalations) == (count, count)
        planning, running = (later - earlier for earlier, later in pairwise(times))
        assert max(planning, running) < 60, f"{planning:.1f} s to plan, {running:.1f} s to run"
        assert survey(at.store, source, STRICTER, LATER).held(LATER) == waiting


def test_other_time_zone_data_wait_like_changed_policies(desk: Desked) -> None:
    at, _ = desk
    at.run_one(T0 + MINUTE)
    at.policies = policies(Millis(HOUR), "v1")  # as other zones might have it, by the same policies
    assert at.run_one(T0 + 2 * MINUTE).judged == 0
    with at.store.write() as db:
        stand(db, msgspec.structs.replace(standing(db, "desk"), tzdata="1970a"))
    report = at.run_one(T0 + 3 * MINUTE)
    assert (report.judged, report.written) == (MANY, Writes())
    assert approve(at, report.held)
    assert at.run_one(T0 + 4 * MINUTE).written.tickets == MANY
    with at.store.read() as db:
        assert holds.waiting(db) == []


def test_time_zone_data_of_which_nothing_is_known_are_no_change(desk: Desked) -> None:
    at, _ = desk
    at.run_one(T0 + MINUTE)
    with at.store.write() as db:
        stand(db, msgspec.structs.replace(standing(db, "desk"), tzdata=""))
    assert at.run_one(T0 + 2 * MINUTE).judged == 0
