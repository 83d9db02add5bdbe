"""A plan applied: exactly what it says, once, as far as it still holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import pytest

from connectors.base import AuthError, ConnectorError, UnreachableError
from connectors.memory import Fault, MemoryConnector
from service.delivery import deeds, runs
from service.errands.applying import Applied, apply_plan, planned
from service.errands.errands import PORTION
from service.errands.plan_file import Plan
from service.passes.pass_terms import Terms
from service.passes.survey import refresh, survey
from service.setup.sources import Source
from service.state import keeping
from service.state.standing import standing
from sla_engine.changes import AddComment, SetFields
from sla_engine.units import HOUR, MINUTE, Instant
from tests.service.desks import ADA, T0, Desk, desk_over, policies, ticket

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("each_backend")

LATE = Instant(T0 + 5 * HOUR)
SOON = Instant(LATE + MINUTE)


class Site(NamedTuple):
    desk: Desk
    connector: MemoryConnector

    def source(self) -> Source:
        return Source("desk", "memory", "write", "all", lambda: self.connector)

    def plan(self, now: Instant = LATE) -> Plan:
        refresh(self.desk.store, self.source(), now)
        seen = survey(self.desk.store, self.source(), self.desk.policies, now)
        tickets = tuple(planned(item, ()) for item in seen.items)
        return Plan("then", "ada", now, self.desk.policies.version, tickets, sha256="f" * 64)

    def apply(self, plan: Plan, now: Instant = SOON, *, dry: bool = False) -> Applied:
        self.connector.now = now
        terms = Terms(self.desk.policies, lambda: now)
        return apply_plan(self.desk.store, [self.source()], plan, terms, now, dry=dry)

    def entries(self) -> list[tuple[str, str]]:
        """(run, kind of change) of everything that was written."""
        with self.desk.store.read() as db:
            return [
                (run.id, type(entry.change).__name__)
                for run in reversed(runs.latest(db, 99))
                for entry in runs.entries(db, run.id)
            ]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Two tickets that were on track when a pass looked last, and are late by now."""
    with desk_over(tmp_path, [ticket(1), ticket(2)]) as (desk, connector):
        desk.run(T0)
        connector.writes.clear()
        yield Site(desk, connector)


def fates(applied: Applied) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in applied.left:
        found.setdefault(one.ref.key, set()).add(one.fate)
    return found


def test_it_writes_exactly_what_the_plan_says(site: Site) -> None:
    plan = site.plan()
    applied = site.apply(plan)
    assert site.connector.writes == [c for one in plan.tickets for c in one.changes]
    assert [type(c).__name__ for c in plan.tickets[0].changes] == [
        "SetFields",
        "AddComment",
        "Assign",
    ]
    assert applied.left == ()
    assert applied.report.exit_code() == 0
    assert applied.report.sources[0].written.tickets == 2


def test_a_second_time_it_does_nothing(site: Site) -> None:
    plan = site.plan()
    site.apply(plan)
    kept = site.entries()
    site.connector.writes.clear()
    again = site.apply(plan)
    assert site.connector.writes == []
    assert fates(again) == {"SUP-1": {"done"}, "SUP-2": {"done"}}
    assert again.report.exit_code() == 0
    assert site.entries() == kept


def test_a_pass_afterwards_has_nothing_to_do(site: Site) -> None:
    site.apply(site.plan())
    site.connector.writes.clear()
    report = site.desk.run_one(SOON)
    assert (report.written.tickets, site.connector.writes) == (0, [])
    assert report.judged == 2, "what was applied is judged again"


def test_a_look_changes_nothing(site: Site) -> None:
    plan = site.plan()
    before = site.entries()
    looked = site.apply(plan, dry=True)
    assert {i.changes for i in looked.report.sources[0].items} == {p.changes for p in plan.tickets}
    assert site.connector.writes == []
    assert site.entries() == before
    with site.desk.store.read() as db:
        assert len(runs.latest(db, 99)) == 1


def test_what_people_touched_since_is_left_alone(site: Site) -> None:
    plan = site.plan()
    site.connector.add_event("2", "status_category", "done", ADA, SOON)
    applied = site.apply(plan)
    assert {change.ref.key for change in site.connector.writes} == {"SUP-1"}
    assert fates(applied) == {"SUP-2": {"stale"}}
    assert {one.why for one in applied.left} == {"Ada Lovelake set status_category to done since"}


def test_a_ticket_that_is_gone_is_told(site: Site) -> None:
    plan = site.plan()
    site.connector.remove("2")
    assert fates(site.apply(plan)) == {"SUP-2": {"stale"}}


def test_a_plan_does_not_outlive_the_next_step(site: Site) -> None:
    """Planned before the breach, applied after it: what it says is not true any more."""
    plan = site.plan(Instant(T0 + 3 * HOUR + MINUTE))
    assert plan.tickets[0].holds_until is not None
    assert T0 + 4 * HOUR <= plan.tickets[0].holds_until <= T0 + 4 * HOUR + 1000
    applied = site.apply(plan, LATE)
    assert site.connector.writes == []
    assert fates(applied) == {"SUP-1": {"stale"}, "SUP-2": {"stale"}}


def test_what_a_pass_did_meanwhile_is_not_done_again(site: Site) -> None:
    plan = site.plan()
    site.desk.run(LATE)
    site.connector.writes.clear()
    assert fates(site.apply(plan)) == {"SUP-1": {"done"}, "SUP-2": {"done"}}
    assert site.connector.writes == []


def test_every_write_is_kept_under_the_run(site: Site) -> None:
    applied = site.apply(site.plan())
    name = applied.report.run
    kinds = [kind for run, kind in site.entries() if run == name]
    assert kinds == ["SetFields", "AddComment", "Assign"] * 2
    with site.desk.store.read() as db:
        run = runs.find(db, name)
        entries = runs.entries(db, name)
    assert run == runs.Run(name, "apply", SOON, "v1", "f" * 64)
    assert isinstance(entries[0].change, SetFields)
    assert entries[0].before["SLA status"] == "On track"
    assert entries[1].remote_id


def test_without_an_intent_nothing_is_sent_twice_after_a_lost_answer(site: Site) -> None:
    """The comment arrived and the answer did not: the next try sees it and goes on."""
    site.connector.faults.extend(
        [Fault("confirmed", applied=True), Fault("doubtful", applied=True), Fault("retryable")]
    )
    plan = site.plan()
    site.apply(plan)
    again = site.apply(plan)
    comments = [c for c in site.connector.writes if isinstance(c, AddComment)]
    assert len({c.key for c in comments if c.ref.key == "SUP-1"}) == len(
        [c for c in comments if c.ref.key == "SUP-1"]
    )
    assert again.report.exit_code() == 0
    with site.desk.store.read() as db:
        assert deeds.counts(db, "desk") == {"done": 4}


def test_what_is_in_doubt_is_left_and_told(site: Site) -> None:
    site.connector.faults.extend([Fault("confirmed", applied=True), Fault("doubtful")])
    plan = site.plan()
    site.apply(plan)
    again = site.apply(plan)
    assert "doubt" in fates(again)["SUP-1"]
    site.connector.writes.clear()
    later = site.apply(plan, Instant(SOON + 11 * MINUTE))
    assert [type(c).__name__ for c in site.connector.writes] == ["AddComment"]
    assert fates(later) == {"SUP-1": {"done"}, "SUP-2": {"done"}}


def test_a_broken_connection_is_told_and_nothing_is_lost(site: Site) -> None:
    plan = site.plan()
    site.connector.broken = UnreachableError("no answer")
    applied = site.apply(plan)
    assert applied.report.exit_code() == 5
    site.connector.broken = None
    assert site.apply(plan).report.sources[0].written.tickets == 2


def test_a_failure_in_the_middle_stops_there_and_the_next_try_goes_on(site: Site) -> None:
    class Broken(MemoryConnector):
        def fetch(self, refs):  # type: ignore[no-untyped-def]  # as the connector's
            raise ConnectorError("of all things")

    plan = site.plan()
    broken = Source("desk", "memory", "write", "all", lambda: Broken("desk"))
    terms = Terms(site.desk.policies, lambda: SOON)
    applied = apply_plan(site.desk.store, [broken], plan, terms, SOON, dry=False)
    assert applied.report.exit_code() == 3
    assert site.apply(plan).report.sources[0].written.tickets == 2


def test_a_plan_applied_on_a_new_desk_arms_it(tmp_path: Path) -> None:
    with desk_over(tmp_path, [ticket(1)]) as (desk, connector):
        site = Site(desk, connector)
        plan = site.plan()
        assert [type(c).__name__ for c in plan.tickets[0].changes] == ["SetFields"]
        site.apply(plan)
        with desk.store.read() as db:
            assert standing(db, "desk").armed_at == SOON
        report = desk.run_one(SOON)
        assert (report.first, report.written.comments) == (False, 0)


def test_other_policies_are_judged_again_in_the_next_pass(site: Site) -> None:
    site.desk.policies = policies(version="v2")
    plan = site.plan()
    site.apply(plan)
    with site.desk.store.read() as db:
        assert standing(db, "desk").policies == "v2"
        assert keeping.due(db, "desk", SOON) == ["1", "2"]


def test_what_arrived_before_a_kill_belongs_to_the_run_that_sent_it(site: Site) -> None:
    """Written to the ticket, and killed before the outcome could be kept."""
    plan = site.plan()
    first = plan.tickets[0]
    with site.desk.store.write() as db:
        name = runs.begin(db, "apply", LATE, plan.policies, plan.sha256).id
        deeds.intend(db, [c for c in first.changes if not isinstance(c, SetFields)], LATE)
    site.connector.now = LATE
    site.connector.write(first.ref, first.changes[:2])
    site.connector.writes.clear()
    applied = site.apply(plan)
    assert applied.report.run == name
    assert {c.ref.key for c in site.connector.writes} == {"SUP-2"}
    kept = [kind for run, kind in site.entries() if run == name]
    assert sorted(kept) == ["AddComment"] * 2 + ["Assign"] + ["SetFields"] * 2
    site.apply(plan)
    assert [kind for run, kind in site.entries() if run == name] == kept


def test_what_was_in_doubt_and_arrived_is_on_record_as_done(site: Site) -> None:
    plan = site.plan()
    site.connector.faults.append(Fault("doubtful", applied=True))
    name = site.apply(plan).report.run
    site.apply(plan)
    with site.desk.store.read() as db:
        entries = [e for e in runs.entries(db, name) if e.ref.key == "SUP-1"]
    fields = [one.outcome for one in entries if isinstance(one.change, SetFields)]
    assert fields == ["doubtful", "confirmed"]


def test_what_is_read_is_kept_and_judged_again(site: Site) -> None:
    plan = site.plan()
    site.connector.add_event("2", "priority", "P1", ADA, SOON)
    site.apply(plan)
    with site.desk.store.read() as db:
        ((kept,), _) = keeping.load(db, "desk", ["2"])
        assert keeping.due(db, "desk", SOON) == ["1", "2"]
    assert [event.new for event in kept.journal] == ["P1"]


def test_refused_credentials_end_it_at_once(tmp_path: Path) -> None:
    """Portions that would come later are not even read: accounts are locked for less."""
    with desk_over(tmp_path, [ticket(n) for n in range(60)]) as (desk, connector):
        site = Site(desk, connector)
        plan = site.plan()
        connector.faults.append(Fault("retryable", "refused the token", code="SLA401"))
        applied = site.apply(plan)
        assert isinstance(applied.report.sources[0].error, AuthError)
        assert applied.report.exit_code() == 4
        assert len(connector.writes) == 1
        assert len(applied.report.sources[0].items) == PORTION


def test_a_connection_without_tickets_in_the_plan_is_not_asked(site: Site) -> None:
    def never() -> MemoryConnector:
        raise AssertionError

    plan = msgspec.structs.replace(site.plan(), tickets=())
    source = Source("desk", "memory", "write", "all", never)
    terms = Terms(site.desk.policies, lambda: SOON)
    applied = apply_plan(site.desk.store, [source], plan, terms, SOON, dry=False)
    assert applied.report.sources == ()
    assert applied.report.exit_code() == 0
