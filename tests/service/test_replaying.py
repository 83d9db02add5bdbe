"""A replay over logs and over what is kept: the same whoever does it, and nothing is touched."""

from __future__ import annotations

import random
from multiprocessing import get_context
from pathlib import Path

import msgspec
import pytest

from connectors.base import PermanentError
from service.replay.histories import History, Kept, Log, Share, fields_elsewhere
from service.replay.replaying import judge, replay
from service.setup.settings import ConnectionSettings
from service.state import keeping
from service.state.store import StoreError, open_store
from sla_engine.attainment import Period, by_promise
from sla_engine.comparison import Trial
from sla_engine.model import Ticket
from sla_engine.policy_files import load_texts
from sla_engine.terms import Policies
from sla_engine.units import HOUR, Instant, parse_iso, to_iso
from tests.service import desks

POLICY = """schema: sla/v1
fields:
  status: {{event_log: {status}}}
  priority: {{event_log: priority}}
policies:
  all:
    match: {{system: event_log}}
    calendar: 24x7
    clocks: {{resolution: {{start: created, stop: {{status: Done}}}}}}
    targets: {{resolution: {{P1: {p1}h, default: 30h}}}}
"""
START = parse_iso("2026-11-02T00:00:00Z") or Instant(0)
TICKETS = 60


def policies(p1: int = 20, status: str = "status") -> Policies:
    found, problems = load_texts({"p.yaml": POLICY.format(p1=p1, status=status)})
    assert not [str(problem) for problem in problems]
    return found


def trial(before: Policies | None = None, after: Policies | None = None) -> Trial:
    period = Period(Instant(0), Instant(START + 100 * 24 * HOUR))
    return Trial(before or policies(), after or policies(10), period)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """Tickets that last up to two days; every tenth stays open, every other one of which is P1."""
    rng = random.Random(5)
    lines = ["ticket,at,status,old_status,priority"]
    for number in range(TICKETS):
        begun = Instant(START + number * HOUR)
        ended = Instant(begun + rng.randrange(48 * HOUR))
        priority = f"P{1 + number % 2}"
        lines.append(f"T-{number},{to_iso(begun)},Open,Open,{priority}")
        if number % 10:
            lines.append(f"T-{number},{to_iso(ended)},Done,Open,{priority}")
    path = tmp_path / "log.csv"
    path.write_text("\n".join(lines) + "\n")
    options = {"path": str(path), "columns": {"ticket": "ticket", "at": "at"}}
    return Log(ConnectionSettings("log", "event_log", "observe", options))


def test_the_answer_is_the_same_however_many_work_on_it(log: Log) -> None:
    alone = replay(trial(), [log])
    assert alone.tickets == TICKETS
    assert alone.differences
    assert not alone.failures
    for jobs in (2, 3):
        assert replay(trial(), [log], jobs=jobs) == alone


def test_workers_may_be_new_interpreters(log: Log) -> None:
    spawned = replay(trial(), [log], jobs=2, context=get_context("spawn"))
    assert spawned == replay(trial(), [log])


def test_shares_are_apart_and_make_the_whole() -> None:
    names = [f"T-{number}" for number in range(500)]
    for of in (1, 2, 5):
        shares = [{name for name in names if name in Share(n, of)} for n in range(of)]
        assert sum(map(len, shares)) == len(set().union(*shares)) == len(names)
        assert min(map(len, shares)) > len(names) / of / 2


def test_a_log_is_read_as_each_side_reads_it(log: Log) -> None:
    """The other column never says Done: what was met stays open."""
    found = replay(trial(after=policies(20, "old_status")), [log], jobs=2)
    states = {state for _, _, state in found.after}
    assert states == {"breached"}
    assert {state for _, _, state in found.before} == {"met", "breached"}
    assert {one.because for one in found.differences} == {("stop",)}


def test_fields_read_elsewhere_are_named() -> None:
    names = fields_elsewhere(policies(), policies(20, "old_status"), ["event_log"])
    assert names == ["status"]
    assert fields_elsewhere(policies(), policies(5), ["event_log"]) == []
    assert fields_elsewhere(policies(), policies(20, "old_status"), ["jira"]) == []


def test_lines_that_cannot_be_read_are_told_once(log: Log) -> None:
    path = Path(str(log.settings.options["path"]))
    path.write_text(path.read_text() + "T-1,never,Done,Open,P1\nbroken\n,2026-11-02,Open,Open,P1\n")
    alone = replay(trial(), [log])
    assert [key for key, _ in alone.failures] == ["", "", "T-1"]
    assert [ref.key for ref, _ in alone.holes] == ["T-1"]
    assert replay(trial(), [log], jobs=3) == alone


def test_a_log_that_is_not_there_ends_it_with_workers_too(log: Log) -> None:
    Path(str(log.settings.options["path"])).unlink()
    for jobs in (1, 2):
        with pytest.raises(PermanentError, match="cannot read the event log"):
            replay(trial(), [log], jobs=jobs)


def test_one_ticket_that_fails_never_stops_the_others(log: Log) -> None:
    broken = msgspec.structs.replace(desks.breaking_for("P1"), fields=policies().fields)
    found = replay(trial(before=broken, after=broken), [log], jobs=2)
    assert len(found.failures) == TICKETS // 2
    assert all("TypeError" in why or "AttributeError" in why for _, why in found.failures)


def test_progress_comes_to_the_whole(log: Log) -> None:
    told: list[tuple[str, int, int]] = []
    replay(trial(), [log], progress=lambda *step: told.append(step))
    assert told == [("log", 0, 0), ("log", TICKETS, 0)]


# What is kept


def kept(folder: Path, tickets: int = 12) -> History:
    state = str(folder / "state.db")
    with open_store(state, writer=True) as store, store.write() as db:
        keeping.keep(db, [desks.ticket(number) for number in range(tickets)], desks.T0)
    return Kept("desk", state)


def kept_trial() -> Trial:
    period = Period(Instant(0), Instant(desks.T0 + 4 * HOUR))
    return Trial(desks.policies(), desks.policies(HOUR), period)


def test_what_is_kept_is_judged_by_shares(tmp_path: Path) -> None:
    history = kept(tmp_path)
    alone = replay(kept_trial(), [history])
    assert {promise: one.breached for promise, one in by_promise(alone.after).items()} == {
        ("promise", "resolution"): 12
    }
    assert replay(kept_trial(), [history], jobs=2) == alone


def test_the_store_is_only_read(tmp_path: Path) -> None:
    history = kept(tmp_path)
    before = (tmp_path / "state.db").read_bytes()
    replay(kept_trial(), [history], jobs=2)
    assert (tmp_path / "state.db").read_bytes() == before


def test_a_kept_ticket_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    history = kept(tmp_path, 3)
    with open_store(str(tmp_path / "state.db"), writer=True) as store, store.write() as db:
        db.exec_driver_sql("UPDATE tickets SET journal = x'00' WHERE id = '1'")
    ((key, why),) = judge(kept_trial(), [history], Share()).failures
    assert key == "SUP-1"
    assert why.startswith("cannot be read back")


def test_where_nothing_is_kept_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nothing is kept yet"):
        replay(kept_trial(), [Kept("desk", str(tmp_path / "none.db"))])


# Cases


CASE = """schema: sla/v1
links:
  of: {{parent: {{kind: incident}}, child: {{kind: dev, where: {{of: "{{parent.number}}"}}}}}}
policies:
  network:
    type: ola
    match: {{team: Network, case: true}}
    calendar: 24x7
    targets: {{ownership: {limit}h}}
"""


def member(which: int, connection: str, **fields: str) -> Ticket:
    one = desks.ticket(which, connection=connection)
    return msgspec.structs.replace(one, initial={**one.initial, **fields})


@pytest.fixture
def case(tmp_path: Path) -> tuple[Trial, list[History]]:
    """An incident, and a ticket of another system that Network has for it; 5 h against 3."""
    state = str(tmp_path / "state.db")
    parent = member(1, "desk", kind="incident", number="INC1", team="Desk")
    child = member(7, "dev", kind="dev", of="INC1", team="Network")
    with open_store(state, writer=True) as store, store.write() as db:
        keeping.keep(db, [parent, child], desks.T0)
    before, after = (load_texts({"p.yaml": CASE.format(limit=limit)})[0] for limit in (5, 3))
    period = Period(Instant(0), Instant(desks.T0 + 4 * HOUR))
    return Trial(before, after, period), [Kept("desk", state), Kept("dev", state)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_case_is_judged_as_one_and_under_its_parents_name(
    case: tuple[Trial, list[History]], jobs: int
) -> None:
    found = replay(case[0], case[1], jobs=jobs)
    (one,) = found.differences
    assert (one.ref.connection, one.clock, one.of) == ("desk", "ownership", "Network")
    assert one.before is not None
    assert one.after is not None
    assert (one.before.fate, one.after.fate) == ("open", "breached")


def test_what_belongs_to_a_case_is_found_among_other_connections_too(
    case: tuple[Trial, list[History]],
) -> None:
    judged, histories = case
    assert len(replay(judged, histories[:1], among=histories).differences) == 1
    assert replay(judged, histories[1:], among=histories).differences == []


def test_a_case_of_which_a_part_has_holes_is_left_out(
    case: tuple[Trial, list[History]], tmp_path: Path
) -> None:
    judged, histories = case
    holed = member(7, "dev", kind="dev", of="INC1", team="Network")
    with open_store(str(tmp_path / "state.db"), writer=True) as store, store.write() as db:
        keeping.keep(db, [msgspec.structs.replace(holed, incomplete="archived")], desks.T0)
    found = replay(judged, histories)
    assert found.differences == []
    assert [(ref.connection, why) for ref, why in found.holes] == [("desk", "archived")]
