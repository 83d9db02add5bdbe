"""A run undone: our fields say what they said, people's changes stay, deeds are only named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import pytest

from connectors.base import UnreachableError
from connectors.memory import Fault, MemoryConnector
from service.delivery import runs
from service.errands.applying import Applied
from service.errands.reverting import revert, undoing
from service.passes.pass_terms import Terms
from service.setup.sources import Source
from sla_engine.changes import SetFields, Why
from sla_engine.model import FieldValue
from sla_engine.terms import PublishTerms
from sla_engine.units import HOUR, MINUTE, Instant
from tests.service.desks import T0, Desk, desk_over, policies, ticket

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("each_backend")

LATE = Instant(T0 + 5 * HOUR)
THEN = Instant(LATE + MINUTE)


class Site(NamedTuple):
    desk: Desk
    connector: MemoryConnector

    def said(self) -> dict[str, dict[str, FieldValue]]:
        (batch,) = self.connector.pull("")
        return {one.ref.key: dict(one.written) for one in batch.tickets}

    def newest(self) -> runs.Run:
        with self.desk.store.read() as db:
            return runs.latest(db, 1)[0]

    def undo(self, run: runs.Run, now: Instant = THEN, *, dry: bool = False) -> Applied:
        self.connector.now = now
        source = Source("desk", "memory", "write", "all", lambda: self.connector)
        terms = Terms(self.desk.policies, lambda: now)
        return revert(self.desk.store, [source], run, terms, now, dry=dry)

    def people_write(self, number: str, field: str, value: FieldValue) -> None:
        (one,) = self.connector.fetch([ticket(int(number)).ref])
        changed = {**one.written, field: value}
        self.connector.put(msgspec.structs.replace(one, written=changed))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A pass that filled in fields, then one that found two tickets late."""
    with desk_over(tmp_path, [ticket(1), ticket(2)]) as (desk, connector):
        desk.run(T0)
        yield Site(desk, connector)


def whys(applied: Applied, fate: str) -> set[tuple[str, str, str]]:
    return {(one.ref.key, _what(one.change), one.why) for one in applied.left if one.fate == fate}


def _what(change: object) -> str:
    if isinstance(change, SetFields):
        return ", ".join(name for name, _ in change.fields)
    return type(change).__name__


def test_fields_say_again_what_they_said(site: Site) -> None:
    before = site.said()
    site.desk.run(LATE)
    assert site.said() != before
    applied = site.undo(site.newest())
    assert site.said() == before
    assert applied.report.sources[0].written.tickets == 2


def test_fields_that_were_empty_are_emptied(site: Site) -> None:
    site.undo(site.newest())
    assert all(not value for fields in site.said().values() for value in fields.values())


def test_a_look_writes_nothing_and_says_what_would_be(site: Site) -> None:
    site.desk.run(LATE)
    run, before = site.newest(), site.said()
    looked = site.undo(run, dry=True)
    assert (site.said(), site.newest()) == (before, run)
    wanted = {item.ticket.ref.key: item.changes for item in looked.report.sources[0].items}
    site.connector.writes.clear()
    site.undo(run)
    assert {change.ref.key: (change,) for change in site.connector.writes} == wanted


def test_what_somebody_changed_since_stays(site: Site) -> None:
    before = site.said()
    site.desk.run(LATE)
    run = site.newest()
    site.people_write("1", "SLA status", "On hold")
    site.people_write("2", "SLA status", None)
    applied = site.undo(run)
    assert site.said()["SUP-1"] == {**before["SUP-1"], "SLA status": "On hold"}
    assert whys(applied, "stale") == {
        ("SUP-1", "SLA status", "somebody changed it since"),
        ("SUP-2", "SLA status", "somebody changed it since"),
    }


def test_what_a_later_run_wrote_stays_and_is_named(site: Site) -> None:
    first = site.newest()
    site.desk.run(LATE)
    second = site.newest()
    applied = site.undo(first)
    stays = whys(applied, "stale")
    assert ("SUP-1", "SLA status", f"run {second.id} wrote it since") in stays
    assert site.said()["SUP-1"]["SLA status"] == "Breached"


def test_undone_from_the_newest_nothing_is_left_of_us(site: Site) -> None:
    first = site.newest()
    site.desk.run(LATE)
    site.undo(site.newest())
    applied = site.undo(first)
    assert whys(applied, "stale") == set()
    assert all(not value for fields in site.said().values() for value in fields.values())


def test_a_second_time_there_is_nothing_to_do(site: Site) -> None:
    site.desk.run(LATE)
    run = site.newest()
    site.undo(run)
    site.connector.writes.clear()
    applied = site.undo(run)
    assert site.connector.writes == []
    assert {one.fate for one in applied.left} == {"done", "kept"}


def test_a_revert_can_be_reverted(site: Site) -> None:
    site.desk.run(LATE)
    after = site.said()
    site.undo(site.newest())
    undoing = site.newest()
    assert undoing.kind == "revert"
    site.undo(undoing)
    assert site.said() == after


def test_deeds_are_named_and_stay(site: Site) -> None:
    site.desk.run(LATE)
    marks = [one.marks for one in next(iter(site.connector.pull(""))).tickets]
    applied = site.undo(site.newest())
    assert [one.marks for one in next(iter(site.connector.pull(""))).tickets] == marks
    kept = whys(applied, "kept")
    assert {what for _, what, _ in kept} == {"AddComment", "Assign"}
    assert {why.partition(" (")[0] for _, what, why in kept if what == "AddComment"} == {
        "comments are never deleted"
    }


def test_a_write_in_doubt_is_undone_if_it_arrived(site: Site) -> None:
    before = site.said()
    site.connector.faults.extend([Fault("doubtful", applied=True)] * 6)
    site.desk.run(LATE)
    site.undo(site.newest(), Instant(LATE + 1))
    assert site.said() == before


def test_what_was_refused_is_not_undone(site: Site) -> None:
    site.connector.faults.extend([Fault("rejected")] * 6)
    site.desk.run(LATE)
    before = site.said()
    applied = site.undo(site.newest())
    assert (site.said(), applied.left) == (before, ())


def test_a_field_that_is_published_no_more_is_left(site: Site) -> None:
    run = site.newest()
    fewer = {"memory": PublishTerms({"SLA due": "due"})}
    site.desk.policies = msgspec.structs.replace(policies(), publish=fewer)
    applied = site.undo(run)
    assert ("SUP-1", "SLA status", "the policies publish this field no more") in whys(
        applied, "stale"
    )
    assert site.said()["SUP-1"]["SLA status"] == "On track"
    assert not site.said()["SUP-1"]["SLA due"]


def test_a_ticket_that_is_gone_is_told(site: Site) -> None:
    site.connector.remove("2")
    applied = site.undo(site.newest())
    assert {key for key, _, why in whys(applied, "stale") if "gone" in why} == {"SUP-2"}


def test_a_broken_connection_is_told(site: Site) -> None:
    site.connector.broken = UnreachableError("no answer")
    assert site.undo(site.newest()).report.exit_code() == 5


def test_the_next_pass_writes_what_the_policies_say(site: Site) -> None:
    """A revert is no exception from the policies: this is said when it ends."""
    site.desk.run(LATE)
    after = site.said()
    site.undo(site.newest())
    site.desk.run(THEN)
    assert site.said() == after


def test_of_a_field_that_a_run_wrote_twice_the_first_word_is_restored() -> None:
    """As after a revert of a plan that is applied again."""
    ref = ticket(1).ref

    def entry(before: str, after: str) -> runs.Entry:
        change = SetFields(ref, (("SLA status", after),), Why(""))
        return runs.Entry(ref, T0, change, {"SLA status": before}, "confirmed", "")

    undos, stay = undoing([entry("On track", "At risk"), entry("At risk", "Breached")])
    assert undos["desk", "1"].fields == {"SLA status": ("On track", "Breached")}
    assert stay == []


def test_a_pass_with_nothing_to_write_is_no_run(site: Site) -> None:
    before = site.newest()
    report = site.desk.run(Instant(T0 + 1))
    assert report.run == ""
    assert site.newest() == before


def test_two_runs_of_one_second_have_names_of_their_own(site: Site) -> None:
    with site.desk.store.write() as db:
        names = [runs.begin(db, "pass", LATE, "v1").id for _ in range(12)]
    assert len(set(names)) == 12
    assert names[:2] == ["2026-09-21T191320Z", "2026-09-21T191320Z-2"]
