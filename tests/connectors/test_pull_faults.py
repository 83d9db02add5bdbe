"""What goes wrong while a system is read, over real HTTP: no ticket is missed, and none is judged
on half a history."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from connectors.base import Connector, TransientError
from sandbox.servicenow.writing import Hand, delete
from service.passes.rereading import BlindError, WentBackError
from service.state import keeping
from service.state.schema import TICKETS, VERDICTS
from service.state.store import open_store
from sla_engine.model import Ticket
from sla_engine.presets import PUBLISH
from sla_engine.terms import Policies, PublishTerms
from sla_engine.units import DAY, HOUR, MINUTE, Instant
from tests.connectors.jira_desk import PROJECT, PUBLISHED, SECOND, JiraTown
from tests.connectors.servicenow_desk import PUBLISH as COLUMNS
from tests.connectors.servicenow_desk import ServiceNowTown
from tests.contract import pulled
from tests.service.desks import Desk, policies

Town = JiraTown | ServiceNowTown
JSON = {"Content-Type": "application/json"}
MADE: Mapping[str, Callable[[], Town]] = {
    "cloud": lambda: JiraTown("cloud"),
    "data center": lambda: JiraTown("data_center"),
    "servicenow": ServiceNowTown,
}


@pytest.fixture
def cloud() -> Iterator[JiraTown]:
    town = JiraTown("cloud")
    yield town
    town.close()


@pytest.fixture(params=list(MADE))
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    made = MADE[request.param]()
    yield made
    made.close()


# Paging


@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_page_token_that_expires_on_the_way_loses_nothing(cloud: JiraTown, page: int) -> None:
    ids = {cloud.add(f"ticket {number}") for number in range(350)}
    cloud.faults.add(kind="status", status=400, path="search/jql", after=page)
    tickets, cursor = pulled(cloud.connect())
    assert set(tickets) == ids
    assert pulled(cloud.connect(), cursor)[0] == {}


def test_one_that_always_expires_gets_on_all_the_same(cloud: JiraTown) -> None:
    ids = {cloud.add(f"ticket {number}") for number in range(350)}
    for turn in range(1, 4):  # each second page is refused: one page at a time comes through
        cloud.faults.add(kind="status", status=400, path="search/jql", after=turn)
    assert set(pulled(cloud.connect())[0]) == ids


def test_a_token_of_histories_that_expires_is_asked_for_less(
    cloud: JiraTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.jira.histories.PAGE", 7)
    ids = [cloud.add(f"ticket {number}") for number in range(8)]
    for identity in ids:
        cloud.set_status(identity, "In Progress")
        cloud.edit(identity, priority="1")
    cloud.faults.add(kind="status", status=400, path="changelog/bulkfetch", after=1)
    tickets, _ = pulled(cloud.connect())
    assert [len(tickets[one].journal) for one in ids] == [3] * 8
    assert not any(ticket.incomplete for ticket in tickets.values())


def test_the_same_page_under_ever_new_tokens_is_noticed_within_three(cloud: JiraTown) -> None:
    for number in range(150):
        cloud.add(f"ticket {number}")
    cloud.desk.dials["stuck"] = True
    with pytest.raises(TransientError, match="same page"):
        pulled(cloud.connect())
    assert len([asked for asked in cloud.log.all() if "search" in asked.path]) <= 4


@pytest.mark.parametrize("many", [1_200])
def test_tickets_that_all_bear_one_stamp_are_all_read(town: Town, many: int) -> None:
    def stand_still() -> int:
        return town.clock.now()

    town.tick = stand_still  # type: ignore[method-assign]  # all at one moment
    ids = {town.add(f"ticket {number}") for number in range(many)}
    connector = town.connect()
    tickets, cursor = pulled(connector)
    assert set(tickets) == ids
    late = town.add("and one more in the same second")
    assert late in pulled(connector, cursor)[0]


def test_rows_that_move_while_we_page_are_read_after_two_pulls(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for reader in ("cloud", "data_center"):
        monkeypatch.setattr(f"connectors.jira.{reader}.PORTION", 100)
    options: dict[str, object] = {"page": 50} if isinstance(town, ServiceNowTown) else {}
    ids = [town.add(f"ticket {number}") for number in range(330)]
    connector = town.connect(**options)  # type: ignore[arg-type]  # each town has its own
    found: dict[str, Ticket] = {}
    cursor, turn = "", 0
    for batch in connector.pull(""):
        found |= {ticket.ref.id: ticket for ticket in batch.tickets}
        cursor = batch.cursor
        for one in ids[turn::40]:  # read already, or still to come
            town.set_status(one, town.another_status if turn % 2 else town.opening)
        turn += 1
    town.clock.advance(60 * SECOND)
    again, _ = pulled(connector, cursor)
    found |= again
    now = {ticket.ref.id: ticket for ticket in connector.fetch([found[one].ref for one in ids])}
    assert turn > 2
    assert found == now


# Histories that are not all there


@pytest.mark.parametrize("deployment", ["cloud", "data_center"])
@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_history_that_is_missing_makes_the_ticket_incomplete(deployment: str, lost: int) -> None:
    town = JiraTown(deployment)  # type: ignore[arg-type]  # one of the two
    try:
        identity = town.add("with a hole")
        for status in ("In Progress", "Waiting for customer", "In Progress"):
            town.set_status(identity, status)
        town.desk.dials["lost_histories"] = [town.issue(identity).histories[lost].id]
        ticket = pulled(town.connect())[0][identity]
        # Nobody can tell that the first is missing: what came before it is what it began with.
        torn = bool(ticket.incomplete or ticket.gaps)
        assert torn is (lost > 0 or deployment == "data_center")
    finally:
        town.close()


def test_comments_that_are_counted_and_not_given_make_the_ticket_incomplete(
    cloud: JiraTown,
) -> None:
    identity = cloud.add("much talk")
    for _ in range(130):
        cloud.comment(identity, "customer", public=True)
    nothing = json.dumps({"comments": [], "startAt": 0, "maxResults": 100, "total": 130})
    cloud.faults.add(
        kind="body", method="GET", path="/comment", body=nothing, status=200, headers=JSON, times=0
    )
    assert pulled(cloud.connect())[0][identity].incomplete == "0 of 130 comments could be read"


# Whole passes


@pytest.fixture
def desk(town: Town, tmp_path: Path) -> Iterator[tuple[Desk, Town, Connector]]:
    connector = town.connect()
    with open_store(str(tmp_path / "state.db"), writer=True) as store:
        desk = Desk(store, connector)
        desk.policies = _policies()
        yield desk, town, connector


Desked = tuple[Desk, Town, Connector]


def _policies() -> Policies:
    """Four hours to resolve, in both systems."""
    publish = {"jira": PublishTerms(PUBLISHED), "servicenow": PublishTerms(COLUMNS)}  # type: ignore[arg-type]  # Published words
    publish |= {name: PUBLISH[name] for name in ("jira",)}
    return msgspec.structs.replace(policies(), publish=publish)


def run(desk: Desk, town: Town, later: int = 0) -> None:
    town.clock.advance(later)
    report = desk.run_one(town.clock.now())
    assert report.error is None


def states(desk: Desk) -> dict[str, str]:
    with desk.store.read() as db:
        rows = db.execute(select(VERDICTS.c.ticket, VERDICTS.c.state))
        return {row.ticket: row.state for row in rows}


def kept(desk: Desk, identity: str) -> Ticket:
    with desk.store.read() as db:
        found = keeping.find(db, identity)
    return found[0]


def test_a_deleted_ticket_is_unknown_or_known_to_be_deleted(desk: Desked) -> None:
    at, town, _ = desk
    gone, here = town.add("gone"), town.add("here")
    run(at, town)
    run(at, town, HOUR)
    town.remove(gone)
    deleted_at = town.clock.now()
    run(at, town, DAY)
    if isinstance(town, ServiceNowTown):
        assert states(at)[gone] == "cancelled"
        last = list(kept(at, gone).journal)[-1]
        assert (last.field, last.at, last.actor.id) == ("deleted", deleted_at, "ada")
    else:
        assert states(at)[gone] == "unknown"
    assert states(at)[here] == "breached"
    written = town.writes()
    run(at, town, MINUTE)
    run(at, town, MINUTE)
    assert town.writes() == written


def test_a_deletion_that_nobody_may_read_is_an_absence() -> None:
    town = ServiceNowTown()
    try:
        identity = town.add("gone")
        connector = town.connect()
        ref = pulled(connector)[0][identity].ref
        town.remove(identity)
        assert connector.fates([ref])[identity].kind == "deleted"
        town.faults.add(kind="status", status=403, path="sys_audit_delete", times=0)
        assert connector.fates([ref]) == {}
    finally:
        town.close()


def test_a_hidden_ticket_is_unknown_until_it_is_seen_again(desk: Desked) -> None:
    at, town, _ = desk
    hidden, here = town.add("hidden"), town.add("here")
    run(at, town)
    run(at, town, HOUR)
    if isinstance(town, ServiceNowTown):
        town.world.dials.hidden = [hidden]
    else:
        town.desk.move(town.issue(here), "ada", town.tick(), PROJECT["OPS"])
        town.desk.dials["hidden"] = ["SUP"]
    run(at, town, DAY)
    assert (states(at)[hidden], states(at)[here]) == ("unknown", "breached")
    if isinstance(town, ServiceNowTown):
        town.world.dials.hidden = []
    else:
        town.desk.dials["hidden"] = []
    run(at, town, 10 * MINUTE)
    assert states(at)[hidden] == "breached"


def test_where_nothing_is_to_be_seen_any_more_nothing_is_judged(desk: Desked) -> None:
    at, town, _ = desk
    ids = [town.add(f"ticket {number}") for number in range(3)]
    run(at, town)
    before = states(at)
    if isinstance(town, ServiceNowTown):
        town.world.dials.hidden = ids
    else:
        town.desk.dials["hidden"] = ["SUP", "OPS"]
    town.clock.advance(DAY)
    report = at.run_one(town.clock.now())
    assert isinstance(report.error, BlindError)
    assert states(at) == before


def test_a_moved_ticket_stays_itself_and_is_not_told_twice(tmp_path: Path) -> None:
    town = JiraTown("cloud")
    try:
        identity = town.add("on the move")
        with open_store(str(tmp_path / "state.db"), writer=True) as store:
            desk = Desk(store, town.connect())
            desk.policies = _policies()
            run(desk, town)
            run(desk, town, 3 * HOUR + MINUTE)
            assert town.comments(identity) == 1
            town.desk.move(town.issue(identity), "ada", town.tick(), PROJECT["OPS"])
            for _ in range(3):
                run(desk, town, MINUTE)
            assert town.comments(identity) == 1
            with store.read() as db:
                rows = db.execute(select(TICKETS.c.id, TICKETS.c.key, TICKETS.c.absent_at)).all()
            assert [tuple(row) for row in rows] == [(identity, town.issue(identity).key, None)]
            assert town.issue(identity).key.startswith("OPS-")
            run(desk, town, HOUR)
            assert town.comments(identity) == 2  # the breach, under the new key
    finally:
        town.close()


def test_a_ticket_that_moved_out_of_what_we_read_is_let_go(tmp_path: Path) -> None:
    town = JiraTown("cloud")
    try:
        identity, other = town.add("on the move"), town.add("stays")
        with open_store(str(tmp_path / "state.db"), writer=True) as store:
            desk = Desk(store, town.connect(projects=["SUP"]))
            desk.policies, desk.mode = _policies(), "observe"
            run(desk, town)
            town.desk.move(town.issue(identity), "ada", town.tick(), PROJECT["OPS"])
            run(desk, town, DAY)
            run(desk, town, DAY)
            assert states(desk) == {identity: "unknown", other: "breached"}
            for _ in range(8):
                run(desk, town, DAY)
            assert states(desk) == {identity: "cancelled", other: "breached"}
    finally:
        town.close()


def test_a_system_that_was_restored_is_read_anew_first(desk: Desked) -> None:
    at, town, _ = desk
    ids = [town.add(f"ticket {number}") for number in range(3)]
    run(at, town)
    world = town.world if isinstance(town, ServiceNowTown) else town.desk
    backup = world.backup()
    town.clock.advance(2 * HOUR)
    town.set_status(ids[0], town.another_status)
    run(at, town)
    run(at, town, 70 * MINUTE)  # the warnings are said
    run(at, town, MINUTE)
    assert [town.comments(one) for one in ids] == [1, 1, 1]
    world.restore(backup)
    town.clock.advance(MINUTE)
    assert at.run_one(town.clock.now()).error is None  # readings may lag
    town.clock.advance(15 * MINUTE)
    report = at.run_one(town.clock.now())
    assert isinstance(report.error, WentBackError)
    town.clock.advance(MINUTE)
    held = at.run_one(town.clock.now())
    assert (held.mode, held.error, held.changed) == ("observe", None, 3)
    run(at, town, MINUTE)
    assert [town.comments(one) for one in ids] == [0, 0, 0]  # they were said, and are not again
    assert [e.field for e in kept(at, ids[0]).journal if e.field == "status"] == []
    run(at, town, HOUR)
    assert [town.comments(one) for one in ids] == [1, 1, 1]  # what comes after goes on as ever


def test_a_deleted_newest_ticket_is_noticed_by_the_next_pull(
    cloud: JiraTown, tmp_path: Path
) -> None:
    cloud.add("here")
    newest = cloud.add("newest")
    with open_store(str(tmp_path / "state.db"), writer=True) as store:
        desk = Desk(store, cloud.connect())
        desk.policies, desk.mode = _policies(), "observe"
        run(desk, cloud)
        run(desk, cloud, HOUR)
        cloud.remove(newest)
        run(desk, cloud, MINUTE)
        assert states(desk)[newest] == "unknown"


def test_a_deletion_through_the_api_is_told_with_its_hand() -> None:
    town = ServiceNowTown()
    try:
        identity = town.add("gone")
        connector = town.connect()
        ref = pulled(connector)[0][identity].ref
        delete(town.world, "incident", identity, Hand("carla", town.tick()))
        fate = connector.fates([ref])[identity]
        assert (fate.by.id, fate.at) == ("carla", Instant(town.clock.now()))
    finally:
        town.close()


def _say(town: ServiceNowTown, name: str, element: str, **values: str) -> None:
    """Change an entry of the dictionary."""
    entries = town.world.rows("sys_dictionary")
    (entry,) = [e for e in entries if (e["name"], e["element"]) == (name, element)]
    entries.put({**entry, **values})


@pytest.mark.parametrize(
    ("name", "element", "values", "said"),
    [
        ("incident", "", {"audit": "false"}, "incident is not audited"),
        ("task", "state", {"attributes": "no_audit"}, "state is not audited"),
        ("task", "priority", {"attributes": "x=1,no_audit=true"}, "priority is not audited"),
        ("task", "company", {"attributes": "no_audit=true"}, ""),  # no clock rests on it
        ("task", "state", {"attributes": "no_audit=false"}, ""),
    ],
)
def test_what_servicenow_does_not_audit_is_not_judged(
    name: str, element: str, values: dict[str, str], said: str
) -> None:
    town = ServiceNowTown()
    try:
        _say(town, name, element, **values)
        touched, new = town.add("touched"), town.add("new")
        town.set_status(touched, town.another_status)
        tickets, _ = pulled(town.connect())
        assert tickets[new].incomplete == ""
        assert tickets[touched].incomplete.partition(", ")[0] == said
        town.world.dials.roles = ("itil", "audit_viewer")  # who may not read it is told nothing
        assert pulled(town.connect())[0][touched].incomplete == ""
    finally:
        town.close()
