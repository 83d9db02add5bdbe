"""Reading a ServiceNow with all its quirks: nothing is lost, nothing is believed unseen."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from connectors.base import (
    AuthError,
    ConnectorError,
    ForbiddenError,
    PermanentError,
    TransientError,
    UnreachableError,
)
from connectors.servicenow import connect
from connectors.servicenow.errors import UnknownFieldError
from connectors.servicenow.stamps import write_stamp
from sandbox.servicenow.writing import Hand, insert
from sla_engine.changes import AddComment, SetFields, Why
from sla_engine.model import Gap, Ticket
from sla_engine.terms import FieldTerms
from sla_engine.units import Instant
from tests.connectors.servicenow_desk import SECOND, SECRETS, ServiceNowTown
from tests.contract import final, pulled

WHY = Why("a test")
SPOILT = (
    '{"serviced_requests":[{"id":"1","status_code":200,"body":"?"},'
    '{"id":"2","status_code":500,"body":"e30="}]}'
)


@pytest.fixture
def town() -> Iterator[ServiceNowTown]:
    town = ServiceNowTown()
    yield town
    town.close()


def one(town: ServiceNowTown, identity: str, **fields: FieldTerms) -> Ticket:
    return pulled(town.connect(fields=fields))[0][identity]


def told(error: ConnectorError) -> str:
    return "\n".join([error.what, *(f"{label} {text}" for label, text in error.facts)])


# What a ticket is


def test_codes_and_sys_ids_come_by_their_names(town: ServiceNowTown) -> None:
    team = town.team("Network")
    carla = town.world.rows("sys_user").where("user_name", "carla")[0]
    identity = town.add("Printer on fire", company=carla["company"])
    town.change(identity, state="3", hold_reason="1", assignment_group=team)
    town.change(identity, assigned_to=town.world.user_id("ada"), state="2")
    hold = FieldTerms("hold_reason", {"servicenow": "hold_reason"})
    ticket = one(town, identity, hold_reason=hold)
    assert ticket.initial["status"] == "New"
    assert ticket.initial["requester"] == "carla"
    assert ticket.initial["organization"] == "Acme Freight"
    happened = [(e.field, e.old, e.new) for e in ticket.journal]
    assert ("status", "New", "On Hold") in happened
    assert ("status_category", "new", "in_progress") in happened
    assert ("team", None, "Network") in happened
    assert ("assignee", None, "ada") in happened
    assert ("hold_reason", None, "Awaiting Caller") in happened
    assert ticket.journal[0].actor.name == "Ada Lovelake"
    assert ticket.title == "Printer on fire"
    assert ticket.url.endswith(f"/incident.do?sys_id={identity}")


def test_codes_that_the_policies_name_stay_codes(town: ServiceNowTown) -> None:
    identity = town.add("kept as stored")
    town.change(identity, state="3")
    terms = FieldTerms("status", {"servicenow": "state"}, {"Waiting": ("3",)})
    assert [e.new for e in one(town, identity, status=terms).journal if e.field == "status"] == [
        "3"
    ]


def test_created_may_be_another_column(town: ServiceNowTown) -> None:
    identity = town.add("opened before", opened_at="2026-11-01 08:00:00")
    terms = FieldTerms("created", {"servicenow": "opened_at"})
    ticket = one(town, identity, created=terms)
    assert ticket.created_at < one(town, identity).created_at
    assert "created" not in ticket.initial


def test_dot_walked_fields_have_a_value_and_no_history(town: ServiceNowTown) -> None:
    identity = town.add("whose?")
    zone = FieldTerms("zone", {"servicenow": "caller_id.time_zone"})
    assert one(town, identity, zone=zone).initial["zone"] == "Europe/Berlin"
    assert not any("caller_id.time_zone" in query for query in town.asked("sys_audit"))


def test_who_is_who(town: ServiceNowTown) -> None:
    identity = town.add("a talk")
    for who in ("carla", "ada", "sla-bot", "system"):
        town.change(identity, by=who, comments="Hello")
    kinds = [event.actor.kind for event in one(town, identity).journal]
    assert kinds == ["customer", "staff", "self", "bot"]


# Histories


def test_creation_leaves_no_audit_and_a_new_ticket_costs_no_look_for_it(
    town: ServiceNowTown,
) -> None:
    identity = town.add("brand new")
    assert one(town, identity).incomplete == ""
    assert town.asked("sys_audit") == []


def test_an_update_that_left_no_trace_is_a_hole(town: ServiceNowTown) -> None:
    identity = town.add("imported over")
    town.change(identity, state="2")
    town.change(identity, audit=False, state="6")
    assert one(town, identity).gaps == (
        Gap("status", "In Progress", "Resolved"),
        Gap("status_category", "in_progress", "done"),
    )


def test_audit_rows_that_come_late_are_waited_for(town: ServiceNowTown) -> None:
    identity = town.add("audited lazily")
    town.change(identity, state="2")
    connector = town.connect()
    _, cursor = pulled(connector)
    town.clock.advance(60 * SECOND)
    town.world.dials.audit_lag = 5 * SECOND
    town.change(identity, state="6")
    tickets, cursor = pulled(connector, cursor)
    assert [gap.field for gap in tickets[identity].gaps] == ["status", "status_category"]
    town.clock.advance(10 * SECOND)
    tickets, cursor = pulled(connector, cursor)
    assert tickets[identity].gaps == ()
    assert final(tickets[identity], "status") == "Resolved"
    assert pulled(connector, cursor)[0] == {}


def test_a_first_change_whose_audit_rows_come_late_is_read_once_more(town: ServiceNowTown) -> None:
    town.world.dials.audit_lag = 5 * SECOND
    identity = town.add("audited lazily")
    connector = town.connect()
    _, cursor = pulled(connector)
    town.change(identity, state="6")
    tickets, cursor = pulled(connector, cursor)
    assert tickets[identity].initial["status"] == "Resolved", "nothing yet says otherwise"
    town.clock.advance(6 * SECOND)
    tickets, cursor = pulled(connector, cursor)
    assert tickets[identity].initial["status"] == "New"
    assert pulled(connector, cursor)[0] == {}


def test_a_hole_that_stays_is_not_read_for_ever(town: ServiceNowTown) -> None:
    identity = town.add("imported over")
    town.change(identity, state="2")
    town.change(identity, audit=False, state="6")
    connector = town.connect()
    _, cursor = pulled(connector)
    again = []
    for _ in range(5):
        town.clock.advance(600 * SECOND)
        tickets, cursor = pulled(connector, cursor)
        again.append(identity in tickets)
    assert again[0]
    assert not again[-1]


def test_hidden_audit_rows_are_told_of_the_ticket_they_belong_to(town: ServiceNowTown) -> None:
    tickets = [town.add(f"ticket {number}") for number in range(5)]
    for identity in tickets:
        town.change(identity, state="2", priority="1")
    rows = town.world.rows("sys_audit").where("documentkey", tickets[3])
    town.world.dials.hidden = [rows[0]["sys_id"]]
    found, _ = pulled(town.connect())
    assert [bool(found[identity].incomplete) for identity in tickets] == [False] * 3 + [True, False]
    assert "hidden" in found[tickets[3]].incomplete or "explain" in found[tickets[3]].incomplete


@pytest.mark.parametrize("table", ["sys_audit", "sys_journal_field"])
def test_without_audit_viewer_nothing_is_taken_for_the_whole_truth(
    town: ServiceNowTown, table: str
) -> None:
    identity = town.add("spoken of")
    if table == "sys_audit":
        town.change(identity, state="2")
    town.change(identity, comments="Hello")
    town.world.dials.roles = ["itil"]
    if table == "sys_journal_field":
        row = town.world.get("incident", identity)
        assert row is not None
        town.world.rows("incident").put(dict(row) | {"sys_mod_count": "0"})
    with pytest.raises(ForbiddenError) as error:
        pulled(town.connect())
    assert table in error.value.what
    assert "audit_viewer" in told(error.value)


def test_a_desk_without_a_single_comment_is_no_fault(town: ServiceNowTown) -> None:
    town.add("silent")
    assert len(pulled(town.connect())[0]) == 1


def test_texts_of_others_are_never_asked_for(town: ServiceNowTown) -> None:
    identity = town.add("private")
    town.change(identity, comments="My password is tulip")
    town.change(identity, by="sla-bot", work_notes="[At risk]\n[sla:res#1:75%]")
    assert one(town, identity).marks == {"res#1:75%"}
    asked = [query for query in town.asked("sys_journal_field") if "sys_id,value" in query]
    assert len(asked) == 1
    ours = town.world.rows("sys_journal_field").where("sys_created_by", "sla-bot")
    assert f"sys_idIN{ours[0]['sys_id']}" in asked[0].replace("%3D", "=").replace("%5E", "^")


def test_a_mark_that_somebody_else_wrote_is_none(town: ServiceNowTown) -> None:
    identity = town.add("forged")
    town.change(identity, by="carla", comments="[sla:res#1:breach]")
    assert one(town, identity).marks == frozenset()


def test_without_comments_only_our_own_are_read(town: ServiceNowTown) -> None:
    identity = town.add("quiet")
    town.change(identity, by="carla", comments="Hello")
    town.change(identity, by="sla-bot", work_notes="[sla:k]")
    ticket = pulled(town.connect(comments=False))[0][identity]
    assert [e.actor.kind for e in ticket.journal] == ["self"]
    assert ticket.marks == {"k"}
    before = len(town.asked("sys_journal_field"))
    pulled(town.connect(comments=False, publish={}))
    assert len(town.asked("sys_journal_field")) == before


# Paging


def test_no_row_is_lost_between_hidden_ones_and_rows_of_one_second(town: ServiceNowTown) -> None:
    dice = random.Random(7)
    ids = []
    for number in range(60):
        if dice.random() < 0.3:
            town.tick()
        values = {"short_description": f"ticket {number}"}
        ids.append(insert(town.world, "incident", values, Hand("ada", town.clock.now()))["sys_id"])
    for page in (1, 3, 7, 60):
        town.world.dials.hidden = hidden = dice.sample(ids, dice.randrange(40))
        found, _ = pulled(town.connect(page=page))
        assert set(found) == set(ids) - set(hidden), page


def test_a_whole_page_of_hidden_rows_hides_nothing_behind_it(town: ServiceNowTown) -> None:
    ids = [town.add(f"ticket {number}") for number in range(12)]
    town.world.dials.hidden = ids[2:9]
    assert set(pulled(town.connect(page=2))[0]) == {*ids[:2], *ids[9:]}


def test_a_pull_that_broke_off_goes_on_where_it_was(town: ServiceNowTown) -> None:
    for number in range(6):
        town.add(f"ticket {number}")
        town.clock.advance(300 * SECOND)
    batches = town.connect(page=2).pull("")
    first = next(batches)
    rest, _ = pulled(town.connect(page=2), first.cursor)
    seen = {ticket.ref.id for ticket in first.tickets}
    assert len(seen) == 2
    assert len(rest) == 4
    assert not seen & set(rest)


def test_a_row_of_the_last_second_read_is_not_passed_over(town: ServiceNowTown) -> None:
    town.add("first")
    connector = town.connect()
    _, cursor = pulled(connector)
    values = {"short_description": "in the same second"}
    late = insert(town.world, "incident", values, Hand("ada", town.clock.now()))["sys_id"]
    assert set(pulled(connector, cursor)[0]) == {late}


def test_a_stamp_from_the_future_hides_nothing(town: ServiceNowTown) -> None:
    ahead = town.add("from a node whose clock is wrong")
    row = town.world.get("incident", ahead)
    assert row is not None
    town.world.rows("incident").put(dict(row) | {"sys_updated_on": "2026-12-24 00:00:00"})
    connector = town.connect()
    _, cursor = pulled(connector)
    later = town.add("afterwards")
    assert later in pulled(connector, cursor)[0]


def test_only_what_the_filter_lets_through_is_read(town: ServiceNowTown) -> None:
    town.add("low")
    wanted = town.add("high", impact="1", urgency="1")
    found, _ = pulled(town.connect(query="priorityIN1,2^ORcategory=network^active=true"))
    assert set(found) == {wanted}


# What the instance does not say


@pytest.mark.parametrize(
    ("query", "word"),
    [
        pytest.param("prioritty=1", "prioritty", id="misspelt column"),
        pytest.param("active=true^u_vip=true", "u_vip", id="column of another instance"),
    ],
)
def test_a_filter_that_is_dropped_is_noticed(town: ServiceNowTown, query: str, word: str) -> None:
    town.add("everything comes back")
    with pytest.raises(UnknownFieldError, match=word) as error:
        town.connect(query=query).check()
    assert error.value.code == "SLA110"
    with pytest.raises(UnknownFieldError, match=word):
        pulled(town.connect(query=query))


def test_rows_outside_the_filter_are_an_error_even_if_the_column_is_there(
    town: ServiceNowTown,
) -> None:
    town.add("closed to us")
    row = '{"result":[{"sys_id":"1","sys_updated_on":"2026-11-16 09:00:00","priority":"3"}]}'
    town.faults.add(kind="body", path="/table/incident", body=row, status=200)
    with pytest.raises(UnknownFieldError, match='did not apply the filter "priority=1"') as error:
        pulled(town.connect(query="priority=1"))
    assert "nothing of this answer was used" in told(error.value)


@pytest.mark.parametrize("table", ["sys_audit", "sys_journal_field"])
def test_rows_of_tickets_that_were_not_asked_for_are_never_mixed_in(
    town: ServiceNowTown, table: str
) -> None:
    identity = town.add("the list of ids was dropped")
    town.change(identity, state="2", comments="Hello")
    row = '{"sys_id":"1","documentkey":"other","element_id":"other","element":"comments"}'
    town.faults.add(kind="body", path=table, body=f'{{"result":[{row}]}}', status=200)
    with pytest.raises(UnknownFieldError, match=f"did not apply the filter .* to {table}"):
        pulled(town.connect())


def test_a_mapped_column_that_is_not_there_is_named_with_the_nearest(town: ServiceNowTown) -> None:
    town.add("without tier")
    tier = FieldTerms("tier", {"servicenow": "u_teir"})
    with pytest.raises(UnknownFieldError, match='unknown field "u_teir" in ServiceNow') as error:
        pulled(town.connect(fields={"tier": tier}))
    assert 'did you mean "u_tier"?' in told(error.value)


def test_usual_columns_that_a_table_lacks_are_empty(town: ServiceNowTown) -> None:
    values = {"short_description": "a change", "state": "-5"}
    identity = insert(town.world, "change_request", values, Hand("ada", town.tick()))["sys_id"]
    ticket = pulled(town.connect(table="change_request"))[0][identity]
    assert ticket.initial["requester"] is None
    assert ticket.initial["status_category"] == "new"
    assert ticket.initial["table"] == "change_request"


def test_a_state_that_may_not_be_read_is_an_error_and_not_an_open_ticket(
    town: ServiceNowTown,
) -> None:
    town.add("veiled")
    town.world.dials.hidden_fields = ["incident.state"]
    with pytest.raises(UnknownFieldError, match="state"):
        pulled(town.connect())


def test_our_own_columns_may_be_missing_until_we_write(town: ServiceNowTown) -> None:
    identity = town.add("not set up")
    town.world.drop_column("incident", "u_sla_due")
    ticket = one(town, identity)
    assert set(ticket.written) == {"u_sla_status", "u_sla_summary", "u_sla_missed"}


# Answers that are none


def test_a_200_with_an_error_is_tried_again(town: ServiceNowTown) -> None:
    identity = town.add("in the end")
    error = (
        '{"error":{"message":"Transaction cancelled","detail":"by the quota"},"status":"failure"}'
    )
    town.faults.add(kind="body", path="/table/incident", body=error, status=200)
    town.faults.add(kind="body", path="/table/incident", body="null", status=200)
    assert identity in pulled(town.connect())[0]
    assert len(town.slept) == 2


def test_what_takes_the_server_too_long_is_asked_for_in_smaller_pieces(
    town: ServiceNowTown,
) -> None:
    ids = [town.add(f"ticket {number}") for number in range(4)]
    for identity in ids:
        town.change(identity, state="2")
    slow = '{"error":{"message":"Transaction cancelled: maximum execution time exceeded"}}'
    for path in ("/table/incident", "/table/sys_audit", "/table/sys_journal_field"):
        town.faults.add(kind="body", path=path, body=slow, status=200)
    found, _ = pulled(town.connect())
    assert set(found) == set(ids)
    assert all(not ticket.incomplete for ticket in found.values())
    assert town.slept == [], "asking for the same again would take as long"
    assert len(town.asked("sys_audit")) == 3, "all, and then two halves"


def test_a_list_that_is_too_long_for_a_proxy_is_halved(town: ServiceNowTown) -> None:
    ids = [town.add(f"ticket {number}") for number in range(4)]
    for identity in ids:
        town.change(identity, state="2")
    town.faults.add(kind="status", path="/table/sys_audit", status=414, body="{}")
    assert set(pulled(town.connect())[0]) == set(ids)


def test_a_login_page_is_no_empty_table(town: ServiceNowTown) -> None:
    town.faults.add(kind="html", path="/table/incident")
    with pytest.raises(AuthError):
        pulled(town.connect())


def test_a_row_that_is_no_row_is_told_and_the_others_read(town: ServiceNowTown) -> None:
    row = '{"sys_id":"a","sys_updated_on":"2026-11-16 09:00:00","sys_mod_count":"0","state":"1"'
    row += ',"priority":"3","sys_created_on":"2026-11-16 09:00:00"}'
    body = f'{{"result":[{{"sys_id":["?"]}},{row}]}}'
    town.faults.add(kind="body", path="/table/incident", body=body, status=200)
    (batch,) = town.connect().pull("")
    assert [ticket.ref.id for ticket in batch.tickets] == ["a"]
    assert len(batch.unreadable) == 1


def test_where_no_row_of_a_first_page_can_be_read_the_next_pull_begins_anew(
    town: ServiceNowTown,
) -> None:
    identity = town.add("whole again")
    town.faults.add(kind="body", path="/table/incident", body='{"result":[[]]}', status=200)
    (batch,) = town.connect().pull("")
    assert (batch.tickets, batch.cursor, len(batch.unreadable)) == ((), "", 1)
    assert set(pulled(town.connect(), batch.cursor)[0]) == {identity}


@pytest.mark.parametrize("stamp", ["", "0", "soon"])
@pytest.mark.parametrize("place", [0, 1])
def test_a_row_without_a_time_is_told_and_moves_nothing(
    town: ServiceNowTown, stamp: str, place: int
) -> None:
    at = write_stamp(Instant(town.tick()))
    later = town.add("behind it")
    rows = [row("a", at)]
    rows.insert(place, row("odd", stamp))
    body = f'{{"result":[{",".join(rows)}]}}'
    town.faults.add(kind="body", path="/table/incident", body=body, status=200)
    batches = list(town.connect().pull(""))
    assert {ticket.ref.id for batch in batches for ticket in batch.tickets} == {"a", later}
    assert [ref.id for batch in batches for ref, _ in batch.unreadable] == ["odd"]


def test_a_lone_row_without_a_time_stops_nothing(town: ServiceNowTown) -> None:
    identity = town.add("read before")
    _, cursor = pulled(town.connect())
    body = f'{{"result":[{row("odd", "")}]}}'
    town.faults.add(kind="body", path="/table/incident", body=body, status=200)
    batches = list(town.connect().pull(cursor))
    assert [ref.id for batch in batches for ref, _ in batch.unreadable] == ["odd"]
    town.comment(identity, "customer", public=True)
    assert set(pulled(town.connect(), batches[-1].cursor)[0]) == {identity}


def row(sys_id: str, updated: str) -> str:
    return (
        f'{{"sys_id":"{sys_id}","sys_updated_on":"{updated}","sys_mod_count":"0","state":"1",'
        '"priority":"3","sys_created_on":"2026-11-16 09:00:00"}'
    )


def test_a_server_that_turns_the_order_round_is_not_believed(town: ServiceNowTown) -> None:
    rows = ",".join(
        f'{{"sys_id":"{name}","sys_updated_on":"2026-11-16 09:00:00","state":"1"}}' for name in "ba"
    )
    body = f'{{"result":[{rows}]}}'
    town.faults.add(kind="body", path="/table/incident", body=body, status=200)
    with pytest.raises(PermanentError, match="did not keep to the order"):
        pulled(town.connect())


def test_a_cursor_of_another_system_is_refused(town: ServiceNowTown) -> None:
    with pytest.raises(PermanentError, match="no cursor of a ServiceNow"):
        pulled(town.connect(), '{"watermark": 1}')


# Signing in


@pytest.mark.parametrize("way", ["oauth", "basic", "api_key"])
def test_each_way_in_opens_and_a_wrong_secret_does_not(town: ServiceNowTown, way: str) -> None:
    town.add("let me in")
    right = town.connect(secrets=SECRETS, auth=way, client_id="sandbox-client")
    assert right.check() is not None
    lies = dict.fromkeys(SECRETS, "c4n4ry-t0ken")
    wrong = town.connect(secrets=lies, auth=way, client_id="sandbox-client")
    with pytest.raises(AuthError) as error:
        wrong.check()
    assert error.value.code == "SLA401"
    assert "c4n4ry" not in told(error.value)
    assert "SLA_SNOW_ACME_" in told(error.value)


def test_a_token_is_fetched_once_and_anew_before_it_dies(town: ServiceNowTown) -> None:
    town.add("by token")
    connector = town.connect_by_oauth()
    pulled(connector)
    assert town.tokens() == 1
    town.monotonic += 0.79 * 1799
    pulled(connector)
    assert town.tokens() == 1
    town.monotonic += 0.02 * 1799
    pulled(connector)
    assert town.tokens() == 2
    assert connector.requests() == len(town.log)


def test_a_token_that_was_revoked_is_replaced_at_once(town: ServiceNowTown) -> None:
    town.add("by token")
    town.faults.say({"chaos": "expire-token=after:2"})
    assert len(pulled(town.connect_by_oauth())[0]) == 1


def test_a_dead_host_is_not_tried_for_ever_for_a_token(town: ServiceNowTown) -> None:
    connector = town.connect_by_oauth()
    town.served.stop()
    with pytest.raises(UnreachableError):
        connector.check()
    assert connector.requests() == 1
    assert town.slept == []


def test_a_token_endpoint_that_dies_between_is_not_tried_for_ever(town: ServiceNowTown) -> None:
    town.add("by token")
    connector = town.connect_by_oauth()
    connector.check()
    town.faults.say({"chaos": "expire-token=after:1"})
    connector.check()
    town.faults.add(kind="status", path="oauth_token", status=503, times=0)
    with pytest.raises(TransientError):
        connector.check()
    assert connector.requests() < 20


def test_a_token_that_cannot_be_had_means_that_nothing_was_written(town: ServiceNowTown) -> None:
    identity = town.add("to be written")
    ticket = one(town, identity)
    connector = town.connect_by_oauth()
    town.faults.add(kind="drop", path="oauth_token", times=0)
    note = AddComment(ticket.ref, "k", ("Hello",), WHY)
    fields = SetFields(ticket.ref, (("u_sla_status", "Met"),), WHY)
    outcomes = connector.write(ticket.ref, [note, fields]).outcomes
    assert [outcome.kind for outcome in outcomes] == ["retryable", "retryable"]
    assert town.writes() == 0


@pytest.mark.parametrize(
    ("options", "word"), [({"user": ""}, "user"), ({"auth": "oauth", "client_id": ""}, "client_id")]
)
def test_a_connection_says_who_it_is(
    town: ServiceNowTown, options: dict[str, object], word: str
) -> None:
    with pytest.raises(PermanentError, match=f"connections.snow/acme says no {word}"):
        connect(town.connection(options))


# What it costs


def busy(town: ServiceNowTown, count: int) -> list[str]:
    """So many tickets, each changed, commented and noted by us."""
    ids = [town.add(f"ticket {number}") for number in range(count)]
    town.clock.advance(300 * SECOND)
    for identity in ids:
        town.change(identity, state="2", comments="Looking into it")
        town.change(identity, by="sla-bot", work_notes="[At risk]\n[sla:k]")
    return ids


def test_a_thousand_changed_tickets_cost_six_requests(town: ServiceNowTown) -> None:
    old = town.add("long ago")
    connector = town.connect_by_oauth()
    _, cursor = pulled(connector)
    town.clock.advance(300 * SECOND)
    ids = busy(town, 1_000)
    before = connector.requests()
    tickets, cursor = pulled(connector, cursor)
    assert connector.requests() - before <= 6
    assert set(tickets) - {old} == set(ids)
    assert all(len(tickets[one].journal) == 4 for one in ids)
    assert all(tickets[one].marks == {"k"} for one in ids)
    assert not any(ticket.incomplete for ticket in tickets.values())
    before = connector.requests()
    assert pulled(connector, cursor)[0] == {}
    assert connector.requests() - before <= 2


def test_where_batches_are_closed_lists_of_ids_stay_short_enough_for_an_address(
    town: ServiceNowTown,
) -> None:
    ids = busy(town, 450)
    town.faults.add(path="/batch", times=0, kind="status", status=403, body="{}")
    connector = town.connect()
    tickets, _ = pulled(connector)
    assert connector.requests() <= 16
    assert set(tickets) == set(ids)
    assert max(len(asked.query) for asked in town.log.all()) < 8_000


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 401, "body": "{}"},
        {"kind": "status", "status": 403, "body": "{}"},
        {"kind": "status", "status": 404, "body": "{}"},
        {"kind": "body", "status": 200, "body": '{"serviced_requests":[]}'},
        {"kind": "body", "status": 200, "body": SPOILT},
    ],
    ids=[
        "not in the key's policy",
        "forbidden",
        "not there",
        "not served in time",
        "spoilt answers",
    ],
)
def test_what_a_batch_does_not_answer_is_asked_for_alone(
    town: ServiceNowTown, fault: dict[str, object]
) -> None:
    ids = busy(town, 250)
    whole, _ = pulled(town.connect())
    town.faults.add(path="/batch", times=0, **fault)
    connector = town.connect()
    alone, _ = pulled(connector)
    assert set(alone) == set(ids)
    assert alone == whole
    tried = [asked for asked in town.log.all() if "/batch" in asked.path and asked.status != 200]
    assert len(tried) <= 1, "once it said no it is not asked again"
