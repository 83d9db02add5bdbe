"""Pulling from Jira: what it costs, and what must not get lost on the way."""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec
import pytest

from connectors.base import AuthError, Batch, Connector, TransientError
from connectors.jira.fields import UnknownFieldError
from sandbox.jira.model import History, Item
from sandbox.jira.schema import Field
from sandbox.jira.users import SCOPED_TOKEN
from sla_engine.model import Gap, Ticket
from sla_engine.terms import FieldTerms
from tests.connectors.jira_desk import PROJECT, SECOND, TERMS, JiraTown
from tests.contract import final, pulled


@pytest.fixture
def cloud() -> Iterator[JiraTown]:
    town = JiraTown("cloud")
    yield town
    town.close()


@pytest.fixture
def server() -> Iterator[JiraTown]:
    town = JiraTown("data_center")
    yield town
    town.close()


@pytest.fixture(params=["cloud", "data_center"])
def town(request: pytest.FixtureRequest) -> Iterator[JiraTown]:
    made = JiraTown(request.param)
    yield made
    made.close()


def moves(ticket: Ticket, field: str) -> list[tuple[object, object]]:
    return [(event.old, event.new) for event in ticket.journal if event.field == field]


def crowd(town: JiraTown, many: int) -> list[str]:
    """So many tickets, each changed twice and commented once."""
    ids = [town.add(f"ticket {number}") for number in range(many)]
    for identity in ids:
        issue = town.issue(identity)
        at = town.tick()
        town.desk.set_status(issue, "ada", at, "3", {"assignee": "ada"})
        town.desk.edit(issue, "ada", at + 1, {"priority": "2"})
    return ids


def cost(connector: Connector, cursor: str = "") -> tuple[int, list[Batch]]:
    """Requests and batches of a pull."""
    before = connector.requests()
    batches = list(connector.pull(cursor))
    return connector.requests() - before, batches


# What it costs


@pytest.mark.parametrize(
    ("deployment", "comments", "most", "idle"),
    [("cloud", True, 12, 1), ("cloud", False, 3, 2), ("data_center", True, 20, 1)],
    ids=["cloud", "cloud without comments", "data center"],
)
def test_a_thousand_changed_tickets_cost_few_requests(
    deployment: str, comments: bool, most: int, idle: int
) -> None:
    town = JiraTown(deployment)  # type: ignore[arg-type]  # one of the two
    try:
        connector = town.connect(comments=comments)
        pulled(connector)  # who we are, fields and statuses are read once
        ids = crowd(town, 1000)
        calls, batches = cost(connector)
        assert {t.ref.id for batch in batches for t in batch.tickets} == set(ids)
        assert all(len(t.journal) == 4 for batch in batches for t in batch.tickets)
        assert calls <= most
        for identity in ids:
            town.edit(identity, priority="1")
        calls, batches = cost(connector, batches[-1].cursor)
        assert sum(len(batch.tickets) for batch in batches) == 1000
        assert calls <= most
        town.clock.advance(1200 * SECOND)
        town.edit(ids[0], priority="2")
        _, batches = cost(connector, batches[-1].cursor)
        calls, batches = cost(connector, batches[-1].cursor)
        assert [batch.tickets for batch in batches] == [()]
        assert calls == idle
    finally:
        town.close()


def test_a_hundred_changed_tickets_cost_two_requests_on_cloud(cloud: JiraTown) -> None:
    ids = crowd(cloud, 90)
    connector = cloud.connect()
    _, batches = cost(connector)
    cloud.clock.advance(600 * SECOND)
    for identity in ids:
        cloud.edit(identity, priority="1")
    calls, batches = cost(connector, batches[-1].cursor)
    assert sum(len(batch.tickets) for batch in batches) == 90
    assert calls == 2


def test_many_mapped_fields_still_cost_one_request_for_histories(cloud: JiraTown) -> None:
    terms = {
        **TERMS,
        "squad": FieldTerms("squad", {"jira": "Team"}),
        "firm": FieldTerms("firm", {"jira": "cf[10042]"}),
    }
    connector = cloud.connect(terms=terms, comments=False)
    pulled(connector)
    crowd(cloud, 20)
    calls, batches = cost(connector)
    assert calls == 3
    assert all(len(ticket.journal) == 4 for ticket in batches[0].tickets)


# Nothing is lost


def test_a_ticket_with_a_long_life_comes_whole(town: JiraTown) -> None:
    identity = town.add("long")
    for number in range(60):
        town.set_status(identity, ("In Progress", "Open")[number % 2])
    for number in range(230):
        town.comment(identity, "staff" if number % 2 else "customer", public=True)
    ticket = pulled(town.connect())[0][identity]
    assert len(moves(ticket, "status")) == 60
    assert len(moves(ticket, "comment")) == 230
    assert not ticket.incomplete


def test_histories_over_many_pages_are_put_together(
    cloud: JiraTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.jira.histories.PAGE", 7)
    ids = crowd(cloud, 20)
    tickets, _ = pulled(cloud.connect())
    assert all(len(tickets[identity].journal) == 4 for identity in ids)


def test_a_page_that_comes_for_ever_is_noticed(cloud: JiraTown) -> None:
    cloud.add("one")
    connector = cloud.connect()
    pulled(connector)
    page = msgspec.json.encode({"issues": [], "nextPageToken": "again"}).decode()
    json = {"Content-Type": "application/json"}
    cloud.faults.add(kind="body", path="search/jql", status=200, body=page, headers=json, times=0)
    with pytest.raises(TransientError, match="same page"):
        pulled(connector)
    assert len([asked for asked in cloud.log.all() if "search" in asked.path]) <= 4


def test_a_ticket_touched_all_the_time_is_collected(town: JiraTown) -> None:
    identity = town.add("busy")
    connector = town.connect()
    _, cursor = pulled(connector)
    for _ in range(5):
        town.edit(identity, priority="1")
        town.edit(identity, priority="2")
        tickets, cursor = pulled(connector, cursor)
        assert identity in tickets
    assert len(moves(tickets[identity], "priority")) == 10


def test_the_accounts_time_zone_does_not_matter(town: JiraTown) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"):
        town.desk.dials["time_zone"] = zone
        connector = town.connect()
        _, cursor = pulled(connector)
        identity = town.add("after")
        assert set(pulled(connector, cursor)[0]) == {identity}


def test_a_change_that_the_index_shows_late_is_collected(town: JiraTown) -> None:
    early, late = town.add("early"), town.add("late")
    connector = town.connect()
    _, cursor = pulled(connector)
    town.clock.advance(300 * SECOND)
    now = town.clock.now()
    town.desk.edit(town.issue(late), "ada", now + 10 * SECOND, {"priority": "1"})
    town.desk.dials["index_lag"] = 120 * SECOND
    town.desk.edit(town.issue(early), "ada", now + 5 * SECOND, {"priority": "1"})
    town.clock.advance(20 * SECOND)
    tickets, cursor = pulled(connector, cursor)
    assert set(tickets) == {late}  # and the cursor is beyond the change that is not to be seen
    town.desk.dials["index_lag"] = 0
    tickets, _ = pulled(connector, cursor)
    assert moves(tickets[early], "priority") == [("Medium", "Highest")]


def test_a_stamp_from_the_future_hides_nothing(town: JiraTown) -> None:
    ahead, other = town.add("its node is a day ahead"), town.add("other")
    real = int(time.time() * 1000)  # the server's Date is the real one
    town.desk.edit(town.issue(ahead), "ada", real + 86_400 * SECOND, {"priority": "1"})
    connector = town.connect()
    _, cursor = pulled(connector)
    town.desk.edit(town.issue(other), "ada", real + SECOND, {"priority": "1"})
    assert other in pulled(connector, cursor)[0]


def test_a_stale_row_of_the_index_is_read_again_from_the_record(cloud: JiraTown) -> None:
    identity = cloud.add("changed just now")
    cloud.tick()
    cloud.desk.dials["index_lag"] = 10 * SECOND
    cloud.clock.advance(20 * SECOND)
    cloud.edit(identity, priority="1")
    ticket = pulled(cloud.connect())[0][identity]
    assert final(ticket, "priority") == "Highest"
    assert not ticket.incomplete


def test_a_moved_ticket_keeps_its_identity_and_history(town: JiraTown) -> None:
    identity = town.add("moves")
    connector = town.connect()
    before, cursor = pulled(connector)
    issue = town.issue(identity)
    town.desk.move(issue, "ada", town.tick(), PROJECT["OPS"])
    ticket = pulled(connector, cursor)[0][identity]
    assert before[identity].ref.key == "SUP-1"
    assert ticket.ref.key == "OPS-1"
    assert ticket.initial["project"] == "SUP"
    assert moves(ticket, "project") == [("SUP", "OPS")]
    assert not ticket.incomplete


def test_an_old_site_takes_a_hundred_at_once(cloud: JiraTown) -> None:
    cloud.desk.dials["bulk_limit"] = 100
    ids = crowd(cloud, 250)
    connector = cloud.connect(comments=False)
    assert set(pulled(connector)[0]) == set(ids)
    refused = [a for a in cloud.log.all() if a.status == 400]
    assert len(refused) == 1
    pulled(connector)
    assert len([a for a in cloud.log.all() if a.status == 400]) == 1


@pytest.mark.parametrize("seconds", [False, True], ids=["milliseconds", "seconds"])
def test_times_are_numbers_of_either_kind(cloud: JiraTown, seconds: bool) -> None:
    cloud.desk.dials["created_in_seconds"] = seconds
    identity = cloud.add("when?")
    cloud.set_status(identity, "In Progress")
    ticket = pulled(cloud.connect())[0][identity]
    assert [event.at for event in ticket.journal] == [cloud.clock.now()] * 2


def test_small_pages_and_a_short_window_lose_nothing(server: JiraTown) -> None:
    ids = crowd(server, 130)
    server.desk.dials |= {"page_cap": 10, "window": 60}
    assert set(pulled(server.connect())[0]) == set(ids)


def test_many_tickets_changed_in_the_same_millisecond_are_all_found(town: JiraTown) -> None:
    ids = [town.add(f"ticket {number}") for number in range(30)]
    at = town.tick()
    for identity in ids:
        town.desk.edit(town.issue(identity), "ada", at, {"priority": "1"})
    town.desk.dials["page_cap"] = 10
    connector = town.connect()
    tickets, cursor = pulled(connector)
    assert set(tickets) == set(ids)
    for identity in ids:
        town.desk.edit(town.issue(identity), "ada", at, {"priority": "2"})
    another = town.add("after")
    assert another in pulled(connector, cursor)[0]


def test_a_pull_that_was_cut_short_goes_on_where_it_was(
    town: JiraTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("reading", "cloud", "data_center"):
        monkeypatch.setattr(f"connectors.jira.{module}.PORTION", 100)
    ids = crowd(town, 350)
    town.clock.advance(3600 * SECOND)
    pull = town.connect().pull("")
    first = next(pull)
    del pull
    rest, _ = pulled(town.connect(), first.cursor)
    kept = {ticket.ref.id for ticket in first.tickets}
    assert kept | set(rest) == set(ids)
    assert len(kept & set(rest)) < len(kept)


def test_a_server_error_in_the_middle_costs_no_ticket(town: JiraTown) -> None:
    ids = crowd(town, 130)
    for kind in ("truncate", "drop", "retry-after", "status"):
        town.faults.add(kind=kind, method="POST", path="search|bulkfetch", after=1)
    assert set(pulled(town.connect())[0]) == set(ids)


def test_a_login_page_in_the_middle_ends_the_pull(town: JiraTown) -> None:
    crowd(town, 130)
    connector = town.connect()
    pulled(connector)
    town.faults.add(kind="html", method="POST", path="search", after=1)
    with pytest.raises(AuthError, match="login page"):
        pulled(connector)


def test_a_token_that_ends_is_told_and_is_no_empty_site(cloud: JiraTown) -> None:
    cloud.add("one")
    connector = cloud.connect()
    _, cursor = pulled(connector)
    nothing = msgspec.json.encode({"issues": [], "isLast": True}).decode()  # as to anybody
    json = {"Content-Type": "application/json"}
    cloud.faults.add(kind="body", path="search/jql", status=200, body=nothing, headers=json)
    cloud.faults.add(kind="status", path="myself", status=401)
    with pytest.raises(AuthError):
        pulled(connector, cursor)


def test_service_accounts_go_through_the_gateway(cloud: JiraTown) -> None:
    cloud.add("one")
    gateway = f"{cloud.served.url}/ex/jira/8f0e7a54-5b1c-4d2e-9a70-51a5a2db0c01"
    with pytest.raises(AuthError) as raised:
        cloud.connect(token=SCOPED_TOKEN).check()
    assert any("api_base" in text for _, text in raised.value.facts)
    tickets, _ = pulled(cloud.connect(token=SCOPED_TOKEN, api_base=gateway))
    (ticket,) = tickets.values()
    assert ticket.url == f"{cloud.served.url}/browse/SUP-1"


def test_only_the_projects_and_the_jql_of_the_connection_are_pulled(town: JiraTown) -> None:
    sup, ops = town.add("sup"), town.add("ops", project="OPS")
    high = town.add("high", project="OPS", priority="1")
    assert set(pulled(town.connect(projects=["SUP"]))[0]) == {sup}
    assert set(pulled(town.connect(projects=["SUP", "OPS"]))[0]) == {sup, ops, high}
    some = town.connect(projects=["OPS"], jql="priority = Highest OR priority = High")
    assert set(pulled(some)[0]) == {high}


def test_another_scope_starts_over(town: JiraTown) -> None:
    sup, ops = town.add("sup"), town.add("ops", project="OPS")
    _, cursor = pulled(town.connect(projects=["SUP"]))
    town.clock.advance(3600 * SECOND)
    assert set(pulled(town.connect(projects=["SUP", "OPS"]), cursor)[0]) == {sup, ops}


@pytest.mark.parametrize("cursor", ["{", "[]", "17", '{"at": "x"}', "\x00"])
def test_a_cursor_that_makes_no_sense_starts_over(town: JiraTown, cursor: str) -> None:
    identity = town.add("one")
    assert set(pulled(town.connect(), cursor)[0]) == {identity}


# What tickets say


def test_the_fields_of_a_ticket(town: JiraTown) -> None:
    identity = town.add("Checkout is slow", customfield_10040="10400", labels=("web", "eu"))
    ticket = pulled(town.connect())[0][identity]
    assert ticket.title == "Checkout is slow"
    assert ticket.url == f"{town.served.url}/browse/SUP-1"
    assert {name: ticket.initial[name] for name in ticket.initial if name != "requester"} == {
        "system": "jira",
        "number": "SUP-1",
        "project": "SUP",
        "type": "Incident",
        "status": "Open",
        "status_category": "new",
        "priority": "Medium",
        "assignee": None,
        "labels": ("web", "eu"),
        "components": (),
        "resolution": None,
        "tier": "gold",
    }
    assert ticket.created_by.id == ticket.initial["requester"]
    assert ticket.created_by.kind == "customer"
    assert ticket.created_at == ticket.updated_at == town.clock.now()


def test_first_values_of_every_kind_are_walked_back(town: JiraTown) -> None:
    identity = town.add("all kinds", labels=("web",), customfield_10040="10401")
    town.edit(identity, labels=("web", "eu"), customfield_10040="10400", assignee="ada")
    town.edit(identity, labels=("eu",), assignee="bob", priority="1")
    town.set_status(identity, "Resolved")
    ticket = pulled(town.connect())[0][identity]
    ids = [user.account_id if town.is_cloud else user.key for user in town.desk.users.values()]
    people = dict(zip(town.desk.users, ids, strict=True))
    assert moves(ticket, "labels") == [(("web",), ("web", "eu")), (("web", "eu"), ("eu",))]
    assert moves(ticket, "tier") == [("silver", "gold")]
    assert moves(ticket, "assignee") == [(None, people["ada"]), (people["ada"], people["bob"])]
    assert moves(ticket, "resolution") == [(None, "Done")]
    assert moves(ticket, "status_category") == [("new", "done")]
    assert ticket.initial["labels"] == ("web",)
    assert ticket.initial["tier"] == "silver"
    assert not ticket.incomplete


def test_the_items_of_one_history_are_one_step(town: JiraTown) -> None:
    identity = town.add("two at once")
    town.edit(identity, assignee="ada", priority="1")
    ticket = pulled(town.connect())[0][identity]
    first, second = ticket.journal
    assert (first.at, first.sequence, first.source_id) == (
        second.at,
        second.sequence,
        second.source_id,
    )
    assert first.source_id.startswith("history ")


def test_our_own_fields_are_written_values_and_no_history(town: JiraTown) -> None:
    identity = town.add("written", customfield_10101="10500", customfield_10102=town.clock.now())
    town.edit(identity, by="sla-bot", customfield_10101="10501", priority="1")
    ticket = pulled(town.connect())[0][identity]
    assert ticket.written["SLA status"] == "At risk"
    assert [event.field for event in ticket.journal] == ["priority"]
    assert ticket.journal[0].actor.kind == "self"


def test_a_published_field_that_is_missing_is_empty(town: JiraTown) -> None:
    identity = town.add("no such field")
    connector = town.connect(publish={"SLA stauts": "state", "SLA due": "due"})
    assert pulled(connector)[0][identity].written == {"SLA due": None}


def test_people_who_are_gone_are_nobody(town: JiraTown) -> None:
    identity = town.add("by nobody")
    town.edit(identity, by="", priority="1")
    ticket = pulled(town.connect())[0][identity]
    assert ticket.journal[0].actor.id == ""
    assert ticket.journal[0].actor.kind == "unknown"


def test_bots_are_told_from_people_on_cloud(cloud: JiraTown) -> None:
    identity = cloud.add("greeted")
    cloud.edit(identity, by="automation", priority="1")
    assert pulled(cloud.connect())[0][identity].journal[0].actor.kind == "bot"


def test_staff_who_report_a_ticket_speak_as_its_customer(town: JiraTown) -> None:
    identity = town.add("my own laptop", by="ada")
    town.comment(identity, "staff", public=True)
    ticket = pulled(town.connect())[0][identity]
    assert ticket.created_by.kind == "customer"
    assert ticket.journal[0].actor.kind == "customer"


def test_a_history_that_does_not_lead_to_the_present_is_a_hole(town: JiraTown) -> None:
    identity = town.add("torn")
    town.set_status(identity, "In Progress")
    town.issue(identity).fields["status"] = "5"  # as an import might
    ticket = pulled(town.connect())[0][identity]
    assert set(ticket.gaps) == {
        Gap("status", "In Progress", "Resolved"),
        Gap("status_category", "in_progress", "done"),
    }


def test_a_priority_that_an_admin_replaced_leaves_a_gap_with_both_its_ends(town: JiraTown) -> None:
    identity = town.add("replaced", priority="1")
    town.edit(identity, priority="2")
    town.issue(identity).fields["priority"] = "3"  # nothing of it stands in the history
    town.edit(identity, priority="4")
    town.issue(identity).fields["priority"] = "1"
    ticket = pulled(town.connect())[0][identity]
    assert not ticket.incomplete
    assert [gap.field for gap in ticket.gaps] == ["priority", "priority"]


def test_a_ticket_imported_without_history_is_whole(town: JiraTown) -> None:
    identity = town.add("imported", status="5", priority="1")
    ticket = pulled(town.connect())[0][identity]
    assert ticket.initial["status"] == "Resolved"
    assert ticket.initial["status_category"] == "done"
    assert not ticket.incomplete


def test_a_renamed_status_is_called_by_its_name_of_today(town: JiraTown) -> None:
    identity = town.add("renamed")
    town.set_status(identity, "In Progress")
    town.set_status(identity, "Waiting for customer")
    issue = town.issue(identity)
    issue.histories[0] = _with_text(issue.histories[0], "Being worked on")
    ticket = pulled(town.connect())[0][identity]
    assert moves(ticket, "status")[0] == ("Open", "In Progress")


def _with_text(history: History, text: str) -> History:
    (item, *rest) = history.items
    return history._replace(items=(Item(*item[:-1], text), *rest))


def test_a_status_made_since_is_learnt(town: JiraTown) -> None:
    identity = town.add("new way")
    town.set_status(identity, "In Progress")
    json = {"Content-Type": "application/json"}
    town.faults.add(kind="body", path="/status$", status=200, body="[]", headers=json)  # before it
    ticket = pulled(town.connect())[0][identity]
    assert final(ticket, "status") == "In Progress"
    assert final(ticket, "status_category") == "in_progress"
    assert ticket.initial["status_category"] == "new"


# Fields by name


def test_a_field_that_a_policy_misspells_is_told_with_a_hint(town: JiraTown) -> None:
    town.add("one")
    terms = {**TERMS, "tier": FieldTerms("tier", {"jira": "Tierr"})}
    with pytest.raises(UnknownFieldError, match='no field "Tierr"; did you mean "Tier"') as raised:
        pulled(town.connect(terms=terms))
    assert raised.value.code == "SLA110"


def test_two_fields_of_one_name_are_not_guessed_between(town: JiraTown) -> None:
    identity = town.add("one", customfield_10040="10400")
    town.desk.fields["customfield_20040"] = Field("customfield_20040", "Tier", "string", custom="x")
    with pytest.raises(UnknownFieldError, match="customfield_10040, customfield_20040"):
        pulled(town.connect())
    terms = {**TERMS, "tier": FieldTerms("tier", {"jira": "customfield_10040"})}
    assert pulled(town.connect(terms=terms))[0][identity].initial["tier"] == "gold"


def test_a_field_without_history_has_its_present_value_always(town: JiraTown) -> None:
    identity = town.add("tier only now", customfield_10040="10401")
    town.edit(identity, customfield_10040="10400")
    terms = {**TERMS, "tier": FieldTerms("tier", {"jira": "Tier"}, history=False)}
    ticket = pulled(town.connect(terms=terms))[0][identity]
    assert ticket.initial["tier"] == "gold"
    assert not moves(ticket, "tier")


def test_created_may_be_mapped_to_another_field(town: JiraTown) -> None:
    begun = town.clock.now() - 86_400 * SECOND
    identity = town.add("by phone", customfield_10102=begun)
    terms = {**TERMS, "created": FieldTerms("created", {"jira": "SLA due"})}
    assert pulled(town.connect(terms=terms))[0][identity].created_at == begun


# Leaving no one unread


def test_an_issue_that_bulkfetch_refuses_is_told(cloud: JiraTown) -> None:
    bad, good = cloud.add("bad"), cloud.add("good")
    connector = cloud.connect(comments=False)
    pulled(connector)
    error = {"id": bad, "errorMessage": "Issue data is broken."}
    page = msgspec.json.encode(
        {"issues": [{"id": good, "key": "SUP-2"}], "issueErrors": [error]}
    ).decode()
    json = {"Content-Type": "application/json"}
    cloud.faults.add(kind="body", path="issue/bulkfetch", status=200, body=page, headers=json)
    (batch,) = connector.pull("")
    assert {ref.id: why for ref, why in batch.unreadable}[bad] == "Issue data is broken."
